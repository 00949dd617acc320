import { createHash } from 'node:crypto';
import { pickDefined } from '../../core/pick-defined.ts';
import type { Report } from '../../ports/people/mailbox.ts';
import { readReport } from './read-mail-report.ts';

/** What of us is in such a mail. */
export interface Knowing {
  /** Ours, without tokens. */
  addresses: string[];
  /** The dispatch behind the + of an address; undefined: nobody of us made it. */
  readToken(token: string): string | undefined;
}

export async function toReport(raw: Buffer, { addresses, readToken }: Knowing): Promise<Report> {
  const { kind, token, messageIds, from, words } = await readReport(raw, { addresses });
  return pickDefined({
    id: createHash('sha256').update(raw).digest('base64url'),
    kind,
    dispatch: token === undefined ? undefined : readToken(token),
    messageIds,
    from,
    words,
  });
}
