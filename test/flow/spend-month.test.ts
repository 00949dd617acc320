import { expect, test } from 'vitest';
import type { Receipt } from '../../src/core/post/message.ts';
import { readSpend } from '../../src/flow/spend/spend.ts';
import { defaultPeople } from '../../src/sandbox/open-sandbox.ts';
import { send, signal } from '../networks/kit.ts';
import { type BilledWorld, openBilledWorld } from './spend-kit.ts';

const hour = 3_600_000;

async function putThere({ outsider, clock }: BilledWorld, count: number): Promise<Receipt[]> {
  const receipts: Receipt[] = [];
  for (let i = 0; i < count; i++) {
    clock.move(hour);
    receipts.push((await send(outsider, `number ${i} of ${count}`)).receipt);
  }
  return receipts;
}

test('a hundred posts, measured four times a day for a month, cost less than 4 USD, and the ledger says what X bills', async () => {
  await using world = await openBilledWorld('2026-11-26T00:00:00Z');
  const { clock, sandbox, publisher, store } = world;
  const receipts = await putThere(world, 100);
  clock.move(Date.parse('2026-12-01T00:30:00Z') - clock.now());
  const before = sandbox.bill('dripline');
  const looks: number[] = [];
  for (let i = 0; i < 31 * 4; i++) {
    const { counts } = await publisher.measure(receipts, signal);
    looks.push(counts.size);
    await publisher.identify(signal);
    await publisher.followers(signal);
    clock.move(6 * hour);
  }
  expect(new Set(looks)).toEqual(new Set([100]));
  const billed = sandbox.bill('dripline').microUsd - before.microUsd;
  const spend = await readSpend(store, 'x', Date.parse('2026-12-31T12:00:00Z'));
  expect(spend).toEqual({
    month: '2026-12',
    microUsd: billed,
    byCharge: { ownRead: 31 * 100 * 1000, user: 31 * 10_000 },
  });
  expect(billed).toBeLessThan(4_000_000);
});

test('answers of the audience and an app of somebody else are written down as they are billed', async () => {
  const strange = defaultPeople.map((one) =>
    one.network === 'x' ? { ...one, ownsApp: false } : one,
  );
  await using world = await openBilledWorld(
    '2026-12-03T00:00:00Z',
    { ownReads: false },
    { people: strange },
  );
  const { clock, sandbox, publisher, spent } = world;
  const receipts = await putThere(world, 20);
  clock.move(9 * hour);
  const before = sandbox.bill('dripline').microUsd;
  let answers = 0;
  for (let i = 0; i < 12; i++) {
    await publisher.measure(receipts, signal);
    answers += (await publisher.replies(clock.now() - 9 * hour, signal)).length;
    await publisher.timeline({ limit: 10 }, signal);
    clock.move(5 * hour);
  }
  expect(answers).toBeGreaterThan(10);
  const billed = sandbox.bill('dripline').microUsd - before;
  expect(await spent()).toBe(billed);
  // Three days, whole or in part.
  expect(billed).toBeGreaterThan(3 * 20 * 5000);
});
