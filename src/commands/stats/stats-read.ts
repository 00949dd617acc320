import type { Account } from '../../core/network/account.ts';
import type { Delivery } from '../../core/delivery/delivery.ts';
import { type Counts, measures, type Sample, scoreOf } from '../../core/engagement.ts';
import type { Network } from '../../core/network/network.ts';
import { traitsOf } from '../../core/network/traits-of.ts';
import { compareScores, type Comparison } from '../../core/pacing/comparison.ts';
import { pickDefined } from '../../core/pick-defined.ts';
import { didYouMean } from '../../core/text/suggest.ts';
import { Refusal } from '../../core/problem.ts';
import { addDays, day, type Instant, localDate, toIso } from '../../core/time.ts';
import { budgetOf, readSpend } from '../../flow/spend/spend.ts';
import { listCampaigns } from '../list-campaigns.ts';
import { type CampaignTouches, readTouches } from '../../flow/plan/campaign-caps.ts';
import { addUp, type Clicks, readClicks } from '../clicks/read-clicks.ts';
import type { CommandContext } from '../command.ts';
import { readEvents } from './stats-events.ts';
import { type PaceRow, readPaceRow, type TypicalRow } from './stats-pace.ts';

export interface StatsOptions {
  since: Instant;
  campaign?: string;
}

/** The sums over some posts; a number that no network reports is absent. */
export interface Numbers {
  releases: number;
  /** How many of them have known numbers. */
  measured: number;
  counts: Counts;
  /** Apart from `counts.clicks`, where links are counted. */
  otherClicks?: Omit<Clicks, 'people'>;
  score: number;
}

export interface AccountStats extends Numbers {
  account: string;
  network: Network;
  /**
   * The period of the same length before, with the numbers at its end. `comparison` is per
   * post; absent: too few posts.
   */
  before: Numbers & { comparison?: Comparison };
  /** By the day of publishing; the score is absent if no number is known. */
  days: { date: string; releases: number; score?: number }[];
  typical?: TypicalRow;
  /** For each hour of the week, from Monday 00:00: its worth in times the usual post. */
  hours?: number[];
  hoursSaid?: { isReal: boolean; text: string[] };
  pace: PaceRow;
}

export interface Stats {
  since: string;
  until: string;
  campaign?: string;
  accounts: AccountStats[];
  campaigns: ReturnType<typeof toCampaignRow>[];
  followUps: Awaited<ReturnType<typeof readEvents>>['followUps'];
  deleted: Awaited<ReturnType<typeof readEvents>>['deleted'];
  replies: Awaited<ReturnType<typeof readEvents>>['replies'];
  spend: { account: string; month: string; usd: number; budgetUsd?: number }[];
}

export async function readStats(
  context: CommandContext,
  { since, campaign }: StatsOptions,
): Promise<Stats> {
  const { settings, clock } = context;
  const period = pickDefined({ since, until: clock.now(), campaign });
  if (campaign !== undefined)
    await assertCampaign(context, campaign, Math.min(since, clock.now() - followedFor));
  const [accounts, touches, events, spend] = await Promise.all([
    Promise.all(settings.accounts.map((account) => readAccountStats(context, account, period))),
    readTouches(context, pickDefined({ campaign })),
    readEvents(context, period),
    Promise.all(
      settings.accounts
        .filter(({ network }) => traitsOf(network).billing)
        .map(({ name }) => readSpendRow(context, name)),
    ),
  ]);
  return pickDefined({
    since: toIso(since),
    until: toIso(period.until),
    campaign,
    accounts,
    campaigns: touches.map(toCampaignRow),
    ...events,
    spend,
  });
}

const toCampaignRow = (one: CampaignTouches) =>
  pickDefined({
    campaign: one.campaign,
    account: one.account,
    touches: rounded(one.perFollower),
    towards: one.towards,
    lastWeek: rounded(one.lastWeek),
    perWeek: one.perWeek,
    isEstimated: one.isEstimated,
    heldBecause: one.heldBecause,
  });

const rounded = (value: number) => Number(value.toPrecision(3));

/** What follows a post, and what is said of it, may come so much later. */
const followedFor = 182 * day;

