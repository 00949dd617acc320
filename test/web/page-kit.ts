import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CommandContext } from '../../src/commands/command.ts';
import type { Account } from '../../src/core/network/account.ts';
import { defaultCadence } from '../../src/core/schedule/cadence.ts';
import type { Sample } from '../../src/core/engagement.ts';
import { networks } from '../../src/core/network/network.ts';
import type { Settings } from '../../src/core/settings.ts';
import { day, hour } from '../../src/core/time.ts';
import { openImages } from '../../src/media/images.ts';
import { openPostFiles } from '../../src/sources/writing/open-post-files.ts';
import { openMemoryStore } from '../../src/store/memory-store.ts';
import type { Store } from '../../src/ports/store.ts';
import { layout } from '../../src/web/parts/layout.ts';
import { pages } from '../../src/web/pages/all-pages.ts';
import { makeDelivery, makePost } from '../store/kit.ts';

export const now = Date.parse('2026-11-24T08:00:00Z');

const accounts = networks.map(
  (network) => ({ name: network, network, baseUrl: 'https://example.com' }) as Account,
);

export const settings: Settings = {
  isSandbox: false,
  zone: 'Europe/Berlin',
  accounts,
  pacing: { mode: 'adaptive', audience: 'mostly-here', evergreen: 'in-turn' },
  cadences: Object.fromEntries(
    accounts.map(({ name }) => [
      name,
      { ...defaultCadence, zone: 'Europe/Berlin', perDay: { min: 1, max: 3 } },
    ]),
  ),
  queues: {},
  mentions: {},
  campaigns: { spring: { touches: 29, touchesPerWeek: 3, utm: {} } },
  feeds: [{ url: 'https://example.com/feed.xml', queue: 'blog' }],
};

export interface Shown {
  title: string;
  body: string;
  status: number;
}

export type PageContext = CommandContext & AsyncDisposable;

/** At a set time; on SQLite in memory, where no other store is handed in. */
export async function openPageContext(store: Store = openMemoryStore()): Promise<PageContext> {
  const clock = { now: () => now, monotonic: () => performance.now() };
  const folder = mkdtempSync(join(tmpdir(), 'dripline-pages-'));
  const files = openPostFiles({
    postsFolder: join(folder, 'posts'),
    mediaFolder: join(folder, 'media'),
    label: 'posts',
    zone: settings.zone,
    names: { accounts, queues: [], campaigns: ['spring'] },
    images: openImages({ dataFolder: folder }),
    asideFolder: join(folder, 'incoming'),
  });
  return {
    store,
    clock,
    settings,
    by: 'web',
    version: 'test',
    openFiles: async () => files,
    async [Symbol.asyncDispose]() {
      rmSync(folder, { recursive: true, force: true });
      await store[Symbol.asyncDispose]();
    },
  };
}

/** A page in its frame, as the server would send it. */
export async function showPage(context: CommandContext, address: string): Promise<Shown> {
  const { pathname, searchParams } = new URL(address, 'http://here.invalid');
  const page = pages.find(({ path }) =>
    new RegExp(`^${path.replace(':id', '[^/]+')}$`).test(pathname),
  );
  if (!page) throw new Error(`there is no page ${pathname}`);
  const request = {
    path: pathname,
    query: searchParams,
    params: { id: decodeURIComponent(pathname.split('/')[2] ?? '') },
    csrf: 'token',
  };
  const result = await page.make(context, request);
  return {
    title: result.title,
    status: result.status ?? 200,
    body: String(await layout(context, request, result)),
  };
}

/** A month of releases on every account, and what came of them. */
export async function addPast({ store }: CommandContext): Promise<void> {
  const past = Array.from({ length: 30 }, (_, i) =>
    accounts.map(({ name: account, network }) =>
      makeDelivery(`old${i}`, {
        account,
        network,
        state: 'released',
        startedAt: now - (30 - i) * day,
        terms: { hash: 'h', campaign: 'spring' },
      }),
    ),
  ).flat();
  await store.addDeliveries(past);
  const samples = past.flatMap(({ id, post, account, network, startedAt = 0 }, i) =>
    [1, 12, 36].map((age): Sample => ({
      delivery: id,
      post,
      account,
      network,
      releasedAt: startedAt,
      at: startedAt + age * hour,
      counts: { likes: age + (i % 5) },
    })),
  );
  await store.addSamples(samples.filter(({ at }) => at <= now));
}

/** Every page, and what some of them show on request. */
export const everyPage = [
  ...pages
    .map(({ path }) => path.replace(':id', 'hello'))
    // Those of one person and one sequence have their own tests.
    .filter((path) => !/^\/(?:people|sequences)\/hello$/.test(path)),
  '/queue?show=waiting',
  '/queue?show=ended',
  '/queue?show=under+way',
  '/calendar?from=2027-01-11',
];

/** A post in three states, on three accounts. */
export async function addHello(
  { store }: PageContext,
  changes: Parameters<typeof makePost>[1] = {},
) {
  await store.savePosts([
    makePost('hello', {
      title: 'Hello',
      parts: ['Hello, world https://example.com/hello #drip'],
      ...changes,
    }),
  ]);
  await store.addDeliveries([
    makeDelivery('hello', {
      account: 'x',
      network: 'x',
      state: 'planned',
      at: now + 2 * hour,
      why: 'slot 1 of 1',
    }),
    makeDelivery('hello', {
      account: 'bluesky',
      state: 'waiting',
      reason: 'waits for approval',
      terms: { hash: 'h', approval: true },
    }),
    makeDelivery('hello', {
      account: 'mastodon',
      network: 'mastodon',
      state: 'failed',
      reason: 'refused',
    }),
  ]);
}
