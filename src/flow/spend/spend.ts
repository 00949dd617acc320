import { pickDefined } from '../../core/pick-defined.ts';
import { formatUsd, type XCharge, xPrices } from '../../core/network/x-prices.ts';
import { formatLocal, type Instant, minute, toIso } from '../../core/time.ts';
import type { Charge, CostLedger, Purpose, Reservation } from '../../ports/cost-ledger.ts';
import { PublishError } from '../../ports/publisher.ts';
import { type Store, StoreError } from '../../ports/store.ts';
import { costOfPlanned } from './cost.ts';
import { type Context, makeEntry } from '../context.ts';
import { type FactKey, changeFact, factKey, readFact } from '../facts.ts';

type Spending = Pick<Context, 'store' | 'clock' | 'settings'>;

/**
 * Millionths of a USD by what they were for; what is reserved counts as spent until it is
 * corrected.
 */
export type ByCharge = Partial<Record<XCharge, number>>;

interface SpendFact {
  byCharge: ByCharge;
  /** What was read on the latest UTC day, and is not billed again on it. */
  day: { date: string; read: string[] };
}

const nothing: SpendFact = { byCharge: {}, day: { date: '', read: [] } };

/** X bills by calendar months and days in UTC. */
export const monthOf = (at: Instant): string => toIso(at).slice(0, 7);
const dateOf = (at: Instant): string => toIso(at).slice(0, 10);

export function nextMonth(at: Instant): Instant {
  const date = new Date(at);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1);
}

const spendFact = (account: string, at: Instant) =>
  factKey(`spend:${account}:${monthOf(at)}`, nothing);
const sum = (charges: ByCharge): number =>
  Object.values(charges).reduce((total, one) => total + one, 0);

export interface Spend {
  /** `2026-11`, UTC. */
  month: string;
  microUsd: number;
  byCharge: ByCharge;
}

/** What the account has spent in the month of this instant. */
export async function readSpend(store: Store, account: string, now: Instant): Promise<Spend> {
  const byCharge = (await readFact(store, spendFact(account, now))).byCharge;
  return { month: monthOf(now), microUsd: sum(byCharge), byCharge };
}

/** In millionths of a USD a month; undefined: there is none. */
export function budgetOf({ accounts }: Context['settings'], account: string): number | undefined {
  return accounts.find(({ name }) => name === account)?.budget;
}

/**
 * Writes down what calls cost, keeps to the accounts' budgets, and tells of each stage once a
 * month.
 */
export function openCostLedger(context: Spending): CostLedger {
  const { store, clock } = context;
  return {
    async reserve(account, purpose, charges) {
      const now = clock.now();
      const reserved = await written(
        () => reserve(context, { account, purpose, charges, now }),
        now,
      );
      return {
        async settle(came) {
          try {
            await correct(store, spendFact(account, now), { reserved, came, now: clock.now() });
          } catch (error) {
            if (!(error instanceof StoreError)) throw error;
          }
        },
      } satisfies Reservation;
    },
  };
}

async function written<T>(work: () => Promise<T>, now: Instant): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    throw new PublishError('wait', `what it costs cannot be written down: ${error.message}`, {
      until: now + minute,
      cause: error,
    });
  }
}

interface Wanted {
  account: string;
  purpose: Purpose;
  charges: readonly Charge[];
  now: Instant;
}

async function reserve(
  context: Spending,
  { account, purpose, charges, now }: Wanted,
): Promise<ByCharge> {
  const budget = purpose === 'finish' ? undefined : budgetOf(context.settings, account);
  // Numbers are worth less than the posts themselves: what is planned comes first.
  const kept =
    purpose === 'measure' && budget !== undefined
      ? await costOfPlanned(context, account, nextMonth(now))
      : 0;
  let estimate: ByCharge = {};
  let isRefused = false;
  const after = await changeFact(context.store, spendFact(account, now), (fact) => {
    estimate = priceOf(charges, readOn(fact, now));
    const cost = sum(estimate);
    isRefused = budget !== undefined && cost > 0 && sum(fact.byCharge) + cost + kept > budget;
    return isRefused || cost === 0
      ? undefined
      : { ...fact, byCharge: add(fact.byCharge, estimate, 1) };
  });
  if (isRefused && budget !== undefined)
    return refuse(context, { account, purpose, budget, spent: sum(after.byCharge), now });
  const whole = budgetOf(context.settings, account);
  if (whole !== undefined && sum(after.byCharge) >= 0.8 * whole)
    await tellStage(context, account, 'four-fifths');
  return estimate;
}

