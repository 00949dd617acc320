import type { XAccount } from '../../core/network/account.ts';
import type { XCharge } from '../../core/network/x-prices.ts';
import type { Charge, CostLedger, Purpose } from '../../ports/cost-ledger.ts';
import { PublishError } from '../../ports/publisher.ts';

/** What a read may bring at most, and which of it is known beforehand. */
interface Reading {
  posts?: number;
  users?: number;
  postIds?: readonly string[];
  userIds?: readonly string[];
  /** It comes from the own timeline, or from the own mentions. */
  isOwn?: boolean;
}

export interface Billing {
  read<T>(purpose: Purpose, reading: Reading, call: () => Promise<T>): Promise<T>;
  /**
   * For what is billed by request. An unknown outcome may have been billed: the estimate
   * stands.
   */
  act<T>(purpose: Purpose, of: XCharge, call: () => Promise<T>): Promise<T>;
}

/** Reserves what each call may cost before it is made, and corrects that by what came of it. */
export function openBilling(
  { name, ownReads = true }: XAccount,
  ledger: CostLedger | undefined,
): Billing {
  return {
    async read(purpose, reading, call) {
      const of: XCharge = reading.isOwn && ownReads ? 'ownRead' : 'read';
      const reservation = await ledger?.reserve(name, purpose, toCharges(of, reading));
      try {
        const answer = await call();
        const { posts, users } = idsIn(answer);
        await reservation?.settle(
          toCharges(of, {
            posts: posts.length,
            users: users.length,
            postIds: posts,
            userIds: users,
          }),
        );
        return answer;
      } catch (error) {
        await reservation?.settle([]);
        throw error;
      }
    },
    async act(purpose, of, call) {
      const reservation = await ledger?.reserve(name, purpose, [{ of, count: 1 }]);
      try {
        return await call();
      } catch (error) {
        if (!(error instanceof PublishError && error.kind === 'unknown'))
          await reservation?.settle([]);
        throw error;
      }
    },
  };
}

function toCharges(
  of: XCharge,
  { posts = 0, users = 0, postIds = [], userIds = [] }: Reading,
): Charge[] {
  return [
    ...(posts ? [{ of, count: posts, ids: postIds }] : []),
    ...(users ? [{ of: 'user' as const, count: users, ids: userIds }] : []),
  ];
}

/** Every post and every user that an answer brought, each once. */
function idsIn(answer: unknown): { posts: string[]; users: string[] } {
  const { data, includes } = (unwrap(answer) ?? {}) as {
    data?: unknown;
    includes?: Record<string, unknown>;
  };
  const ids = (things: unknown[]) => [
    ...new Set(
      things
        .map((one) => (one as { id?: unknown } | null)?.id)
        .filter((id) => typeof id === 'string'),
    ),
  ];
  const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
  const isUser = typeof data === 'object' && data !== null && 'username' in data;
  return {
    posts: ids([...list(data), ...list(includes?.['tweets']), ...list(includes?.['posts'])]),
    users: ids([...(isUser ? [data] : []), ...list(includes?.['users'])]),
  };
}

/** With its headers, or without. */
const unwrap = (answer: unknown): unknown =>
  typeof answer === 'object' && answer !== null && 'headers' in answer && 'data' in answer
    ? (answer as { data: unknown }).data
    : answer;
