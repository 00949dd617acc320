import { expect, test } from 'vitest';
import type { Delivery } from '../../src/core/delivery/delivery.ts';
import { readStatus } from '../../src/commands/views/status-read.ts';
import { tellStatus } from '../../src/commands/views/status-text.ts';
import { type Cadence, defaultCadence } from '../../src/core/schedule/cadence.ts';
import { readForecasts, warnOf } from '../../src/flow/spend/forecast.ts';
import { computePlan } from '../../src/flow/plan/plan.ts';
import { openCostLedger } from '../../src/flow/spend/spend.ts';
import { createClock } from '../sandbox/clients.ts';
import { makeDelivery, makePlace, makePost } from '../store/kit.ts';
import { openAccount, settingsOf } from './spend-kit.ts';
import { openWorld, until } from './world.ts';

const dec1 = Date.parse('2026-12-01T00:00:00Z');

interface Draft {
  text: string;
  terms?: Partial<Delivery['terms']>;
}

/** A queue in a store, on the evening of 24 November; three releases a day. */
async function openQueue(
  drafts: Record<string, Draft>,
  budget: number | undefined,
  cadence: Partial<Cadence> = {},
) {
  await using opened = new AsyncDisposableStack();
  const place = opened.use(await makePlace());
  const store = opened.use(await place.open());
  const clock = createClock(Date.parse('2026-11-24T20:00:00Z'));
  const account = openAccount('http://127.0.0.1:1', budget === undefined ? {} : { budget });
  const settings = {
    ...settingsOf([account]),
    cadences: { x: { ...defaultCadence, zone: 'UTC', perDay: { min: 3, max: 3 }, ...cadence } },
  };
  const names = Object.keys(drafts);
  await store.savePosts(names.map((name) => makePost(name, { parts: [drafts[name]?.text ?? ''] })));
  await store.addDeliveries(
    names.map((name) =>
      makeDelivery(name, {
        account: 'x',
        network: 'x',
        terms: { hash: 'h', ...drafts[name]?.terms },
      }),
    ),
  );
  const context = { store, clock, settings };
  const all = opened.move();
  return {
    ...context,
    ledger: openCostLedger(context),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

const link = (i: number) => ({ text: `number ${i} https://example.com/${i}` });
const plain = (i: number) => ({ text: `number ${i}` });

/** a0 to c9: a link, then two plain ones, and so on. */
const mixed = Object.fromEntries(
  Array.from({ length: 30 }, (_, i) => [
    `p${String(i).padStart(2, '0')}`,
    i % 3 === 0 ? link(i) : plain(i),
  ]),
);

test('posts with links wait for the next month when the budget has no room for them beside the plain ones', async () => {
  // Until 1 December 18 are released: with two links among them that is 0.64, with three it would
  // be 0.825.
  await using queue = await openQueue(mixed, 700_000);
  const { schedule, stages } = await computePlan(queue, 'x');
  const thisMonth = schedule.slots.filter(({ at }) => at < dec1);
  const isLink = (id: string) => Number(id.slice(1, 3)) % 3 === 0;
  expect(thisMonth.map(({ delivery }) => delivery).filter(isLink)).toEqual(['p00@x', 'p03@x']);
  expect(stages).toEqual(['links']);
  // Plain posts have come into the places of the others.
  expect(thisMonth.length).toBe(18);
  const moved = schedule.slots.find(({ delivery }) => delivery === 'p06@x');
  expect(moved?.at).toBeGreaterThan(dec1);
  expect(moved?.why).toMatch(
    /; this month's X budget of 0\.70 USD has no room for another post with a link$/,
  );
});

test('when even plain posts do not fit, the first that do are released and the others wait', async () => {
  await using queue = await openQueue(
    Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`p${i}`, plain(i)])),
    4 * 15_000 + 10_000,
  );
  const { schedule, stages } = await computePlan(queue, 'x');
  expect(schedule.slots.filter(({ at }) => at < dec1).map(({ delivery }) => delivery)).toEqual([
    'p0@x',
    'p1@x',
    'p2@x',
    'p3@x',
  ]);
  expect(schedule.slots.filter(({ at }) => at >= dec1).map(({ delivery }) => delivery)).toEqual([
    'p4@x',
    'p5@x',
    'p6@x',
    'p7@x',
    'p8@x',
  ]);
  expect(stages).toEqual(['everything']);
});

