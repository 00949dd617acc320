import { pickDefined } from '../../core/pick-defined.ts';
import { day, type Instant } from '../../core/time.ts';
import type { Context, Timing } from '../context.ts';
import { changeAccount, readAccount } from '../facts.ts';

/**
 * 1, 2, 4 … minutes, at most half an hour: a network that is down for a day is asked fifty times.
 */
export function backoffFor(attempts: number, { retryAfter }: Pick<Timing, 'retryAfter'>): number {
  return Math.ceil(retryAfter * Math.min(30, 2 ** Math.min(10, attempts - 1)));
}

/** The account's network cannot be reached, or asked us to wait. */
export async function backOff(
  { store }: Pick<Context, 'store'>,
  account: string,
  { until, lastError, isAsked = false }: { until: Instant; lastError: string; isAsked?: boolean },
): Promise<void> {
  await changeAccount(store, account, ({ isAskedToWait: _asked, ...fact }) =>
    pickDefined({
      ...fact,
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
export async function clearBackoff(
  { store, clock }: Pick<Context, 'store' | 'clock'>,
  account: string,
) {
  await changeAccount(store, account, (fact) => {
    if (!fact.failures && fact.backoffUntil === undefined) return undefined;
    if (fact.isAskedToWait && (fact.backoffUntil ?? 0) > clock.now()) return undefined;
    const { backoffUntil: _until, lastError: _error, isAskedToWait: _asked, ...rest } = fact;
    return { ...rest, failures: 0 };
  });
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
