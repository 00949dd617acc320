import { pickDefined } from '../../core/pick-defined.ts';
import { hour, minute } from '../../core/time.ts';
import { type Context, makeEntry } from '../context.ts';
import { type AccountFact, changeAccount, readAccount } from '../facts.ts';

type Telling = Pick<Context, 'store' | 'clock'>;

/** Shorter troubles end by themselves, and need no one. */
const tellAfter = hour;
const accountsEvery = 10 * minute;

/**
 * One notice where an account has not been able to publish for an hour, and at once where only a
 * person can change that.
 */
export async function tellTrouble(context: Telling, account: string): Promise<void> {
  const { store, clock } = context;
  const fact = await readAccount(store, account);
  const { troubledSince, needsPerson, isTroubleTold, heldBecause } = fact;
  // What holds it has been told already.
  if (troubledSince === undefined || isTroubleTold || heldBecause !== undefined) return;
  if (!needsPerson && clock.now() - troubledSince < tellAfter) return;
  if (!needsPerson && !(await hasMore(context, account))) return;
  const entry = { id: `trouble:${account}:${troubledSince}`, account, text: tell(account, fact) };
  await store.appendJournal([makeEntry(context, needsPerson ? 'held' : 'notice', entry)]);
  await changeAccount(store, account, (now) =>
    now.troubledSince === troubledSince ? { ...now, isTroubleTold: true } : undefined,
  );
}

const hasMore = async ({ store }: Telling, account: string): Promise<boolean> =>
  (await store.countDeliveries({ account, states: ['planned', 'queued', 'releasing'] })) > 0;

function tell(account: string, { needsPerson, lastError }: AccountFact): string {
  const why = lastError ?? 'its network cannot be reached';
  return needsPerson
    ? `${account} cannot publish until you act: ${why}. Dripline keeps trying`
    : `${account} has not been able to publish for an hour: ${why}. Dripline keeps trying`;
}

export const withoutTrouble = ({
  troubledSince: _since,
  needsPerson: _person,
  isTroubleTold: _told,
  ...fact
}: AccountFact): AccountFact => fact;

export const withTrouble = (
  fact: AccountFact,
  { clock }: Telling,
  { needsPerson = false }: { needsPerson?: boolean } = {},
): AccountFact =>
  pickDefined({
    ...fact,
    troubledSince: fact.troubledSince ?? clock.now(),
    needsPerson: needsPerson ? (true as const) : undefined,
  });

/** Whoever was told of the trouble is told of its end. */
export async function tellEnd(context: Telling, account: string, before: AccountFact) {
  if (!before.isTroubleTold) return;
  const id = `works:${account}:${before.troubledSince}`;
  const text = `${account} works again: publishing resumes`;
  await context.store.appendJournal([makeEntry(context, 'notice', { id, account, text })]);
}

/** Held accounts are asked often whether they are well again, the others now and then. */
export async function accountsDueIn({ store, settings, timing }: Context): Promise<number> {
  const facts = await Promise.all(settings.accounts.map(({ name }) => readAccount(store, name)));
  const isWell = facts.every(
    ({ heldBecause, identity }) => heldBecause === undefined && identity !== undefined,
  );
  return isWell ? accountsEvery : timing.heldAccountsEvery;
}
