import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CommandContext } from '../../src/commands/command.ts';
import type { Account } from '../../src/core/network/account.ts';
import { defaultCadence } from '../../src/core/schedule/cadence.ts';
import type { Sample } from '../../src/core/engagement.ts';
import { type Delivery, deliveryId } from '../../src/core/delivery/delivery.ts';
import { pickDefined } from '../../src/core/pick-defined.ts';
import type { JournalEntry } from '../../src/core/journal.ts';
import { networks } from '../../src/core/network/network.ts';
import type { Settings } from '../../src/core/settings.ts';
import { day, hour, type Instant } from '../../src/core/time.ts';
import { learnPace } from '../../src/flow/plan/weekly-lesson.ts';
import type { Store, StoredPost } from '../../src/ports/store.ts';
import { openStore } from '../../src/store/open-store.ts';
import { layout } from '../../src/web/parts/layout.ts';
import { pages } from '../../src/web/pages/all-pages.ts';
import { formatMs, percentile, type Row } from '../row.ts';

export const name = 'pages';

const postCount = 10_000;
const releasedPosts = 3000;
/**
 * 9,000 deliveries are released, three a day for each account over a thousand days, with eleven
 * samples each.
 */
const ages = [0.25, 0.5, 1, 2, 4, 8, 16, 24, 48, 96, 168];
const runs = 20;

const addresses: [path: string, query?: string][] = [
  ['/'],
  ['/calendar'],
  ['/calendar', `from=${new Date(Date.now() + 21 * day).toISOString().slice(0, 10)}`],
  ['/queue'],
  ['/queue', 'show=queued&from=9000'],
  ['/queue', 'show=released&account=x'],
  ['/posts/p2990'],
  ['/posts/p4000'],
  ['/engagement'],
  ['/engagement', 'days=90'],
  ['/pace'],
  ['/campaigns'],
  ['/accounts'],
  ['/journal'],
  ['/journal', 'type=released&post=p17'],
];

