import { openTestMongo, databaseUri } from '../../test/peers/mongo.ts';
import { openWorld, until } from '../../test/flow/world.ts';
import { pickDefined } from '../../src/core/pick-defined.ts';
import { defaultTiming } from '../../src/flow/context.ts';
import { forEachAlarms } from '../alarm-stores.ts';
import type { Row } from '../row.ts';
import type { Alarms } from '../../src/ports/alarms.ts';

export const name = 'releases';

const posts = 200;
const releases = posts * 3;
const dense = 'cadence: { perDay: 8640000, windows: ["00:00-24:00"], minGap: 0s }';

/** Releases a second through the whole flow, three networks on loopback in the same process. */
async function measureFlow(mongoUri?: string): Promise<number> {
  const files = Object.fromEntries(
    Array.from({ length: posts }, (_, n) => [
      `posts/p${n}.md`,
      `Post ${n}, with nothing else to say.`,
    ]),
  );
  await using world = await openWorld(pickDefined({ yaml: dense, files, mongoUri }));
  await using served = await world.serve({ timing: defaultTiming });
  const startedAt = performance.now();
  await world.say('resume');
  const { store } = served.context;
  await until(
    'everything is released',
    async () => (await store.countDeliveries({ states: ['released'] })) === releases,
    300_000,
  );
  return releases / ((performance.now() - startedAt) / 1000);
}

/**
 * As many alarms, due at once, whose handler does nothing: Agenda with a scheduler on top of it
 * could not be faster.
 */
async function measureAgenda(alarms: Alarms): Promise<number> {
  for (let n = 0; n < releases; n += 1)
    await alarms.set('release', `r${n}`, Date.now() + 3_600_000);
  const { promise, resolve } = Promise.withResolvers<void>();
  let rung = 0;
  await alarms.start(async () => {
    rung += 1;
    if (rung === releases) resolve();
  });
  const startedAt = performance.now();
  for (let n = 0; n < releases; n += 1) await alarms.set('release', `r${n}`, Date.now());
  await promise;
  return releases / ((performance.now() - startedAt) / 1000);
}

export async function run(): Promise<Row[]> {
  await using mongo = await openTestMongo();
  const bare = await forEachAlarms(async (kind, alarms) => ({
    kind,
    rate: await measureAgenda(alarms),
  }));
  const rows: Row[] = [];
  for (const { kind, rate } of bare) {
    const flow = await measureFlow(
      kind === 'SQLite' || !mongo.uri
        ? undefined
        : databaseUri(mongo.uri, `bench-flow-${process.pid}`),
    );
    const share = `1/${(rate / flow).toFixed(0)} of bare Agenda`;
    const isTestServer = kind.includes('mongo-java-server');
    rows.push(
      {
        what: `${kind}: bare Agenda, alarms set and rung, doing nothing`,
        value: `${rate.toFixed(0)} a second`,
      },
      {
        what: `${kind}: ${releases} releases through the whole flow`,
        value: `${flow.toFixed(1)} a second`,
        note: isTestServer ? `${share}; a test server` : share,
      },
    );
  }
  return rows;
}
