import { forEachAlarms } from '../alarm-stores.ts';
import type { Row } from '../row.ts';

export const name = 'alarm idle';

const duration = 20_000;

/**
 * The share of one core that alarms take which have nothing to do, with a thousand set for later.
 */
export async function run(): Promise<Row[]> {
  return forEachAlarms(async (kind, alarms) => {
    for (let n = 0; n < 1000; n += 1)
      await alarms.set('release', `d${n}`, Date.now() + 3_600_000 + n);
    await alarms.start(async () => undefined);
    const before = process.cpuUsage();
    await new Promise((resolve) => setTimeout(resolve, duration));
    const { user, system } = process.cpuUsage(before);
    return {
      what: `${kind}: 1,000 alarms, none due`,
      value: `${((user + system) / duration / 10).toFixed(2)} % of a core`,
      note: 'wanted: at most 0.5 %',
    };
  });
}
