import { forEachAlarms } from '../alarm-stores.ts';
import { spread, type Row } from '../row.ts';
import { pickDefined } from '../../src/core/pick-defined.ts';
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

const cases = [
  { what: '100 alarms due within one minute', prefix: 'dense', count: 100, gap: 600, note: wanted },
  { what: '15 alarms, one each 3.7 s', prefix: 'sparse', count: 15, gap: 3700, note: wanted },
  { what: '1,000 alarms due at one instant, empty handler', prefix: 'burst', count: 1000, gap: 0 },
];

export async function run(): Promise<Row[]> {
  const all = await forEachAlarms(async (kind, alarms) => {
    const measure = await openMeasure(alarms);
    const rows: Row[] = [];
    for (const { what, note, ...some } of cases) {
      const value = await measure(some);
      rows.push(pickDefined({ what: `${kind}: ${what}`, value, note: noteFor(kind, note) }));
    }
    return rows;
  });
  return all.flat();
}

function noteFor(kind: string, note: string | undefined): string | undefined {
  if (!kind.includes('mongo-java-server')) return note;
  return note === undefined ? testServer : `${note}; ${testServer}`;
}

const testServer = 'a test server, not a mongod';

/** Sets some alarms, waits until all have rung, and tells how late they were. */
async function openMeasure(alarms: Alarms) {
  let waiting: { count: number; late: number[]; resolve: () => void } | undefined;
  await alarms.start(async ({ at }) => {
    waiting?.late.push(Date.now() - at);
    if (waiting && waiting.late.length >= waiting.count) waiting.resolve();
  });
  return async (some: { count: number; gap: number; prefix: string }) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    waiting = { count: some.count, late: [], resolve };
    await setAlarms(alarms, some);
    await promise;
    return spread(waiting.late);
  };
}
