import { type Delivery, deliveryId, type State } from '../../core/delivery/delivery.ts';
import { pickDefined } from '../../core/pick-defined.ts';
import type { CommandContext } from '../command.ts';
import { runOf } from '../find.ts';
import { readTitles, type Titled } from '../views/overview.ts';
import { withUploads } from '../views/rows.ts';
import { isNarrow, passing, type PostFilter } from './post-filter.ts';

/** The queue, divided by state. */
export const queueTabs = {
  planned: ['planned'],
  queued: ['queued'],
  waiting: ['waiting'],
  'under way': ['releasing', 'uncertain'],
  released: ['released'],
  ended: ['failed', 'missed', 'expired', 'skipped', 'withdrawn'],
} as const satisfies Record<string, readonly State[]>;
export type QueueTab = keyof typeof queueTabs;
export const queueTabNames = Object.keys(queueTabs) as QueueTab[];

/** A run of a post, on all its accounts. */
export interface QueuedPost {
  /** `hello`, `hello~2` */
  run: string;
  post: string;
  /** Those of the tab first, in its order. */
  deliveries: Delivery[];
  /** So many of them are in the tab. */
  count: number;
}

export interface QueuePage {
  posts: QueuedPost[];
  /** Where it begins, counted in deliveries. */
  from: number;
  /** Where the next page begins; absent: this is the last one. */
  next?: number;
  counts: Record<QueueTab, number>;
  /** Tabs of which there are more than these. */
  cut: QueueTab[];
  titles: Map<string, Titled>;
}

interface QueueWanted {
  tab: QueueTab;
  filter: PostFilter;
  from: number;
  limit: number;
}

/** Of what only grows so many are listed: to skip more would walk through them on each page. */
const mostListed = 2500;
const growing: readonly QueueTab[] = ['released', 'ended'];
/** A page that looks for something ends after so many, and the next one continues there. */
const mostWalked = 2000;

/** A page of posts. Each stands where its first account does. */
export async function readQueuePage(
  context: CommandContext,
  { tab, filter, from: wanted, limit }: QueueWanted,
): Promise<QueuePage> {
  const from = growing.includes(tab) ? Math.min(wanted, mostListed - limit) : wanted;
  const { account } = filter;
  const [{ posts, next }, counts, cut] = await Promise.all([
    walk(context, { tab, filter, from, limit }),
    countTabs(context, account),
    cutTabs(context, account),
  ]);
  return pickDefined({
    posts: await Promise.all(
      posts.map(async (one) => ({
        ...one,
        deliveries: await withUploads(context, one.deliveries),
      })),
    ),
    from,
    next,
    counts,
    cut,
    titles: await readTitles(context, posts),
  });
}

async function countTabs(
  { store }: CommandContext,
  account: string | undefined,
): Promise<Record<QueueTab, number>> {
  const counts = await Promise.all(
    queueTabNames.map((tab) => {
      const limit = growing.includes(tab) ? mostListed : undefined;
      return store.countRuns(pickDefined({ account, states: queueTabs[tab], limit }));
    }),
  );
  return Object.fromEntries(queueTabNames.map((name, i) => [name, counts[i] ?? 0])) as Record<
    QueueTab,
    number
  >;
}

async function cutTabs(
  { store }: CommandContext,
  account: string | undefined,
): Promise<QueueTab[]> {
  const counts = await Promise.all(
    growing.map((tab) =>
      store.countDeliveries(
        pickDefined({ account, states: queueTabs[tab], limit: mostListed + 1 }),
      ),
    ),
  );
  return growing.filter((_, i) => (counts[i] ?? 0) > mostListed);
}

interface Walked {
  posts: QueuedPost[];
  next?: number;
}

/** Reads on from a delivery until a page is full; what it reads does not grow with the queue. */
async function walk(
  context: CommandContext,
  { tab, filter, from, limit }: QueueWanted,
): Promise<Walked> {
  const names = await accountNames(context);
  const end = Math.min(from + mostWalked, growing.includes(tab) ? mostListed : Infinity);
  const step = isNarrow(filter) ? 500 : (limit + 1) * Math.max(1, names.length);
  const posts: QueuedPost[] = [];
  const seen = new Set<string>();
  for (let at = from; at < end; at += step) {
    const many = Math.min(step, end - at);
    const rows = await listRows(context, { tab, filter, skip: at, limit: many });
    const led = await findLed(context, rows, { tab, filter, names });
    for (const [i, { id }] of rows.entries()) {
      const one = led.get(id);
      if (!one || seen.has(one.run)) continue;
      if (posts.length === limit) return { posts, next: at + i };
      seen.add(one.run);
      posts.push(one);
    }
    if (rows.length < many) return { posts };
  }
  return growing.includes(tab) && end === mostListed ? { posts } : { posts, next: end };
}

/** Those that the configuration has, and those that it had. */
async function accountNames({ store, settings }: CommandContext): Promise<string[]> {
  const names = settings.accounts.map(({ name }) => name);
  return [...new Set([...names, ...(await store.listAccounts())])];
}

const orders: Partial<Record<QueueTab, 'at' | '-startedAt'>> = {
  planned: 'at',
  released: '-startedAt',
};

const listRows = (
  { store }: CommandContext,
  {
    tab,
    filter: { account },
    ...page
  }: { tab: QueueTab; filter: PostFilter; skip: number; limit: number },
): Promise<Delivery[]> =>
  store.listDeliveries(
    pickDefined({
      account,
      states: queueTabs[tab],
      order: orders[tab] ?? ('rank' as const),
      ...page,
    }),
  );

interface Led {
  tab: QueueTab;
  filter: PostFilter;
  names: string[];
}

/** The posts whose first delivery in the tab is one of these rows, by that delivery's id. */
async function findLed(
  context: CommandContext,
  rows: readonly Delivery[],
  { tab, filter, names }: Led,
): Promise<Map<string, QueuedPost>> {
  const fit = await passing(context, rows, filter);
  const { account } = filter;
  const ids = fit.flatMap(({ post, run }) => names.map((name) => deliveryId(post, name, run)));
  const all = account === undefined ? await context.store.listDeliveries({ ids }) : fit;
  const isHere = ({ state }: Delivery) => queueTabs[tab].some((one) => one === state);
  return new Map(
    [...Map.groupBy(all, runOf)].flatMap(([run, some]): [string, QueuedPost][] => {
      const here = some.filter(isHere).sort((a, b) => compare(tab, a, b));
      const [first] = here;
      if (!first) return [];
      const rest = some.filter((one) => !isHere(one));
      const deliveries = [...here, ...rest];
      return [[first.id, { run, post: first.post, deliveries, count: here.length }]];
    }),
  );
}

/** As the store sorts them. */
function compare(tab: QueueTab, a: Delivery, b: Delivery): number {
  const byId = a.id < b.id ? -1 : 1;
  switch (orders[tab]) {
    case 'at':
      return (a.at ?? Infinity) - (b.at ?? Infinity) || byId;
    case '-startedAt':
      return (b.startedAt ?? 0) - (a.startedAt ?? 0) || byId;
    default:
      return a.rank === b.rank ? byId : Number(a.rank > b.rank) - Number(a.rank < b.rank);
  }
}
