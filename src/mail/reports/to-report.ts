import { createHash } from 'node:crypto';
import { pickDefined } from '../../core/pick-defined.ts';
import type { Report } from '../../ports/people/mailbox.ts';
import type { ReadToken } from './known-token.ts';
import { readReport } from './read-mail-report.ts';

/** What of us is in such a mail. */
export interface Knowing {
  /** Ours, without tokens. */
  addresses: string[];
  /** What is behind the + of an address. */
  readToken: ReadToken;
}

export async function toReport(raw: Buffer, { addresses, readToken }: Knowing): Promise<Report> {
  const { kind, token, envelopeId, messageIds, from, words } = await readReport(raw, { addresses });
  const known = [token, envelopeId].map((one) => (one === undefined ? {} : readToken(one)));
  return pickDefined({
    id: createHash('sha256').update(raw).digest('base64url'),
    kind,
    dispatch: known.find(({ dispatch }) => dispatch !== undefined)?.dispatch,
    messageIds: [...known.flatMap(({ messageId }) => messageId ?? []), ...messageIds],
    from,
    words,
  });
}
