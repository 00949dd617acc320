import { subscribe } from 'node:diagnostics_channel';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, StatementSync } from 'node:sqlite';
import { setTimeout } from 'node:timers/promises';
import { openServed } from '../../src/app.ts';
import { commands } from '../../src/commands/all-commands.ts';
import { openEnvironment } from '../../src/config/environment.ts';
import { loadConfig } from '../../src/config/load.ts';
import type { Store } from '../../src/ports/store.ts';
import { databaseUri, openTestMongo } from '../../test/peers/mongo.ts';
import { until } from '../../test/flow/world.ts';
import { accountsYaml } from '../../test/sandbox/accounts-yaml.ts';
import { makeFolder } from '../../test/store/kit.ts';
import { openExchange } from '../exchange.ts';
import { measureFloor, startWatch } from '../floor.ts';
import type { Row } from '../row.ts';
import { startNetworks } from '../service.ts';

export const name = 'releases';

const count = Number(process.env['RELEASES'] ?? 600);
/** Part of them, as in `ONLY=masto npm run bench -- releases`. */
const accounts = ['x', 'bsky', 'masto'].filter((name) =>
  (process.env['ONLY'] ?? name).includes(name),
);
/** The first of them are not counted, in the flow and in the floor. */
const warmUp = Math.floor(count / 4);
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

/** Releases a second through the whole flow; the network is in a process of its own. */
async function measureFlow({ folder, account, baseUrls, mongoUri }: Place) {
  for (const name of ['posts', 'media', 'config'])
    mkdirSync(join(folder, name), { recursive: true });
  const yaml = `timezone: UTC\n${accountsYaml(baseUrls, [account])}${dense}\n`;
  writeFileSync(join(folder, 'config/dripline.yaml'), yaml);
  for (let n = 0; n < count; n += 1)
    writeFileSync(join(folder, `posts/p${n}.md`), `Post ${n}, with nothing else to say.`);
  const environment = openEnvironment(folder, mongoUri ? { MONGODB_URI: mongoUri } : {});
  const config = { ...loadConfig(folder, environment), web: { host: '127.0.0.1', port: 0 } };
  const log = { info: () => undefined, warn: () => undefined };
  await using served = await openServed(config, { log, settleFor: 0 });
  const { store } = served.context;
  await until(
    'all are planned',
    async () => (await store.countDeliveries({ states: ['planned'] })) === count,
  );
  const { clock } = served.context;
  const resume = commands.find((one) => one.name === 'resume');
  const by = { store, clock, settings: config, by: 'cli', version: 'bench' } as const;
  await resume?.run(by, { args: [], options: {} });
  const reached = async (wanted: number) => {
    const released = () => store.countDeliveries({ states: ['released'] });
    let done = await released();
    for (; done < wanted; done = await released()) await setTimeout(50);
    return done;
  };
  const warm = await reached(warmUp);
  const before = { ...counts, bytes: written() };
  const watch = startWatch();
  const from = Date.now();
  await reached(count);
  const { cpuEach } = watch.stop(count - warm);
  const each = (key: keyof Counts, now: number) => (now - before[key]) / (count - warm);
  return {
    rate: await rateSince(store, from),
    cpuEach,
    syncs: each('syncs', counts.syncs),
    kilobytes: each('bytes', written()) / 1000,
    requests: each('requests', counts.requests),
    connections: each('connections', counts.connections),
  };
}

/** By the receipts' own instants, which no polling rounds. */
async function rateSince(store: Pick<Store, 'listJournal'>, from: number): Promise<number> {
  const entries = await store.listJournal({ types: ['released'], since: from });
  const instants = entries.map(({ at }) => at);
  return ((instants.length - 1) * 1000) / (Math.max(...instants) - Math.min(...instants));
}

type Flow = Awaited<ReturnType<typeof measureFlow>>;

const tell = ({ syncs, kilobytes, requests, connections }: Flow, isSqlite: boolean): string =>
  [
    ...(isSqlite ? [`${syncs.toFixed(1)} syncs`, `${kilobytes.toFixed(0)} kB written`] : []),
    `${requests.toFixed(1)} requests`,
    `${connections.toFixed(1)} connections each`,
  ].join(', ');

/** Two durable writes and one exchange each, and X's ledger. */
const writesOf = (account: string) => (account === 'x' ? 3 : 2);

export async function run(): Promise<Row[]> {
  watch();
  await using mongo = await openTestMongo();
  const rows: Row[] = [];
  for (const kind of ['SQLite', ...(mongo.uri ? ['MongoDB'] : [])])
    for (const account of accounts) {
      await using place = await makeFolder();
      const networks = await startNetworks(place.path);
      const { baseUrls } = networks;
      const mongoUri =
        kind === 'MongoDB' && mongo.uri
          ? databaseUri(mongo.uri, `bench-${account}-${process.pid}`)
          : undefined;
      const flow = await measureFlow({ folder: place.path, account, baseUrls, mongoUri });
      const floor = await measureFloor({
        folder: place.path,
        mongoUri: mongoUri && `${mongoUri}-floor`,
        writes: writesOf(account),
        exchange: await openExchange(account, baseUrls),
        count,
        warmUp,
      });
      networks.child.kill('SIGKILL');
      const share = (flow.rate / floor.perSecond).toFixed(2);
      rows.push({
        what: `${kind}, ${account}: ${count} releases through the whole flow`,
        value: `${flow.rate.toFixed(0)} a second, ${share} of the floor`,
        note: [
          `floor ${floor.perSecond.toFixed(0)} a second`,
          `CPU ${flow.cpuEach.toFixed(1)} against ${floor.cpuEach.toFixed(1)} ms each`,
          tell(flow, kind === 'SQLite'),
          'wanted: 0.5',
        ].join('; '),
      });
    }
  return rows;
}
