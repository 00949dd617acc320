import { forEachAlarms } from '../alarm-stores.ts';
import { spread, type Row } from '../row.ts';
import type { Alarms } from '../../src/ports/alarms.ts';

export const name = 'alarm lateness';

/**
 * Sets alarms that are due `gap` milliseconds apart, all of them further away than a scan looks
 * ahead.
 */
async function setAlarms(
  alarms: Alarms,
  { count, gap, prefix }: { count: number; gap: number; prefix: string },
): Promise<void> {
  const start = Date.now() + 6000;
  for (let n = 0; n < count; n += 1) await alarms.set('release', `${prefix}${n}`, start + n * gap);
}

const wanted = 'wanted: p99 at most 25 ms';

export async function run(): Promise<Row[]> {
  const all = await forEachAlarms(async (kind, alarms) => {
    let waiting: { count: number; late: number[]; resolve: () => void } | undefined;
    await alarms.start(async ({ at }) => {
      waiting?.late.push(Date.now() - at);
      if (waiting && waiting.late.length >= waiting.count) waiting.resolve();
    });
    const measure = async (prefix: string, count: number, gap: number) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      waiting = { count, late: [], resolve };
      await setAlarms(alarms, { count, gap, prefix });
      await promise;
      return spread(waiting.late);
    };
    return [
      {
        what: `${kind}: 100 alarms due within one minute`,
        value: await measure('dense', 100, 600),
        note: wanted,
      },
      {
        what: `${kind}: 15 alarms, one each 3.7 s`,
        value: await measure('sparse', 15, 3700),
        note: wanted,
      },
      {
        what: `${kind}: 1,000 alarms due at one instant, empty handler`,
        value: await measure('burst', 1000, 0),
      },
    ];
  });
  return all.flat().map((row) =>
    row.what.includes('mongo-java-server')
      ? {
          ...row,
          note: ['note' in row ? row.note : undefined, 'a test server, not a mongod']
            .filter(Boolean)
            .join('; '),
        }
      : row,
  );
}
