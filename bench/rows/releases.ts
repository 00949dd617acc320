import { subscribe } from 'node:diagnostics_channel';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, StatementSync } from 'node:sqlite';
import { setTimeout } from 'node:timers/promises';
import { openServed } from '../../src/app.ts';
import { commands } from '../../src/commands/all-commands.ts';
import { openEnvironment } from '../../src/config/environment.ts';
import { loadConfig } from '../../src/config/load.ts';
import { databaseUri, openTestMongo } from '../../test/peers/mongo.ts';
import { until } from '../../test/flow/world.ts';
import { accountsYaml } from '../../test/sandbox/accounts-yaml.ts';
import { makeFolder } from '../../test/store/kit.ts';
import { openExchange } from '../exchange.ts';
import { addTook, openFloor, startWatch, type Took } from '../floor.ts';
import type { Row } from '../row.ts';
import { startNetworks } from '../service.ts';

export const name = 'releases';

const count = Number(process.env['RELEASES'] ?? 600);
/** Flow and floor take turns, so that what else the machine does slows both of them. */
const block = 100;
/** Part of them, as in `ONLY=masto npm run bench -- releases`. */
const isWanted = (account: string) => (process.env['ONLY'] ?? account).includes(account);
/** Ten slots a millisecond: no release waits for its slot. */
const dense = 'cadence: { perDay: 864000000, windows: ["00:00-24:00"], minGap: 0s }';

/** What was counted from one point to another. */
interface Counts {
  syncs: number;
  bytes: number;
  requests: number;
  connections: number;
}

const counts: Counts = { syncs: 0, bytes: 0, requests: 0, connections: 0 };
/** The part of them that the flow made, and not the floor. */
const total: Counts = { ...counts };

/** Commits and single statements outside of a transaction; requests and sockets of both clients. */
function watch(): void {
  const { exec } = DatabaseSync.prototype;
  DatabaseSync.prototype.exec = function (sql) {
    if (sql === 'COMMIT') counts.syncs += 1;
    return exec.call(this, sql);
  };
  const { run } = StatementSync.prototype;
  const isFull = (sql: string) =>
    /^(UPDATE|INSERT|DELETE)/.test(sql) && /\b(facts|samples)\b/.test(sql);
  StatementSync.prototype.run = function (this: StatementSync, ...values: Parameters<typeof run>) {
    if (isFull(this.sourceSQL)) counts.syncs += 1;
    return run.apply(this, values);
  } as typeof run;
  for (const channel of ['undici:request:create', 'http.client.request.start'])
    subscribe(channel, () => (counts.requests += 1));
  subscribe('net.client.socket', () => (counts.connections += 1));
}

const written = () =>
  Number(/write_bytes: (\d+)/.exec(readFileSync('/proc/self/io', 'utf8'))?.[1] ?? 0);

interface Place {
  folder: string;
  account: string;
  baseUrls: Record<string, string>;
  mongoUri: string | undefined;
}

async function serve({ folder, account, baseUrls, mongoUri }: Place) {
  for (const name of ['posts', 'media', 'config'])
    mkdirSync(join(folder, name), { recursive: true });
  const yaml = `timezone: UTC\n${accountsYaml(baseUrls, [account])}${dense}\n`;
  writeFileSync(join(folder, 'config/dripline.yaml'), yaml);
  // What is released between a block's end and the pause comes on top.
  for (let n = 0; n < count * 2; n += 1)
    writeFileSync(join(folder, `posts/p${n}.md`), `Post ${n}, with nothing else to say.`);
  const environment = openEnvironment(folder, mongoUri ? { MONGODB_URI: mongoUri } : {});
  const config = { ...loadConfig(folder, environment), web: { host: '127.0.0.1', port: 0 } };
  const log = { info: () => undefined, warn: () => undefined };
  return { config, served: await openServed(config, { log, settleFor: 0 }) };
}

