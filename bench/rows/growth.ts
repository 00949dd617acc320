import { journal } from '../../src/commands/reading/journal-verb.ts';
import { queue } from '../../src/commands/reading/queue.ts';
import { status } from '../../src/commands/reading/status.ts';
import type { Command, CommandContext } from '../../src/commands/command.ts';
import { chunks } from '../../src/core/chunks.ts';
import type { Delivery } from '../../src/core/delivery/delivery.ts';
import type { Sample } from '../../src/core/engagement.ts';
import type { Account } from '../../src/core/network/account.ts';
import { defaultKeep } from '../../src/core/settings.ts';
import { day, hour } from '../../src/core/time.ts';
import type { Context } from '../../src/flow/context.ts';
import { forgetOld } from '../../src/flow/forget-old.ts';
import { rescan } from '../../src/flow/ingest/scan.ts';
import { planAccount } from '../../src/flow/plan/plan.ts';
import { learnPace } from '../../src/flow/plan/weekly-lesson.ts';
import type { Store } from '../../src/ports/store.ts';
import { openStore } from '../../src/store/open-store.ts';
import { openMetrics } from '../../src/web/metrics.ts';
import { layout } from '../../src/web/parts/layout.ts';
import { pages } from '../../src/web/pages/all-pages.ts';
import { openWorld, until } from '../../test/flow/world.ts';
import { makeBench } from '../../test/sources/flow-kit.ts';
import { makeDelivery, makeEntry, makePost } from '../../test/store/kit.ts';
import { formatMs, type Row } from '../row.ts';

export const name = 'growth';

/** `GROWTH=0.1 npm run bench -- growth` tries it with a tenth. */
const scale = Number(process.env['GROWTH'] ?? 1);

interface Size {
  posts: number;
  released: number;
}

const sized = (posts: number, released: number): Size => ({
  posts: Math.round(posts * scale),
  released: Math.round(released * scale),
});
const runs = 3;
/** Between two releases of one account. The last half year is the same whatever came before. */
const every = 2 * hour;
const ages = [0.25, 0.5, 1, 2, 4, 8, 16, 24, 48, 96, 168].map((age) => age * hour);

/** CPU in milliseconds by what was done. */
type Costs = Map<string, number>;

/** What ten times the posts, and ten times the history, cost the same acts. */
export async function run(): Promise<Row[]> {
  return [
    ...(await compare('posts', [sized(1000, 0), sized(10_000, 0)])),
    ...(await compare('released', [sized(1000, 10_000), sized(1000, 100_000)])),
  ];
}

async function compare(by: keyof Size, [small, large]: [Size, Size]): Promise<Row[]> {
  const [before, after] = [await measureAll(small), await measureAll(large)];
  const label = (size: Size) => `${size[by].toLocaleString('en')} ${by}`;
  return [...before].flatMap(([what, cost]): Row[] => {
    const more = after.get(what) ?? Number.NaN;
    return [
      { what: `${what}, ${label(small)}`, value: formatMs(cost), note: 'CPU' },
      {
        what: `${what}, ${label(large)}`,
        value: formatMs(more),
        note: `CPU; ${(more / cost).toFixed(1)} times ${label(small)}`,
      },
    ];
  });
}

async function measureAll(size: Size): Promise<Costs> {
  const costs: Costs = new Map();
  await measureActs(size, costs);
  await measureStart(size, costs);
  return costs;
}

async function measureActs(size: Size, costs: Costs): Promise<void> {
  await using bench = await makeBench({ settleFor: 0 });
  const context = adaptive(bench.context);
  const { accounts } = context.settings;
  await bench.write(filesOf(size, ''));
  await rescan(context);
  await fill(context.store, { size, accounts, now: bench.clock.now });
  const first = async (what: string, act: () => Promise<unknown>) =>
    void costs.set(what, await cpuOf(act));
  const usual = async (what: string, act: () => Promise<unknown>) => {
    const all: number[] = [];
    for (let n = 0; n < runs; n += 1) all.push(await cpuOf(act));
    costs.set(what, Math.min(...all));
  };
  // The first lesson is the prior alone.
  await learnPace(context);
  bench.clock.now += 7 * day;
  await first('a lesson', () => learnPace(context));
  const planAll = async () => {
    for (const account of accounts) await planAccount(context, account.name);
  };
  await planAll();
  await usual('planning again', planAll);
  await usual('a rescan', () => rescan(context));
  const commands: CommandContext = { ...context, by: 'web', version: 'bench' };
  for (const verb of [queue, status, journal]) await usual(verb.name, () => say(commands, verb));
  for (const path of ['/', '/queue', '/calendar', '/engagement', '/pace'])
    await usual(path, () => show(commands, path));
  const metrics = openMetrics(commands);
  await metrics.read();
  await usual('/metrics', () => metrics.read());
  await first('what is forgotten in a day', () => forgetOld(context, new AbortController().signal));
}