interface Refused extends Omit<Wanted, 'charges'> {
  budget: number;
  spent: number;
}

async function refuse(
  context: Spending,
  { account, purpose, budget, spent, now }: Refused,
): Promise<never> {
  const has = `the X budget of ${formatUsd(budget)} a month for ${account}`;
  const said = `${has} has no room for it: ${formatUsd(spent)} are spent`;
  if (purpose !== 'measure')
    throw new PublishError('wait', `${said}. It is rescheduled`, {
      until: now + minute,
      isOverBudget: true,
    });
  await tellStage(context, account, 'measuring');
  const until = nextMonth(now);
  throw new PublishError(
    'wait',
    `${said}, and scheduled posts go first. Measuring resumes ${formatLocal(until, 'UTC')} UTC`,
    { until, isOverBudget: true },
  );
}

/** What the account's posts and users of this UTC day are, which were billed on it already. */
function readOn({ day }: SpendFact, now: Instant): ReadonlySet<string> {
  return new Set(day.date === dateOf(now) ? day.read : []);
}

const resourceOf = (of: XCharge, id: string) => (of === 'user' ? `u${id}` : id);

function priceOf(charges: readonly Charge[], read: ReadonlySet<string>): ByCharge {
  const priced: ByCharge = {};
  for (const { of, count, ids = [] } of charges) {
    const known = [...new Set(ids)].filter((id) => read.has(resourceOf(of, id))).length;
    const cost = Math.max(0, count - known) * xPrices[of];
    if (cost > 0) priced[of] = (priced[of] ?? 0) + cost;
  }
  return priced;
}

function add(charges: ByCharge, more: ByCharge, sign: 1 | -1): ByCharge {
  const all: ByCharge = { ...charges };
  for (const [of, cost] of Object.entries(more) as [XCharge, number][])
    all[of] = (all[of] ?? 0) + sign * cost;
  return Object.fromEntries(Object.entries(all).filter(([, cost]) => cost !== 0)) as ByCharge;
}

/** In place of the estimate: what came. */
async function correct(
  store: Store,
  spent: FactKey<SpendFact>,
  { reserved, came, now }: { reserved: ByCharge; came: readonly Charge[]; now: Instant },
): Promise<void> {
  await changeFact(store, spent, (fact) => {
    const read = readOn(fact, now);
    const byCharge = add(add(fact.byCharge, reserved, -1), priceOf(came, read), 1);
    const fresh = came
      .flatMap(({ of, ids = [] }) => ids.map((id) => resourceOf(of, id)))
      .filter((one) => !read.has(one));
    if (fresh.length === 0 && JSON.stringify(byCharge) === JSON.stringify(fact.byCharge))
      return undefined;
    return { byCharge, day: { date: dateOf(now), read: [...read, ...new Set(fresh)] } };
  });
}

export type Stage = 'four-fifths' | 'measuring' | 'links' | 'everything';

/** Once for each month. */
export async function tellStage(context: Spending, account: string, stage: Stage): Promise<void> {
  const { store, clock, settings } = context;
  const now = clock.now();
  const until = `${formatLocal(nextMonth(now), 'UTC')} UTC`;
  const budget = `the X budget of ${account}`;
  const raise = `Raise accounts.${account}.budget if that is too soon`;
  const noNumbers = `no numbers until ${until}. ${raise}`;
  const order = 'When it is used up, measuring stops first, then posts with links, then all posts';
  const texts: Record<Stage, string> = {
    'four-fifths': `four fifths of ${budget} for this month are spent. ${order}`,
    measuring: `${budget} has no room for measuring beside the scheduled posts: ${noNumbers}`,
    links: `${budget} has no room for every post with a link: some wait until ${until}. ${raise}`,
    everything: `${budget} is used up: posts wait until ${until}. ${raise}`,
  };
  const id = `budget:${account}:${monthOf(now)}:${stage}`;
  const network = settings.accounts.find(({ name }) => name === account)?.network;
  await store.appendJournal([
    makeEntry(context, 'notice', pickDefined({ id, account, network, text: texts[stage] })),
  ]);
}