test('a pin that the budget has no room for waits and says why; without a budget everything goes', async () => {
  const at = Date.parse('2026-11-25T10:00:00Z');
  const drafts = {
    a: { ...link(1), terms: { pin: { at } } },
    b: { ...link(2), terms: { pin: { date: '2026-11-26' } } },
    c: plain(3),
  };
  await using queue = await openQueue(drafts, 150_000);
  const { schedule } = await computePlan(queue, 'x');
  expect(schedule.slots.map(({ delivery }) => delivery)).toEqual(['c@x']);
  expect(schedule.unplaced.map(({ delivery, state }) => [delivery, state]).sort()).toEqual([
    ['a@x', 'waiting'],
    ['b@x', 'waiting'],
  ]);
  expect(schedule.unplaced[0]?.reason).toBe(
    "this month's X budget of 0.15 USD has no room for another post with a link: it waits until Tue 1 Dec 00:00 UTC",
  );
  await using free = await openQueue(drafts, undefined);
  expect((await computePlan(free, 'x')).schedule.slots).toHaveLength(3);
});

test('a date that begins before the month does in UTC waits too', async () => {
  await using queue = await openQueue(
    { a: { ...link(1), terms: { pin: { date: '2026-12-01' } } } },
    150_000,
    {
      zone: 'Pacific/Auckland',
      windows: [{ from: 0, to: 1440 }],
    },
  );
  expect((await computePlan(queue, 'x')).schedule).toMatchObject({
    slots: [],
    unplaced: [{ delivery: 'a@x', state: 'waiting' }],
  });
});

test('what is spent is taken off what may be planned, and the forecast warns beforehand', async () => {
  await using queue = await openQueue(mixed, 3_000_000);
  const [before] = await readForecasts(queue);
  expect(before).toEqual({
    account: 'x',
    month: '2026-11',
    microUsd: 0,
    plannedMicroUsd: 12 * 15_000 + 6 * 200_000,
    budget: 3_000_000,
  });
  expect(warnOf(before!)).toBeUndefined();
  await queue.ledger.reserve('x', 'finish', [{ of: 'linkPost', count: 9 }]);
  const [after] = await readForecasts(queue);
  expect(warnOf(after!)).toBe(
    'as scheduled, x comes to 3.18 USD in 2026-11, over its budget of 3.00 USD',
  );
  const planned = (await computePlan(queue, 'x')).schedule.slots
    .filter(({ at }) => at < dec1)
    .map(({ delivery }) => Number(delivery.slice(1, 3)));
  expect(planned.filter((i) => i % 3 === 0)).toEqual([0, 3, 6, 9, 12]);
  const status = await readStatus({ ...queue, by: 'cli', version: 'test' });
  expect(status.spend).toEqual([
    {
      account: 'x',
      month: '2026-11',
      usd: 1.8,
      budgetUsd: 3,
      plannedUsd: 1.38,
      warning: warnOf(after!),
    },
  ]);
  expect(tellStatus(status, 'UTC', queue.clock.now())).toContain(
    'x: spent 1.80 USD of 3.00 USD in November; about 1.38 USD more for scheduled posts\n! as scheduled',
  );
});

test('a service keeps to the budget even where a person says now, and tells what waits for what', async () => {
  const files = Object.fromEntries(
    Array.from({ length: 5 }, (_, i) => [
      `posts/${10 + i}-p${i}.md`,
      i < 2 ? `Link ${i}: https://example.com/${i}` : `Plain ${i}`,
    ]),
  );
  await using world = await openWorld({ yaml: 'cadence: { perDay: 1, minGap: 1h }', files });
  for (const account of world.config.accounts)
    if (account.network === 'x') account.budget = 300_000;
  await using served = await world.serve();
  await world.say('resume');
  for (const i of [2, 3, 4, 0])
    expect((await world.say(`now p${i}@x`))[0]).toMatchObject({ state: 'released' });
  await world.say('now p1@x --wait=0');
  const { store, clock } = served.context;
  const reason = await until('p1 waits', async () => {
    const found = await store.findDelivery('p1@x');
    return found?.state === 'waiting' ? found.reason : undefined;
  });
  expect(reason).toMatch(
    /^this month's X budget of 0\.30 USD has no room for another post with a link: it waits until /,
  );
  expect(world.texts('x')).toHaveLength(4);
  const notices = (await world.say<{ text: string; type: string }[]>('journal'))
    .filter(({ type }) => type === 'notice')
    .map(({ text }) => text);
  expect(notices.filter((text) => text.includes('some wait until'))).toHaveLength(1);
  const bill = () => world.sandbox.bill('dripline').microUsd;
  const spend = await until('the ledger says what X bills', async () => {
    const { spend: told } = await world.say<any>('status');
    return told[0].usd === bill() / 1e6 ? told : undefined;
  });
  expect(bill()).toBeLessThanOrEqual(300_000);
  expect(spend).toEqual([
    expect.objectContaining({
      account: 'x',
      budgetUsd: 0.3,
      warning: expect.stringContaining('over its budget'),
    }),
  ]);
  expect(spend[0].month).toBe(new Date(clock.now()).toISOString().slice(0, 7));
  expect(await store.countDeliveries({ states: ['failed', 'uncertain'] })).toBe(0);
});
