import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { openSqlite } from '../src/io/sqlite.ts';
import { openAlarms } from '../src/jobs/open-alarms.ts';
import { wallClock } from './alarm-stores.ts';
import type { Exchange } from './exchange.ts';

interface Floor {
  folder: string;
  mongoUri: string | undefined;
  /** Durable writes for each. */
  writes: number;
  exchange: Exchange;
}

/** What so many of them took. */
export interface Took {
  done: number;
  seconds: number;
  /** Milliseconds of this process's CPU, the driver's threads included. */
  cpu: number;
}

export const addTook = (one: Took, other: Took): Took => ({
  done: one.done + other.done,
  seconds: one.seconds + other.seconds,
  cpu: one.cpu + other.cpu,
});

const doc = JSON.stringify({ text: 'x'.repeat(1200) });

/** Bare alarms one after the other, each with its durable writes and one raw request. */
export async function openFloor({ folder, mongoUri, writes, exchange }: Floor) {
  const store = mongoUri
    ? ({ kind: 'mongodb', uri: mongoUri } as const)
    : ({ kind: 'sqlite', file: join(folder, 'floor-alarms.db') } as const);
  let turn = Promise.withResolvers<void>();
  const report = (error: Error) => turn.reject(error);
  const alarms = await openAlarms({ store, worker: 'bench', clock: wallClock, report });
  const writer = mongoUri ? await openMongoWriter(mongoUri) : openSqliteWriter(folder);
  await alarms.start(async ({ id }) => {
    for (let n = 0; n < writes; n += 1) {
      if (n === writes - 1) await exchange(`floor ${id}`);
      await writer.write(id, n);
    }
    turn.resolve();
  });
  let all = 0;
  const ringOne = async () => {
    turn = Promise.withResolvers<void>();
    await alarms.set('release', `r${(all += 1)}`, Date.now());
    await turn.promise;
  };
  return {
    async run(count: number): Promise<Took> {
      const watch = startWatch();
      for (let n = 0; n < count; n += 1) await ringOne();
      return { done: count, ...watch.stop() };
    },
    async [Symbol.asyncDispose]() {
      await alarms.stop();
      await writer[Symbol.asyncDispose]();
    },
  };
}

/** Wall clock and CPU from now on. */
export function startWatch() {
  const from = process.cpuUsage();
  const startedAt = performance.now();
  return {
    stop(): Omit<Took, 'done'> {
      const { user, system } = process.cpuUsage(from);
      return { seconds: (performance.now() - startedAt) / 1000, cpu: (user + system) / 1000 };
    },
  };
}

interface Writer extends AsyncDisposable {
  write(id: string, n: number): Promise<void>;
}

function openSqliteWriter(folder: string): Writer {
  const sqlite = openSqlite(join(folder, 'floor.db'), { synchronous: 'FULL' });
  sqlite.exec('CREATE TABLE IF NOT EXISTS rows (id TEXT PRIMARY KEY, n INTEGER, doc TEXT)');
  return {
    async write(id, n) {
      sqlite.run('INSERT OR REPLACE INTO rows (id, n, doc) VALUES (?, ?, ?)', id, n, doc);
    },
    [Symbol.asyncDispose]: async () => sqlite.close(),
  };
}

async function openMongoWriter(uri: string): Promise<Writer> {
  const client = new MongoClient(uri, { writeConcern: { w: 'majority', journal: true } });
  const rows = client.db().collection<{ _id: string; n: number; doc: string }>('floor');
  return {
    async write(id, n) {
      await rows.updateOne({ _id: id }, { $set: { n, doc } }, { upsert: true });
    },
    [Symbol.asyncDispose]: () => client.close(),
  };
}
