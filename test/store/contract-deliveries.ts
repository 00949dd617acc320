import { expect, test } from 'vitest';
import type { Delivery } from '../../src/core/delivery/delivery.ts';
import type { DeliveryQuery, Store } from '../../src/ports/store.ts';
import type { MakePlace } from './contract.ts';
import { alter, makeDelivery, makeEntry } from './kit.ts';

const full: Delivery = makeDelivery('full', {
  state: 'releasing',
  reason: 'because',
  queue: 'tips',
  at: 10,
  why: 'a slot',
  pinnedAt: 11,
  terms: {
    hash: 'h',
    pin: { at: 9 },
    expires: 8,
    after: { post: 'p', delayFor: 0 },
    approval: false,
  },
  retryAt: 12,
  startedAt: 13,
  lookAt: 14,
  claim: { by: 'w', fence: 2, until: 15 },
  fence: 2,
  approvedHash: '',
  isRefused: true,
  byPerson: false,
  receipts: [{ id: '1', url: 'https://example.com/1', at: 16, cid: 'c' }],
  intent: {
    at: 17,
    postHash: 'h',
    message: { account: 'bsky', network: 'bluesky', parts: [{ text: '👋 ok', media: [] }] },
    sending: {
      part: 0,
      at: 18,
      payload: {
        $type: 'app.bsky.feed.post',
        'a.b': { at: 19, createdAt: 20, until: null },
        list: [null, 1.5, 2 ** 40],
        text: '\u0000',
      },
    },
  },
});

