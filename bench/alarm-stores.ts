import { join } from 'node:path';
import { openTestMongo, databaseUri } from '../test/peers/mongo.ts';
import { makeFolder } from '../test/store/kit.ts';
import { openAlarms } from '../src/jobs/open-alarms.ts';
import type { Alarms } from '../src/ports/alarms.ts';

export const wallClock = { now: () => Date.now(), monotonic: () => performance.now() };

/** Alarms on SQLite and, where there is one, on MongoDB. */
export async function forEachAlarms<T>(
  work: (kind: string, alarms: Alarms) => Promise<T>,
): Promise<T[]> {
  await using folder = await makeFolder();
  await using mongo = await openTestMongo();
  const results: T[] = [];
  const sqlite = await openAlarms({
    store: { kind: 'sqlite', file: join(folder.path, 'alarms.db') },
    worker: 'bench',
    clock: wallClock,
  });
  results.push(await work('SQLite', sqlite));
  await sqlite.stop();
  if (mongo.uri) {
    const uri = databaseUri(mongo.uri, `bench-${process.pid}`);
    const alarms = await openAlarms({
      store: { kind: 'mongodb', uri },
      worker: 'bench',
      clock: wallClock,
    });
    results.push(
      await work(`MongoDB (${mongo.description.replace(/ at mongodb:\S+| \(.*/g, '')})`, alarms),
    );
    await alarms.stop();
  }
  return results;
}
