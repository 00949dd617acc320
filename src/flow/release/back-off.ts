import { pickDefined } from '../../core/pick-defined.ts';
import { day, type Instant } from '../../core/time.ts';
import type { Context, Timing } from '../context.ts';
import { type AccountFact, changeAccount, readAccount } from '../facts.ts';
import { tellEnd, withoutTrouble, withTrouble } from './account-trouble.ts';

/**
 * 1, 2, 4 … minutes, at most half an hour: a network that is down for a day is asked fifty times.
 */
export function backoffFor(attempts: number, { retryAfter }: Pick<Timing, 'retryAfter'>): number {
  return Math.ceil(retryAfter * Math.min(30, 2 ** Math.min(10, attempts - 1)));
}

export interface Wait {
  until: Instant;
  lastError: string;
  isAsked?: boolean;
  /** It does not end by itself. */
  needsPerson?: boolean;
}

/** The account's network cannot be reached, or asked us to wait. */
export async function backOff(
  context: Pick<Context, 'store' | 'clock'>,
  account: string,
  { until, lastError, isAsked = false, needsPerson = false }: Wait,
): Promise<void> {
  await changeAccount(context.store, account, ({ isAskedToWait: _asked, ...fact }) =>
    pickDefined({
      ...withTrouble(fact, context, { needsPerson }),
      backoffUntil: until,
      isAskedToWait: isAsked ? (true as const) : undefined,
      failures: fact.failures + 1,
      lastError,
    }),
  );
}

/**
 * A success shows that the network is there again. A wait that it has asked for stands: what was
 * found or answered meanwhile takes nothing back.
 */
export async function clearBackoff(context: Pick<Context, 'store' | 'clock'>, account: string) {
  const { store, clock } = context;
  let before: AccountFact | undefined;
  await changeAccount(store, account, (fact) => {
    before = undefined;
    if (!fact.failures && fact.backoffUntil === undefined) return undefined;
    if (fact.isAskedToWait && (fact.backoffUntil ?? 0) > clock.now()) return undefined;
    before = fact;
    const { backoffUntil: _until, lastError: _error, isAskedToWait: _asked, ...rest } = fact;
    return { ...withoutTrouble(rest), failures: 0 };
  });
  if (before) await tellEnd(context, account, before);
}

export interface Held {
  because: string;
  isClockWrong?: true;
}

/** The credential is no longer good: everything of this account waits for a person. */
export async function holdAccount(
  { store, clock }: Pick<Context, 'store' | 'clock'>,
  account: string,
  { because, isClockWrong }: Held,
): Promise<void> {
  if ((await readAccount(store, account)).heldBecause === because) return;
  await changeAccount(store, account, (fact) =>
    pickDefined({ ...fact, heldBecause: because, isClockWrong }),
  );
  const at = clock.now();
  await store.appendJournal([
    {
      id: `held:${account}:${Math.floor(at / day)}:${because}`,
      at,
      type: 'held',
      by: 'dripline',
      account,
      text: `${account} is held: ${because}`,
    },
  ]);
}