export function deliveryContract(makePlace: MakePlace): void {
  test('a delivery comes back as it was added, its frozen payload to the letter', async () => {
    await using place = await makePlace();
    await using store = await place.open();
    await store.addDeliveries([full]);
    const found = await store.findDelivery(full.id);
    expect(found).toEqual(full);
    expect(JSON.stringify(found?.intent?.sending?.payload)).toBe(
      JSON.stringify(full.intent?.sending?.payload),
    );
    expect(await store.findDelivery('nobody@home')).toBeUndefined();
  });

  test('what is absent stays absent, and what is taken away is gone', async () => {
    await using place = await makePlace();
    await using store = await place.open();
    await store.addDeliveries([full]);
    const { at: _at, claim: _claim, intent: _intent, reason: _reason, ...rest } = full;
    const changed = await store.changeDelivery(full, {
      ...rest,
      why: undefined,
    } as unknown as Delivery);
    const found = await store.findDelivery(full.id);
    expect(changed).toStrictEqual(found);
    for (const key of ['at', 'claim', 'intent', 'reason', 'why'])
      expect(Object.keys(found ?? {})).not.toContain(key);
    expect(await store.listDeliveries({ dueBy: 1e15 })).toEqual([]);
  });

  test('deliveries that are there already are left alone, and only the new ones are named', async () => {
    await using place = await makePlace();
    await using store = await place.open();
    expect(await store.addDeliveries([makeDelivery('a')])).toEqual(['a@bsky']);
    const added = await store.addDeliveries([
      makeDelivery('a', { state: 'skipped' }),
      makeDelivery('b'),
    ]);
    expect(added).toEqual(['b@bsky']);
    expect((await store.findDelivery('a@bsky'))?.state).toBe('queued');
    expect(await store.addDeliveries([])).toEqual([]);
  });

  test('entries stand in the journal only with the deliveries that were added', async () => {
    await using place = await makePlace();
    await using store = await place.open();
    await store.addDeliveries([makeDelivery('a')]);
    await store.addDeliveries(
      [makeDelivery('a'), makeDelivery('b')],
      [
        makeEntry('of a', { delivery: 'a@bsky' }),
        makeEntry('of b', { delivery: 'b@bsky' }),
        makeEntry('of the post', { post: 'b' }),
      ],
    );
    expect((await store.listJournal({})).map((entry) => entry.id).sort()).toEqual([
      'of b',
      'of the post',
    ]);
    await store.addDeliveries([makeDelivery('a')], [makeEntry('nothing new')]);
    expect(await store.listJournal({})).toHaveLength(2);
  });

  test('a change needs the revision that was seen, raises it, and carries its entries', async () => {
    await using place = await makePlace();
    await using store = await place.open();
    const first = makeDelivery('a');
    await store.addDeliveries([first]);
    const second = await store.changeDelivery(first, alter(first, { state: 'planned', at: 5 }), [
      makeEntry('one'),
    ]);
    expect(second).toEqual({ ...first, state: 'planned', at: 5, revision: 1 });
    expect(
      await store.changeDelivery(first, alter(first, { state: 'skipped' }), [makeEntry('two')]),
    ).toBeUndefined();
    expect(
      await store.changeDelivery(makeDelivery('b'), makeDelivery('b'), [makeEntry('three')]),
    ).toBeUndefined();
    expect(await store.findDelivery('a@bsky')).toEqual(second);
    expect((await store.listJournal({})).map((entry) => entry.id)).toEqual(['one']);
  });

  test('of many who change one delivery at once, one wins and one entry is written', async () => {
    await using place = await makePlace();
    await using store = await place.open();
    const before = makeDelivery('a');
    await store.addDeliveries([before]);
    const results = await Promise.all(
      Array.from({ length: 30 }, (_, n) =>
        store.changeDelivery(before, alter(before, { why: String(n) }), [makeEntry(`by ${n}`)]),
      ),
    );
    const winners = results.filter((result) => result !== undefined);
    expect(winners).toHaveLength(1);
    expect((await store.listJournal({})).map((entry) => entry.id)).toEqual([
      `by ${winners[0]?.why}`,
    ]);
  });

  test('many changes are each on their own: those that came late are not named', async () => {
    await using place = await makePlace();
    await using store = await place.open();
    const all = Array.from({ length: 1200 }, (_, n) => makeDelivery(`p${n}`));
    expect(await store.addDeliveries(all)).toHaveLength(1200);
    for (const n of [3, 700])
      await store.changeDelivery(
        all[n] as Delivery,
        alter(all[n] as Delivery, { state: 'withdrawn' }),
      );
    const changed = await store.changeDeliveries(
      all.map((before, n) => ({ before, after: alter(before, { state: 'planned', at: n }) })),
    );
    expect(changed).toHaveLength(1198);
    expect(changed).not.toContain('p3@bsky');
    expect(await store.countDeliveries({ states: ['planned'] })).toBe(1198);
    expect(await store.countDeliveries({ states: ['planned'], limit: 700 })).toBe(700);
    expect((await store.findDelivery('p700@bsky'))?.state).toBe('withdrawn');
    expect((await store.findDelivery('p701@bsky'))?.revision).toBe(1);
    expect(await store.changeDeliveries([])).toEqual([]);
  });

  test('every part of a query narrows what is listed and counted', async () => {
    await using place = await makePlace();
    await using store = await place.open();
    await store.addDeliveries(sample);
    for (const [query, expected] of cases) {
      const ids = (await store.listDeliveries(query)).map((delivery) => delivery.id);
      expect(ids, JSON.stringify(query)).toEqual(expected);
      expect(await store.countDeliveries(query), JSON.stringify(query)).toBe(expected.length);
    }
  });

  test('a run of a post is counted once, on however many accounts', async () => {
    await using place = await makePlace();
    await using store = await place.open();
    await store.addDeliveries([
      ...['a', 'b', 'c'].flatMap((post) =>
        ['x', 'bsky'].map((account) => makeDelivery(post, { account, state: 'planned' })),
      ),
      makeDelivery('a', { id: 'a~2@x', account: 'x', run: 2, state: 'queued' }),
      makeDelivery('d', { account: 'x', state: 'queued' }),
    ]);
    expect(await store.countRuns({ states: ['planned'] })).toBe(3);
    expect(await store.countRuns({ states: ['planned', 'queued'] })).toBe(5);
    expect(await store.countRuns({ states: ['planned'], account: 'x' })).toBe(3);
    expect(await store.countRuns({ states: ['planned'], limit: 1 })).toBe(1);
    expect(await store.countRuns({ states: ['planned'], limit: 0 })).toBe(0);
    expect(await store.countRuns({ states: ['released'] })).toBe(0);
  });

  test('the accounts that have deliveries are listed once each, in order', async () => {
    await using place = await makePlace();
    await using store = await place.open();
    expect(await store.listAccounts()).toEqual([]);
    await store.addDeliveries(
      ['b', 'x', 'a', 'b'].map((account, n) =>
        makeDelivery(`p${n}`, { account, id: `p${n}@${account}` }),
      ),
    );
    expect(await store.listAccounts()).toEqual(['a', 'b', 'x']);
  });

  test('a limit takes the first of the order, over all states together', async () => {
    await using place = await makePlace();
    await using store = await place.open();
    await addAlternating(store);
    const first = await store.listDeliveries({
      states: ['queued', 'planned', 'waiting'],
      limit: 7,
    });
    expect(first.map((delivery) => delivery.rank)).toEqual([
      '00',
      '01',
      '02',
      '03',
      '04',
      '05',
      '06',
    ]);
    const newest = await store.listDeliveries({
      states: ['queued', 'planned'],
      order: '-startedAt',
      limit: 3,
    });
    expect(newest.map((delivery) => delivery.startedAt)).toEqual([49, 48, 46]);
    const further = await store.listDeliveries({
      states: ['queued', 'planned', 'waiting'],
      limit: 2,
      skip: 7,
    });
    expect(further.map((delivery) => delivery.rank)).toEqual(['07', '08']);
    expect(
      (await store.listDeliveries({ order: '-startedAt', limit: 9, skip: 47 })).map(
        (delivery) => delivery.startedAt,
      ),
    ).toEqual([2, 1, 0]);
  });
}

