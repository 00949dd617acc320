import { type ClockVote, judgeClocks } from '../../core/clock-votes.ts';
import type { Account } from '../../core/network/account.ts';
import type { Identity } from '../../core/network/network.ts';
import { reallyFor } from '../../ports/clock.ts';
import { type Context, makeEntry } from '../context.ts';
import { changeAccount, readAccount } from '../facts.ts';
import { holdAccount } from './back-off.ts';

type Judging = Pick<Context, 'store' | 'clock' | 'hold' | 'log' | 'settings'>;

/** What an account's network answered to who the account is also tells the time. */
export function noteClock(
  { clock, hold, settings }: Pick<Context, 'clock' | 'hold' | 'settings'>,
  name: string,
  { url, skew }: Identity & { skew?: number },
): void {
  if (skew === undefined) return;
  const account = settings.accounts.find((one) => one.name === name);
  hold.votes ??= new Map();
  const server = serverOf(account, url);
  hold.votes.set(name, { account: name, server, skew: reallyFor(clock, skew) });
}

const serverOf = (account: Account | undefined, url: string) =>
  `${account?.network} ${URL.canParse(url) ? new URL(url).host : url}`;

/**
 * Holds everything where most networks disagree with this machine's clock, and an account alone
 * where its network disagrees with the others; and lets go where they agree again. True: something
 * may be published that was held before.
 */
export async function judgeNetworkClocks(context: Judging): Promise<boolean> {
  const votes = [...(context.hold.votes?.values() ?? [])];
  // Without an answer the hold of a clock that was set stands.
  if (!votes.length) return false;
  const { against, because, outliers } = judgeClocks(votes);
  let isLifted = holdAll(context, { against, because });
  for (const vote of votes)
    isLifted = (await holdForClock(context, vote, outliers.get(vote.account))) || isLifted;
  return isLifted;
}

function holdAll(
  { hold, log }: Judging,
  { against, because }: { against: readonly string[]; because: string | undefined },
): boolean {
  if (because === undefined) {
    if (hold.because === undefined) return false;
    log.info('the clock agrees with the networks again: publishing resumes');
    delete hold.because;
    delete hold.against;
    return true;
  }
  // The words change with each minute: they stand for as long as the same networks say so.
  if (hold.against !== against.join()) {
    log.warn(because);
    hold.because = because;
    hold.against = against.join();
  }
  return false;
}

/** Undefined: its network's clock is right. */
async function holdForClock(
  context: Judging,
  { account }: ClockVote,
  because: string | undefined,
): Promise<boolean> {
  const { store } = context;
  const { heldBecause, isClockWrong } = await readAccount(store, account);
  if (because !== undefined) {
    // What a person has to settle stands before it; and the words change with each second.
    if (heldBecause === undefined)
      await holdAccount(context, account, { because, isClockWrong: true });
    return false;
  }
  if (!isClockWrong) return false;
  await changeAccount(store, account, (fact) => {
    const { heldBecause: _held, isClockWrong: _clock, ...rest } = fact;
    return fact.isClockWrong ? rest : undefined;
  });
  const text = `${account}'s clock agrees with the others again: publishing resumes`;
  await store.appendJournal([makeEntry(context, 'notice', { account, text })]);
  return true;
}