/** One that the configuration does not name is looked for in the queue and since then. */
export async function assertCampaign(
  context: CommandContext,
  campaign: string,
  since: Instant,
): Promise<void> {
  if (context.settings.campaigns[campaign]) return;
  const names = await listCampaigns(context, since);
  if (names.includes(campaign)) return;
  const hint = names.length ? didYouMean(campaign, names) : 'no post names one, with `campaign:`';
  const from = localDate(since, context.settings.zone);
  const where = `in the queue or since ${from}`;
  throw new Refusal(`there is no campaign "${campaign}" ${where}: ${hint}`);
}

async function readSpendRow({ store, clock, settings }: CommandContext, account: string) {
  const [{ month, microUsd }, budget] = [
    await readSpend(store, account, clock.now()),
    budgetOf(settings, account),
  ];
  const budgetUsd = budget === undefined ? undefined : budget / 1e6;
  return pickDefined({ account, month, usd: microUsd / 1e6, budgetUsd });
}

export interface Period extends StatsOptions {
  until: Instant;
}

export async function readAccountStats(
  context: CommandContext,
  { name: account, network }: Account,
  { since, until, campaign }: Period,
): Promise<AccountStats> {
  const { store, settings } = context;
  const from = since - (until - since);
  const released = await store.listDeliveries({
    account,
    states: ['released'],
    startedSince: from,
    order: '-startedAt',
  });
  const own = released.filter(({ terms }) => campaign === undefined || terms.campaign === campaign);
  const samples = Map.groupBy(
    own.length ? await store.listSamples({ account, releasedSince: from }) : [],
    ({ delivery }) => delivery,
  );
  const newest = (one: Delivery, by: Instant) =>
    samples.get(one.id)?.findLast(({ at }) => at <= by);
  const toPosts = (some: Delivery[], by: Instant) =>
    some.map((one): Post => ({ at: one.startedAt ?? by, sample: newest(one, by) }));
  const recent = own.filter(({ startedAt = 0 }) => startedAt >= since);
  const now = await withClicksNow(store, recent, toPosts(recent, until));
  // Their numbers at the end of that period: a fair comparison needs posts of the same age.
  const before = toPosts(
    own.filter(({ startedAt = 0 }) => startedAt < since),
    since,
  );
  const comparison = compareScores(scoresOf(now), scoresOf(before));
  return {
    account,
    network,
    ...toNumbers(now),
    before: pickDefined({ ...toNumbers(before), comparison }),
    days: toDays(now, { since, until, zone: settings.zone }),
    ...(await readPaceRow(context, { account, network })),
  };
}

async function withClicksNow(
  store: CommandContext['store'],
  deliveries: readonly Delivery[],
  posts: readonly Post[],
): Promise<Post[]> {
  const ids = deliveries.map(({ id }) => id);
  const clicks = await readClicks({ store }, ids);
  return posts.map((post, i) => ({ ...post, clicks: clicks.get(ids[i] ?? '') }));
}

export interface Post {
  at: Instant;
  sample: Sample | undefined;
  /** As they are now; absent: not counted, or as the sample has them. */
  clicks?: Clicks | undefined;
}

export const scoresOf = (posts: Post[]) =>
  posts.flatMap(({ sample }) => (sample ? [scoreOf(sample.counts)] : []));

export function toNumbers(posts: Post[]): Numbers {
  const counts: Counts = {};
  for (const { sample, clicks } of posts)
    for (const one of measures) {
      const count = (one === 'clicks' ? clicks?.people : undefined) ?? sample?.counts[one];
      if (count !== undefined) counts[one] = (counts[one] ?? 0) + count;
    }
  const scores = scoresOf(posts);
  const clicks = addUp(posts.map((one) => one.clicks));
  return pickDefined({
    releases: posts.length,
    measured: scores.length,
    counts,
    otherClicks: clicks && { unsure: clicks.unsure, machines: clicks.machines },
    score: scores.reduce((sum, one) => sum + one, 0),
  });
}

function toDays(
  posts: Post[],
  { since, until, zone }: { since: Instant; until: Instant; zone: string },
): AccountStats['days'] {
  const days: AccountStats['days'] = [];
  const last = localDate(until, zone);
  for (let date = localDate(since, zone); date <= last; date = addDays(date, 1))
    days.push({ date, releases: 0 });
  const byDate = new Map(days.map((one) => [one.date, one]));
  for (const { at, sample } of posts) {
    const its = byDate.get(localDate(at, zone));
    if (!its) continue;
    its.releases++;
    if (sample) its.score = (its.score ?? 0) + scoreOf(sample.counts);
  }
  return days;
}
