import { expect, test } from 'vitest';
import type { Context } from '../../src/flow/context.ts';
import { readAccount } from '../../src/flow/facts.ts';
import { lookAtAccount } from '../../src/flow/release/meet-account.ts';
import { chargeOfText, costOfParts } from '../../src/core/network/x-prices.ts';
import { nextMonth, openCostLedger, readSpend } from '../../src/flow/spend/spend.ts';
import { openPublisher } from '../../src/networks/open-publisher.ts';
import { StoreError } from '../../src/ports/store.ts';
import { openFaultProxy } from '../peers/fault-proxy.ts';
import {
  failureOf,
  makePicture,
  mayOpen,
  newFolder,
  request,
  send,
  signal,
} from '../networks/kit.ts';
import { createClock, openTestSandbox } from '../sandbox/clients.ts';
import { makePlace } from '../store/kit.ts';
import { openAccount, openBilledWorld, settingsOf } from './spend-kit.ts';

const nov = '2026-11-24T09:00:00Z';
const dec1 = Date.parse('2026-12-01T00:00:00Z');

test('knows what X takes for a link, and what a release costs', () => {
  const dear = [
    'https://example.com/a',
    'see example.com',
    'read README.md',
    'HTTPS://EXAMPLE.COM',
    'https://t.co/abc',
    'https://example.unheardof/x',
  ];
  expect(dear.map(chargeOfText)).toEqual(dear.map(() => 'linkPost'));
  const cheap = ['plain', 'a.b', 'version 1.2.3', 'http://localhost:3000/', 'me@example', ''];
  expect(cheap.map(chargeOfText)).toEqual(cheap.map(() => 'post'));
  const picture = (alt: string) => ({ src: 'a.png', file: '/a.png', alt });
  const parts = [
    { text: 'one', media: [picture('told'), picture('')] },
    { text: 'two example.com', media: [] },
  ];
  expect(costOfParts(parts)).toEqual({ microUsd: 15_000 + 5_000 + 200_000, hasLink: true });
  expect(costOfParts(parts.slice(0, 1))).toEqual({ microUsd: 20_000, hasLink: false });
});

test('a release is written down as X bills it, refusals cost nothing, and what may have landed keeps its price', async () => {
  await using world = await openBilledWorld(nov);
  await using proxy = await openFaultProxy(world.sandbox.baseUrls.x);
  const { sandbox, clock, store, settings, spent } = world;
  const ledger = openCostLedger({ store, clock, settings });
  const publisher = await openPublisher(openAccount(proxy.url), {
    clock,
    dataFolder: newFolder(),
    ledger,
  });
  await publisher.identify(signal);
  await send(publisher, 'plain');
  await send(publisher, 'with example.com', {
    media: [await makePicture(publisher, 'Two halves')],
  });
  expect(await spent()).toBe(10_000 + 15_000 + 200_000 + 5_000);
  expect(await spent()).toBe(sandbox.bill('dripline').microUsd);
  const before = await spent();
  const payload = await publisher.prepare(request(publisher, 'x'.repeat(281)), signal);
  expect((await failureOf(publisher.publish(payload, { signal, mayOpen }))).kind).toBe('refused');
  for (const [fault, kind, cost] of [
    [{ status: 429, headers: { 'content-type': 'application/json' }, body: '{}' }, 'wait', 0],
    ['drop', 'unknown', 15_000],
    ['reset', 'unknown', 15_000],
  ] as const) {
    const [was, text] = [await spent(), `met ${JSON.stringify(fault)}`.slice(0, 30)];
    const ready = await publisher.prepare(request(publisher, text), signal);
    proxy.fail(/POST \/2\/tweets/, fault);
    expect((await failureOf(publisher.publish(ready, { signal, mayOpen }))).kind).toBe(kind);
    expect([fault, (await spent()) - was]).toEqual([fault, cost]);
  }
  expect(await spent()).toBe(before + 30_000);
});

test('the estimate stands before the call is made, and a process that dies in between leaves it standing', async () => {
  await using world = await openBilledWorld(nov);
  const { store, clock, settings, spent } = world;
  const ledger = openCostLedger({ store, clock, settings });
  await ledger.reserve('x', 'measure', [{ of: 'ownRead', count: 100 }]);
  expect(await spent()).toBe(100_000);
  const again = openCostLedger({ store, clock, settings });
  const reservation = await again.reserve('x', 'measure', [
    { of: 'ownRead', count: 100, ids: ['1', '2'] },
  ]);
  expect(await spent()).toBe(200_000);
  await reservation.settle([{ of: 'ownRead', count: 2, ids: ['1', '2'] }]);
  expect(await spent()).toBe(102_000);
});

test('what is read is billed once a UTC day, whoever asks and however many at once', async () => {
  await using world = await openBilledWorld('2026-11-30T22:00:00Z');
  const { store, clock, settings, spent } = world;
  const ledger = openCostLedger({ store, clock, settings });
  const read = async (ids: string[], of: 'ownRead' | 'user' = 'ownRead') => {
    const reservation = await ledger.reserve('x', 'measure', [{ of, count: ids.length, ids }]);
    await reservation.settle([{ of, count: ids.length, ids }]);
  };
  await Promise.all([
    read(['1', '2']),
    read(['2', '3']),
    read(['1'], 'user'),
    read(['1', '2', '3']),
  ]);
  expect(await spent()).toBe(3000 + 10_000);
  const failed = await ledger.reserve('x', 'measure', [{ of: 'ownRead', count: 5, ids: ['1'] }]);
  expect(await spent()).toBe(13_000 + 4000);
  await failed.settle([]);
  expect(await spent()).toBe(13_000);
  clock.move(3 * 3_600_000);
  expect((await readSpend(store, 'x', clock.now())).month).toBe('2026-12');
  expect(await spent()).toBe(0);
  await read(['1']);
  expect(await spent()).toBe(1000);
  expect((await readSpend(store, 'x', Date.parse('2026-11-30T22:00:00Z'))).byCharge).toEqual({
    ownRead: 3000,
    user: 10_000,
  });
});

