import type { Account } from '../../core/network/account.ts';
import type { Cadence } from '../../core/schedule/cadence.ts';
import type { Delivery } from '../../core/delivery/delivery.ts';
import { limitsFor, traitsOf } from '../../core/network/traits-of.ts';
import { pauseOf } from '../../core/pause-state.ts';
import { pickDefined } from '../../core/pick-defined.ts';
import type { Instant } from '../../core/time.ts';
import { costOfPlanned } from '../../flow/spend/cost.ts';
import { readAccount, readPause, readFact } from '../../flow/facts.ts';
import { feedFact } from '../../flow/ingest/look-at-feed.ts';
import { readPeople } from '../../flow/measure/find-replies.ts';
import { budgetOf, nextMonth, readSpend } from '../../flow/spend/spend.ts';
import type { FeedState } from '../../ports/source.ts';
import type { CommandContext } from '../command.ts';
import { type PaceRow, readPaceRow } from '../stats/stats-pace.ts';

/** What is known of each account besides its deliveries. */
export async function readAccounts(context: CommandContext) {
  return Promise.all(context.settings.accounts.map((account) => readOne(context, account)));
}

export type AccountView = Awaited<ReturnType<typeof readOne>>;

async function readOne(context: CommandContext, account: Account) {
  const { name, network } = account;
  const { store, clock, settings } = context;
  const now = clock.now();
  const [fact, pauses, { followers }, queued, spend] = await Promise.all([
    readAccount(store, name),
    readPause(store),
    readPeople(context, name),
    store.countDeliveries({ account: name, states: ['planned', 'queued', 'waiting'] }),
    traitsOf(network).billing ? readMoney(context, name, now) : undefined,
  ]);
  return pickDefined({
    name,
    network,
    fact,
    limits: fact.limits ?? limitsFor(account),
    isAsked: fact.limits !== undefined,
    pause: pauseOf(pauses, name, now),
    isAllPaused: pauseOf(pauses, '', now) !== undefined,
    followers,
    queued,
    cadence: settings.cadences[name],
    spend,
  });
}

/** `plannedMicroUsd` counts posts scheduled this month without a link: these go first. */
async function readMoney(context: CommandContext, account: string, now: Instant) {
  const [spend, plannedMicroUsd] = await Promise.all([
    readSpend(context.store, account, now),
    costOfPlanned(context, account, nextMonth(now)),
  ]);
  const budget = budgetOf(context.settings, account);
  return pickDefined({ ...spend, plannedMicroUsd, budget });
}

export interface FeedView {
  url: string;
  queue?: string;
  state: FeedState;
}

export async function readFeeds({ store, settings }: CommandContext): Promise<FeedView[]> {
  return Promise.all(
    (settings.feeds ?? []).map(async ({ url, queue }) =>
      pickDefined({ url, queue, state: await readFact(store, feedFact(url)) }),
    ),
  );
}

export interface PaceView {
  account: string;
  cadence?: Cadence;
  pace: PaceRow;
  hoursSaid?: { isReal: boolean; text: string[] };
  upcoming: Delivery[];
}

const shownSlots = 3;

/** The pace of each account, with its reason and its next posts. */
export async function readPaces(context: CommandContext): Promise<PaceView[]> {
  const { settings, store } = context;
  return Promise.all(
    settings.accounts.map(async ({ name, network }): Promise<PaceView> => {
      const [{ pace, hoursSaid }, upcoming] = await Promise.all([
        readPaceRow(context, { account: name, network }),
        store.listDeliveries({
          account: name,
          states: ['planned'],
          order: 'at',
          limit: shownSlots,
        }),
      ]);
      const cadence = settings.cadences[name];
      return pickDefined({ account: name, pace, upcoming, cadence, hoursSaid });
    }),
  );
}