async function addAlternating(store: Store): Promise<void> {
  const states = ['queued', 'planned', 'waiting'] as const;
  await store.addDeliveries(
    Array.from({ length: 50 }, (_, n) =>
      makeDelivery(`p${49 - n}`, {
        rank: String(n).padStart(2, '0'),
        state: states[n % 3] ?? 'queued',
        startedAt: n,
      }),
    ),
  );
}

const sample = [
  makeDelivery('a', { rank: '2', state: 'planned', at: 30 }),
  makeDelivery('b', { rank: '1', state: 'planned', at: 20 }),
  makeDelivery('c', { rank: '1', state: 'queued' }),
  makeDelivery('c', {
    id: 'c~2@bsky',
    run: 2,
    rank: '3',
    state: 'waiting',
    terms: { hash: 'h', approval: true },
  }),
  makeDelivery('a', {
    account: 'masto',
    network: 'mastodon',
    rank: '2',
    state: 'released',
    startedAt: 5,
    at: 4,
  }),
  makeDelivery('b', {
    account: 'masto',
    network: 'mastodon',
    rank: '1',
    state: 'released',
    startedAt: 9,
    terms: { hash: 'h', approval: true },
  }),
];

const cases: [DeliveryQuery, string[]][] = [
  [{}, ['b@bsky', 'b@masto', 'c@bsky', 'a@bsky', 'a@masto', 'c~2@bsky']],
  [{ order: 'at' }, ['a@masto', 'b@bsky', 'a@bsky', 'b@masto', 'c@bsky', 'c~2@bsky']],
  [{ order: '-startedAt' }, ['b@masto', 'a@masto', 'a@bsky', 'b@bsky', 'c@bsky', 'c~2@bsky']],
  [{ account: 'masto' }, ['b@masto', 'a@masto']],
  [{ post: 'c' }, ['c@bsky', 'c~2@bsky']],
  [{ post: 'c', states: ['queued'] }, ['c@bsky']],
  [{ states: ['planned', 'waiting'] }, ['b@bsky', 'a@bsky', 'c~2@bsky']],
  [{ states: [] }, []],
  [{ ids: ['a@masto', 'nobody@home', 'a@bsky'] }, ['a@bsky', 'a@masto']],
  [{ ids: [] }, []],
  [{ posts: ['a', 'nobody'] }, ['a@bsky', 'a@masto']],
  [{ posts: [] }, []],
  [{ dueBy: 29 }, ['b@bsky', 'a@masto']],
  [{ dueBy: 30, states: ['planned'], order: 'at' }, ['b@bsky', 'a@bsky']],
  [{ dueFrom: 20 }, ['b@bsky', 'a@bsky']],
  [{ dueFrom: 21, dueBy: 30, states: ['planned'] }, ['a@bsky']],
  [{ wantsApproval: true }, ['b@masto', 'c~2@bsky']],
  [{ wantsApproval: true, states: ['waiting'] }, ['c~2@bsky']],
  [{ startedSince: 6 }, ['b@masto']],
  [{ startedSince: 5, account: 'masto', order: '-startedAt' }, ['b@masto', 'a@masto']],
  [{ limit: 0 }, []],
  [{ states: ['planned'], account: 'bsky', limit: 1 }, ['b@bsky']],
  [{ order: 'at', limit: 2 }, ['a@masto', 'b@bsky']],
];