test('at the budget measuring waits for the next month first; then releases wait, and what has begun is finished', async () => {
  await using world = await openBilledWorld(nov, { budget: 250_000 });
  const { publisher, outsider, store, clock, sandbox } = world;
  const receipts = [];
  for (let i = 0; i < 45; i++) receipts.push((await send(outsider, `number ${i}`)).receipt);
  const { receipt: first } = await send(publisher, 'with example.com');
  // 0.21 are spent; eleven posts would be 0.011 more.
  expect((await publisher.measure(receipts.slice(0, 11), signal)).counts.size).toBe(11);
  const refusal = await failureOf(publisher.measure(receipts, signal));
  expect([refusal.kind, refusal.until, refusal.message]).toEqual([
    'wait',
    dec1,
    expect.stringMatching(
      /^the X budget of 0\.25 USD a month for x has no room for it: 0\.22 USD are spent/,
    ),
  ]);
  // What was read today already costs nothing, and is read all the same.
  expect((await publisher.measure(receipts.slice(0, 11), signal)).counts.size).toBe(11);
  await send(publisher, 'plain');
  const payload = await publisher.prepare(request(publisher, 'plain again'), signal);
  const waits = await failureOf(publisher.publish(payload, { signal, mayOpen }));
  expect([waits.kind, waits.until]).toEqual(['wait', clock.now() + 60_000]);
  expect(sandbox.accepted().some(({ text }) => text === 'plain again')).toBe(false);
  await send(publisher, 'and example.org', { index: 1, before: [first] });
  expect(await publisher.lookUp(payload, { sentAt: clock.now(), signal })).toBeUndefined();
  const notices = await store.listJournal({ types: ['notice'] });
  expect(notices.map(({ id, account }) => [id, account])).toEqual([
    ['budget:x:2026-11:four-fifths', 'x'],
    ['budget:x:2026-11:measuring', 'x'],
  ]);
  clock.move(dec1 - clock.now());
  expect((await publisher.measure(receipts, signal)).counts.size).toBe(45);
});

test('an account that is well is read no more once measuring has stopped, and is again next month', async () => {
  await using world = await openBilledWorld('2026-11-05T12:00:00Z', { budget: 215_000 });
  const { publisher, store, clock, sandbox, settings } = world;
  const publishers = new Map([['x', publisher]]);
  const log = { info: () => undefined, warn: () => undefined };
  const context = { store, clock, settings, publishers, log, hold: {} } as unknown as Context;
  const bill = () => sandbox.bill('dripline').microUsd;
  await lookAtAccount(context, 'x', signal);
  await send(publisher, 'with example.com');
  expect(bill()).toBe(210_000);
  for (let i = 0; i < 10; i++) {
    clock.move(24 * 3_600_000);
    await lookAtAccount(context, 'x', signal);
  }
  expect(bill()).toBe(210_000);
  const fact = await readAccount(store, 'x');
  expect(fact).toMatchObject({ failures: 0, identity: { handle: expect.any(String) } });
  expect([fact.lastError, fact.heldBecause]).toEqual([undefined, undefined]);
  // Nobody is signed out of a release by it.
  expect(publisher.preparesAlone?.(request(publisher, 'plain'))).toBe(true);
  clock.move(dec1 - clock.now());
  await lookAtAccount(context, 'x', signal);
  expect(bill()).toBe(220_000);
});

test('a store that cannot be written makes a release wait, and never fail', async () => {
  const clock = createClock();
  await using sandbox = await openTestSandbox({ clock });
  await using place = await makePlace();
  await using store = await place.open();
  let isFull = false;
  const full = {
    ...store,
    findFact: store.findFact.bind(store),
    putFact: async (...args: Parameters<typeof store.putFact>) => {
      if (isFull) throw new StoreError('full', 'the disk is full: make room');
      return store.putFact(...args);
    },
  };
  const account = openAccount(sandbox.baseUrls.x);
  const ledger = openCostLedger({ store: full, clock, settings: settingsOf([account]) });
  const publisher = await openPublisher(account, { clock, dataFolder: newFolder(), ledger });
  const payload = await publisher.prepare(request(publisher, 'once'), signal);
  isFull = true;
  expect(await failureOf(publisher.publish(payload, { signal, mayOpen }))).toMatchObject({
    kind: 'wait',
    until: clock.now() + 60_000,
    message: expect.stringContaining('the disk is full'),
  });
  expect(sandbox.accepted()).toEqual([]);
  isFull = false;
  const reservation = await ledger.reserve('x', 'measure', [{ of: 'read', count: 1 }]);
  isFull = true;
  await reservation.settle([]);
  expect((await readSpend(store, 'x', clock.now())).byCharge['read']).toBe(5000);
});

test('the month ends at midnight in UTC', () => {
  expect(
    [nov, '2026-12-31T23:59:59Z'].map((at) => new Date(nextMonth(Date.parse(at))).toISOString()),
  ).toEqual(['2026-12-01T00:00:00.000Z', '2027-01-01T00:00:00.000Z']);
});