const adaptive = (context: Context): Context => ({
  ...context,
  settings: {
    ...context.settings,
    pacing: { mode: 'adaptive', audience: 'mostly-here', evergreen: 'in-turn' },
    cadences: Object.fromEntries(
      Object.entries(context.settings.cadences).map(([account, cadence]) => [
        account,
        { ...cadence, perDay: { min: 1, max: 4 } },
      ]),
    ),
  },
});

async function say(context: CommandContext, command: Command): Promise<void> {
  const { text } = await command.run(context, { args: [], options: {} });
  if (!text) throw new Error(`${command.name} said nothing`);
}

async function show(context: CommandContext, path: string): Promise<void> {
  const page = pages.find((one) => one.path === path);
  if (!page) throw new Error(`there is no page ${path}`);
  const request = { path, query: new URLSearchParams(), params: { id: '' }, csrf: 'x'.repeat(43) };
  String(await layout(context, request, await page.make(context, request)));
}

/** From nothing to a service that has met its accounts and planned. */
async function measureStart(size: Size, costs: Costs): Promise<void> {
  await using world = await openWorld({
    yaml: 'cadence: { perDay: 1-4 }',
    files: filesOf(size, 'posts/'),
  });
  {
    await using store = await openStore({
      dataFolder: world.config.folders.data,
      mode: 'serve',
    });
    const now = world.clock.now();
    await fill(store, { size, accounts: world.config.accounts, now });
  }
  let starts = 0;
  const start = async () => {
    await using served = await world.serve();
    const { store } = served.context;
    starts += 1;
    await until('it has started', async () => {
      const entries = await store.listJournal({ types: ['started'], limit: starts });
      return entries.length === starts;
    });
    await until('there is a plan', async () => store.countDeliveries({ states: ['planned'] }));
  };
  // The first takes the files in.
  await start();
  costs.set('start and end of the service', await cpuOf(start));
}

async function cpuOf(act: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await act();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

const filesOf = ({ posts }: Size, folder: string) =>
  Object.fromEntries(
    Array.from({ length: posts }, (_, n) => [
      `${folder}${String(n).padStart(6, '0')}.md`,
      `---\ntitle: Post ${n}\n---\nPost ${n}: small amounts, https://example.com/${n}`,
    ]),
  );

interface Filling {
  size: Size;
  accounts: readonly Account[];
  now: number;
}

/** What is released, as a service that forgets what is old would have left it. */
async function fill(store: Store, { size, accounts, now }: Filling): Promise<void> {
  const each = Math.ceil(size.released / accounts.length);
  for (const some of chunks(Array.from({ length: each }, (_, n) => n))) {
    await store.savePosts(some.map((n) => ({ ...makePost(`old-${n}`), source: 'bench' })));
    const deliveries = some.flatMap((n) =>
      accounts.map(({ name: account, network }) => toReleased(n, { account, network, now })),
    );
    const young = deliveries.filter(
      ({ startedAt = 0 }) => now - startedAt < defaultKeep.journalFor,
    );
    await store.addDeliveries(
      deliveries,
      young.map(({ id, post, startedAt = 0 }) =>
        makeEntry(`released ${id}`, { at: startedAt, type: 'released', delivery: id, post }),
      ),
    );
    await store.addSamples(deliveries.flatMap((one) => toSamples(one, now)));
  }
}

function toReleased(
  n: number,
  { account, network, now }: { account: string; network: Account['network']; now: number },
): Delivery {
  const startedAt = now - (n + 1) * every;
  return makeDelivery(`old-${n}`, {
    account,
    network,
    state: 'released',
    startedAt,
    receipts: [{ id: `${n}`, url: `https://example.com/${n}`, at: startedAt }],
  });
}

function toSamples({ id, post, account, network, startedAt = 0 }: Delivery, now: number): Sample[] {
  const isOld = now - startedAt > defaultKeep.samplesFor;
  return (isOld ? ages.slice(-1) : ages)
    .filter((age) => startedAt + age < now)
    .map((age, i) => ({
      delivery: id,
      post,
      account,
      network,
      releasedAt: startedAt,
      at: startedAt + age,
      counts: { likes: 3 * i + (startedAt % 7), reposts: i, replies: i % 3, quotes: 0 },
    }));
}
