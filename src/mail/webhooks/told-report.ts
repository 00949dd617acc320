import { createHash } from 'node:crypto';
import { pickDefined } from '../../core/pick-defined.ts';
import type { Report } from '../../ports/people/mailbox.ts';
import { wordsOf } from '../judge-failure.ts';
import type { ReadToken } from '../reports/known-token.ts';
import { judgeStatus } from '../reports/judge-status.ts';

/** What a provider tells of one mail. */
export interface Told {
  /** Its name, and whatever is the same when it is told again. */
  id: readonly string[];
  kind: Report['kind'];
  /** What we gave the mail to be known by. */
  token?: string | undefined;
  /** Ours and the provider's, with angle brackets or without. */
  messageIds: readonly string[];
  words: string;
}

const longestId = 300;

/** Each Message-ID as servers write it; one of ours has the token before its @. */
export function toReport({ id, kind, token = '', messageIds, words }: Told, readToken: ReadToken) {
  const bare = messageIds
    .map((one) => one.trim().replaceAll(/[<>]/g, '').slice(0, longestId))
    .filter(Boolean);
  const known = [token, ...bare.map((one) => one.split('@')[0] ?? '')].map(readToken);
  return pickDefined({
    id: createHash('sha256').update(JSON.stringify(id)).digest('hex').slice(0, 32),
    kind,
    dispatch: known.find(({ dispatch }) => dispatch !== undefined)?.dispatch,
    messageIds: [
      ...known.flatMap(({ messageId }) => messageId ?? []),
      ...bare.flatMap((one) => [`<${one}>`, one]),
    ],
    words: wordsOf(words),
  }) satisfies Report;
}

/** What a provider calls a failure, weighed against what the other server said. */
export function judgeTold(
  isPermanent: boolean,
  { status, words }: { status: string; words: string },
): Extract<Report['kind'], 'hard' | 'soft' | 'policy'> {
  const { verdict, status: known } = judgeStatus(status, words);
  if (verdict === 'policy') return 'policy';
  if (!isPermanent) return 'soft';
  if (verdict === 'hard' || known !== undefined) return verdict;
  return /\b(?:full|quota)\b/i.test(words) ? 'soft' : 'hard';
}