/** The whole flow; the network is in a process of its own. */
async function openFlow(place: Place) {
  const { config, served } = await serve(place);
  const { store, clock } = served.context;
  const context = { store, clock, settings: config, by: 'cli', version: 'bench' } as const;
  const say = (verb: string) =>
    commands.find(({ name }) => name === verb)?.run(context, { args: [], options: {} });
  const countIn = (state: 'planned' | 'released' | 'releasing') =>
    store.countDeliveries({ states: [state] });
  await until('all are planned', async () => (await countIn('planned')) === count * 2);
  const reach = async (wanted: number, lookEvery: number) => {
    while ((await countIn('released')) < wanted) await setTimeout(lookEvery);
  };
  return {
    /** So many releases, by the instants of their receipts. */
    async run(wanted: number): Promise<Took> {
      const there = await countIn('released');
      await say('resume');
      await reach(there + 1, 5);
      counts.bytes = written();
      const before = { ...counts };
      const from = clock.now();
      const watch = startWatch();
      await reach(there + wanted, 50);
      const { cpu } = watch.stop();
      const seen = await store.listJournal({ types: ['released'], since: from });
      counts.bytes = written();
      for (const key of keysOf(counts)) total[key] += counts[key] - before[key];
      await say('pause');
      await until('the last one is out', async () => (await countIn('releasing')) === 0);
      const instants = seen.map(({ at }) => at);
      const seconds = (Math.max(...instants) - from) / 1000;
      return { done: instants.length, seconds, cpu };
    },
    [Symbol.asyncDispose]: () => served[Symbol.asyncDispose](),
  };
}

const keysOf = (some: Counts) => Object.keys(some) as (keyof Counts)[];

type Flow = Took & Counts;

function tell(flow: Flow, isSqlite: boolean): string {
  const each = (key: keyof Counts) => flow[key] / flow.done;
  return [
    ...(isSqlite
      ? [`${each('syncs').toFixed(1)} syncs`, `${(each('bytes') / 1000).toFixed(0)} kB written`]
      : []),
    `${each('requests').toFixed(1)} requests`,
    `${each('connections').toFixed(1)} connections each`,
  ].join(', ');
}

/** Two durable writes and one exchange each, and X's ledger. */
const writesOf = (account: string) => (account === 'x' ? 3 : 2);

/** One network on one store. */
async function compare(account: string, mongo: string | undefined): Promise<Row> {
  await using place = await makeFolder();
  const networks = await startNetworks(place.path);
  const { baseUrls } = networks;
  const mongoUri = mongo && databaseUri(mongo, `bench-${account}-${process.pid}`);
  await using flow = await openFlow({ folder: place.path, account, baseUrls, mongoUri });
  await using floor = await openFloor({
    folder: place.path,
    mongoUri: mongoUri && `${mongoUri}-floor`,
    writes: writesOf(account),
    exchange: await openExchange(account, baseUrls),
  });
  const [took, least] = await takeTurns(flow, floor);
  networks.child.kill('SIGKILL');
  const rate = took.done / took.seconds;
  const most = least.done / least.seconds;
  return {
    what: `${mongo ? 'MongoDB' : 'SQLite'}, ${account}: ${took.done} releases, the whole flow`,
    value: `${rate.toFixed(0)} a second, ${(rate / most).toFixed(2)} of the floor`,
    note: [
      `floor ${most.toFixed(0)} a second`,
      `CPU ${(took.cpu / took.done).toFixed(1)} against ${(least.cpu / least.done).toFixed(1)} ms`,
      tell(took, !mongo),
      'wanted: 0.5',
    ].join('; '),
  };
}

interface Running {
  run(count: number): Promise<Took>;
}

/** The first block of both only warms them up. */
async function takeTurns(flow: Running, floor: Running): Promise<[Took & Counts, Took]> {
  await flow.run(block);
  await floor.run(block);
  let [took, least] = [nothing, nothing];
  const before = { ...total };
  for (let n = 0; n < count; n += block) {
    took = addTook(took, await flow.run(block));
    least = addTook(least, await floor.run(block));
  }
  const counted = keysOf(counts).map((key) => [key, total[key] - before[key]]);
  return [{ ...took, ...(Object.fromEntries(counted) as unknown as Counts) }, least];
}

const nothing: Took = { done: 0, seconds: 0, cpu: 0 };

export async function run(): Promise<Row[]> {
  watch();
  await using mongo = await openTestMongo();
  const rows: Row[] = [];
  for (const uri of [undefined, ...(mongo.uri ? [mongo.uri] : [])])
    for (const account of ['x', 'bsky', 'masto'].filter(isWanted))
      rows.push(await compare(account, uri));
  return rows;
}
