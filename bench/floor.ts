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
}

const doc = JSON.stringify({ text: 'x'.repeat(1200) });

/** Bare alarms, each with its durable writes and one raw request: so many a second. */
export async function measureFloor(options: Floor): Promise<number> {
  const { folder, mongoUri, writes, exchange, count } = options;
  const store = mongoUri
    ? ({ kind: 'mongodb', uri: mongoUri } as const)
    : ({ kind: 'sqlite', file: join(folder, 'floor-alarms.db') } as const);
  const alarms = await openAlarms({ store, worker: 'bench', clock: wallClock });
  await using writer = mongoUri ? await openMongoWriter(mongoUri) : openSqliteWriter(folder);
  let done = () => {};
  await alarms.start(async ({ id }) => {
    for (let n = 0; n < writes; n += 1) {
      if (n === writes - 1) await exchange(`floor ${id}`);
      await writer.write(id, n);
    }
    done();
  });
  const startedAt = performance.now();
  for (let n = 0; n < count; n += 1) {
    const { promise, resolve } = Promise.withResolvers<void>();
    done = resolve;
    await alarms.set('release', `r${n}`, Date.now());
    await promise;
  }
  const seconds = (performance.now() - startedAt) / 1000;
  await alarms.stop();
  return count / seconds;
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
