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
  count: number;
  /** So many of them come before what is counted. */
  warmUp: number;
}

/** What one of them takes. */
export interface Pace {
  perSecond: number;
  /** Milliseconds of this process's CPU, the driver's threads included. */
  cpuEach: number;
}

const doc = JSON.stringify({ text: 'x'.repeat(1200) });

/** Bare alarms one after the other, each with its durable writes and one raw request. */
export async function measureFloor(options: Floor): Promise<Pace> {
  const { folder, mongoUri, writes, exchange, count, warmUp } = options;
  const store = mongoUri
    ? ({ kind: 'mongodb', uri: mongoUri } as const)
    : ({ kind: 'sqlite', file: join(folder, 'floor-alarms.db') } as const);
  let turn = Promise.withResolvers<void>();
  const report = (error: Error) => turn.reject(error);
  const alarms = await openAlarms({ store, worker: 'bench', clock: wallClock, report });
  await using writer = mongoUri ? await openMongoWriter(mongoUri) : openSqliteWriter(folder);
  await alarms.start(async ({ id }) => {
    for (let n = 0; n < writes; n += 1) {
      if (n === writes - 1) await exchange(`floor ${id}`);
      await writer.write(id, n);
    }
    turn.resolve();
  });
  let watch = startWatch();
  for (let n = 0; n < count; n += 1) {
    if (n === warmUp) watch = startWatch();
    turn = Promise.withResolvers<void>();
    await alarms.set('release', `r${n}`, Date.now());
    await turn.promise;
  }
  const pace = watch.stop(count - warmUp);
  await alarms.stop();
  return pace;
}

/** Wall clock and CPU from now on. */
export function startWatch() {
  const cpu = process.cpuUsage();
  const startedAt = performance.now();
  return {
    stop(done: number): Pace {
      const { user, system } = process.cpuUsage(cpu);
      return {
        perSecond: (done * 1000) / (performance.now() - startedAt),
        cpuEach: (user + system) / 1000 / done,
      };
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
