import type { Delivery } from '../../core/delivery/delivery.ts';
import { type Sample, scoreOf } from '../../core/engagement.ts';
import type { JournalEntry } from '../../core/journal.ts';
import { traitsOf } from '../../core/network/traits-of.ts';
import { compareScores } from '../../core/pacing/comparison.ts';
import { Refusal } from '../../core/problem.ts';
import { addDays, atLocal, day, type Instant, localDate } from '../../core/time.ts';
import { readTouches } from '../../flow/plan/campaign-caps.ts';
import { budgetOf, readSpend } from '../../flow/spend/spend.ts';
import type { CommandContext } from '../command.ts';
import { type Post, scoresOf, toNumbers } from '../stats/stats-read.ts';
import { readTitles } from '../views/overview.ts';

type Asking = Pick<CommandContext, 'settings' | 'clock'>;

export interface Month {
  /** `2026-11` */
  name: string;
  since: Instant;
  /** The first instant after it, or now. */
  until: Instant;
  isOver: boolean;
  before: { name: string; since: Instant };
}

const mostBest = 10;
const mostTroubles = 25;
const mostNext = 15;

/** Throws a Refusal for what is no month, or lies ahead. Absent: this month. */
export function toMonth({ settings: { zone }, clock }: Asking, asked?: string): Month {
  const now = clock.now();
  const name = asked ?? localDate(now, zone).slice(0, 7);
  if (!/^\d{4}-(?:0[1-9]|1[0-2])$/.test(name))
    throw new Refusal(`"${name.slice(0, 40)}" is not a month: write it as 2026-11`);
  const startOf = (month: string) => atLocal(`${month}-01`, 0, zone);
  const since = startOf(name);
  if (since > now) throw new Refusal(`${name} is in the future: choose a month that has begun`);
  const end = startOf(addDays(`${name}-28`, 4).slice(0, 7));
  const earlier = addDays(`${name}-01`, -1).slice(0, 7);
  return {
    name,
    since,
    until: Math.min(end, now),
    isOver: end <= now,
    before: { name: earlier, since: startOf(earlier) },
  };
}

/** What a month came to, and what is next as of now. */
export async function readReport(context: CommandContext, month: Month) {
  const { settings, store, clock } = context;
  const accounts = await Promise.all(
    settings.accounts.map(({ name }) => readAccount(context, name, month)),
  );
  const best = accounts
    .flatMap(({ posts }) => posts)
    .flatMap((one) => (one.sample ? [{ ...one, score: scoreOf(one.sample.counts) }] : []))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score || a.at - b.at)
    .slice(0, mostBest);
  const [troubles, next] = await Promise.all([
    readTroubles(context, month),
    store.listDeliveries({ states: ['planned'], order: 'at', limit: mostNext }),
  ]);
  return {
    month,
    now: clock.now(),
    accounts: accounts.map(({ posts: _all, ...rest }) => rest),
    best,
    campaigns: await readCampaigns(context, accounts),
    spend: await readSpending(context, month),
    troubles,
    next,
    titles: await readTitles(context, [...best.map(({ delivery }) => delivery), ...next]),
  };
}

export type Report = Awaited<ReturnType<typeof readReport>>;

interface Published extends Post {
  delivery: Delivery;
}

async function readAccount({ store }: CommandContext, account: string, month: Month) {
  const { since, until, before } = month;
  const [released, samples] = await Promise.all([
    store.listDeliveries({
      account,
      states: ['released'],
      startedSince: before.since,
      order: '-startedAt',
    }),
    store.listSamples({ account, releasedSince: before.since }),
  ]);
  const byDelivery = Map.groupBy(samples, ({ delivery }) => delivery);
  // Each month as it stood when it ended: its posts have about the same age.
  const posts = (from: Instant, to: Instant) =>
    released.flatMap((delivery): Published[] => {
      const at = delivery.startedAt ?? 0;
      if (at < from || at >= to) return [];
      return [{ at, delivery, sample: newestBy(byDelivery.get(delivery.id), to) }];
    });
  const [own, earlier] = [posts(since, until), posts(before.since, since)];
  return {
    account,
    posts: own,
    ...toNumbers(own),
    before: toNumbers(earlier),
    comparison: compareScores(scoresOf(own), scoresOf(earlier)),
  };
}

const newestBy = (samples: readonly Sample[] = [], to: Instant) =>
  samples.findLast(({ at }) => at <= to);

async function readTroubles({ store }: CommandContext, { since, until }: Month) {
  const entries = await store.listJournal({
    since,
    until: until - 1,
    types: ['failed', 'uncertain', 'missed', 'expired', 'deleted'],
  });
  const counts = new Map<JournalEntry['type'], number>();
  for (const { type } of entries) counts.set(type, (counts.get(type) ?? 0) + 1);
  return { counts, latest: entries.slice(-mostTroubles), count: entries.length };
}

/** Posts of the month, and the touches as they stand now. */
async function readCampaigns(
  context: CommandContext,
  accounts: readonly { posts: readonly Published[] }[],
) {
  const own = accounts.flatMap(({ posts }) => posts).map(({ delivery }) => delivery);
  const touches = await readTouches(context);
  const named = new Set([
    ...own.flatMap(({ terms }) => terms.campaign ?? []),
    ...touches.map(({ campaign }) => campaign),
  ]);
  return [...named].sort().map((campaign) => ({
    campaign,
    posts: own.filter(({ terms }) => terms.campaign === campaign).length,
    touches: touches.filter((one) => one.campaign === campaign),
  }));
}

/** Networks bill by months in UTC. */
const readSpending = ({ settings, store }: CommandContext, { name }: Month) =>
  Promise.all(
    settings.accounts
      .filter(({ network }) => traitsOf(network).billing)
      .map(async ({ name: account }) => ({
        account,
        microUsd: (await readSpend(store, account, Date.parse(`${name}-15T00:00Z`) + day)).microUsd,
        budget: budgetOf(settings, account),
      })),
  );