/** How long the server takes for each page when the store is large. */
export async function run(): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'dripline-bench-'));
  try {
    await using store = await openStore({ dataFolder: folder, mode: 'serve' });
    const now = Date.now();
    await fill(store, now);
    const context: CommandContext = {
      store,
      settings,
      clock: { now: () => now, monotonic: () => performance.now() },
      by: 'web',
      version: 'bench',
    };
    await learnPace(context);
    const rows: Row[] = [];
    for (const [path, query = ''] of addresses) rows.push(await measure(context, path, query));
    return rows;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measure(context: CommandContext, path: string, query: string): Promise<Row> {
  const page = pages.find((one) =>
    one.path === '/posts/:id' ? path.startsWith('/posts/') : one.path === path,
  );
  if (!page) throw new Error(`there is no page ${path}`);
  const request = {
    path,
    query: new URLSearchParams(query),
    params: { id: path.split('/')[2] ?? '' },
    csrf: 'x'.repeat(43),
  };
  const times: number[] = [];
  let length = 0;
  for (let i = 0; i < runs; i++) {
    const since = performance.now();
    length = String(await layout(context, request, await page.make(context, request))).length;
    times.push(performance.now() - since);
  }
  const value = `p50 ${formatMs(percentile(times, 0.5))}, p95 ${formatMs(percentile(times, 0.95))}`;
  return {
    what: query ? `${path}?${query}` : path,
    value,
    note: `${Math.round(length / 1000)} kB; wanted: under 50 ms`,
  };
}

const accounts = networks.map(
  (network) => ({ name: network, network, baseUrl: 'https://example.com' }) as Account,
);
const settings: Settings = {
  isSandbox: false,
  zone: 'Europe/Berlin',
  accounts,
  pacing: { mode: 'adaptive', audience: 'mostly-here', evergreen: 'in-turn' },
  cadences: Object.fromEntries(
    accounts.map(({ name: account }) => [
      account,
      { ...defaultCadence, zone: 'Europe/Berlin', perDay: { min: 1, max: 4 } },
    ]),
  ),
  queues: {},
  mentions: {},
  campaigns: { spring: { touches: 29, touchesPerWeek: 3, utm: {} } },
};

async function fill(store: Store, now: Instant): Promise<void> {
  const posts = Array.from({ length: postCount }, (_, i) => toPost(i));
  await store.savePosts(posts);
  const deliveries = posts.flatMap((_, i) =>
    accounts.map((account) => toDelivery(i, account, now)),
  );
  const entries = deliveries.map((one): JournalEntry => toEntry(one, now));
  await store.addDeliveries(deliveries, entries);
  await store.addSamples(
    deliveries.filter(({ state }) => state === 'released').flatMap((one) => toSamples(one, now)),
  );
  const counts = [await store.countDeliveries({}), (await store.listSamples({})).length];
  if (counts[0] !== postCount * 3 || (counts[1] ?? 0) < 98_000)
    throw new Error(`the store was not filled: ${counts.join(', ')}`);
}

function toPost(i: number): StoredPost {
  const id = `p${i}`;
  const sentence = 'in a sentence that is about as long as people write them';
  const link = `https://example.com/${i}`;
  const text = `Post ${i}: what the drip is about today, ${sentence}, with a link ${link}`;
  const post = {
    id,
    source: 'folder',
    file: `posts/${id}.md`,
    hash: id,
    title: `Post ${i}`,
    draft: false,
    weight: 0,
    order: id,
    approval: false,
    hashtags: [],
    card: true,
    media: [],
  };
  return {
    id,
    path: `${id}.md`,
    source: 'folder',
    hash: id,
    mark: '',
    hasOwnId: false,
    post: { ...post, thread: 'manual', parts: [text], overrides: {}, followUps: [], params: {} },
  };
}

function toDelivery(i: number, { name: account, network }: Account, now: Instant): Delivery {
  const id = deliveryId(`p${i}`, account);
  const base = {
    id,
    post: `p${i}`,
    run: 1,
    account,
    network,
    rank: `m${String(i).padStart(6, '0')}`,
    attempts: 0,
    fence: 0,
    looks: 0,
    createdAt: 0,
    revision: 0,
  };
  const terms = pickDefined({
    hash: `p${i}`,
    campaign: i % 3 ? undefined : 'spring',
    approval: i % 500 === 499 ? true : undefined,
  });
  const all = { ...base, terms };
  const at = now + (i - releasedPosts) * 8 * hour;
  if (i < releasedPosts)
    return {
      ...all,
      state: 'released',
      startedAt: at,
      receipts: [{ id, url: `https://example.com/${id}`, at }],
    };
  const receipts: Delivery['receipts'] = [];
  if (i < releasedPosts + 42)
    return { ...all, receipts, state: 'planned', at: at + 8 * hour, why: 'slot 1 of 3' };
  if (terms.approval) return { ...all, receipts, state: 'waiting', reason: 'waits for approval' };
  const reason = 'its turn comes after the next 14 days';
  return { ...all, receipts, state: 'queued', reason };
}

const toEntry = (
  { id, post, account, network, startedAt, state }: Delivery,
  now: Instant,
): JournalEntry => ({
  id: `e ${id}`,
  at: startedAt ?? now - 2000 * day,
  type: state === 'released' ? 'released' : 'ingested',
  by: 'dripline',
  delivery: id,
  post,
  account,
  network,
  text: `${id} was ${state}`,
});

function toSamples(
  { id, post, account, network, startedAt = 0 }: Delivery,
  now: Instant,
): Sample[] {
  return ages
    .filter((age) => startedAt + age * hour < now)
    .map((age, i) => ({
      delivery: id,
      post,
      account,
      network,
      releasedAt: startedAt,
      at: startedAt + age * hour,
      counts: { likes: 3 * i + (startedAt % 7), reposts: i, replies: i % 3 },
    }));
}
