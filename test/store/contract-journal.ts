import { expect, test } from 'vitest';
import type { JournalEntry } from '../../src/core/journal.ts';
import type { JournalQuery } from '../../src/ports/store.ts';
import type { MakePlace } from './contract.ts';
import { countSteps, makeEntry } from './kit.ts';

export function journalContract(makePlace: MakePlace): void {
  test('an entry comes back as it was written, and the same fact stands there once', async () => {
    await using place = await makePlace();
    await using store = await place.open();
    const entry: JournalEntry = makeEntry('e', {
      type: 'released',
      delivery: 'a@b',
      post: 'a',
      account: 'b',
      network: 'x',
      url: 'https://x.example/1',
      text: '👋',
      data: { at: 5, $set: { 'a.b': null }, list: [[]] },
    });
    await store.appendJournal([entry, makeEntry('plain')]);
    await store.appendJournal([{ ...entry, text: 'other' }, makeEntry('third')]);
    await store.appendJournal([]);
    const found = await store.listJournal({});
    expect(found).toStrictEqual([entry, makeEntry('plain'), makeEntry('third')]);
  });

  test('the journal is read by instant and then by order of writing, a limit takes the newest', async () => {
    await using place = await makePlace();
    await using store = await place.open();
    await store.appendJournal([
      makeEntry('late', { at: 30 }),
      makeEntry('z', { at: 20 }),
      makeEntry('y', { at: 20 }),
    ]);
    await store.appendJournal([makeEntry('a', { at: 20 }), makeEntry('early', { at: 10 })]);
    expect((await store.listJournal({})).map(({ id }) => id)).toEqual([
      'early',
      'z',
      'y',
      'a',
      'late',
    ]);
    expect((await store.listJournal({ limit: 2 })).map(({ id }) => id)).toEqual(['a', 'late']);
    expect(await store.listJournal({ limit: 0 })).toEqual([]);
  });

  test('every part of a query narrows the journal', async () => {
    await using place = await makePlace();
    await using store = await place.open();
    await store.appendJournal([
      makeEntry('1', { at: 1, type: 'ingested', post: 'a' }),
      makeEntry('2', { at: 2, type: 'paused', by: 'cli' }),
      makeEntry('3', { at: 3, type: 'released', post: 'a', delivery: 'a@b' }),
      makeEntry('4', { at: 4, type: 'resumed', by: 'cli' }),
      makeEntry('5', { at: 5, type: 'released', post: 'b', delivery: 'b@b' }),
    ]);
    const cases: [JournalQuery, string[]][] = [
      [{ since: 3 }, ['3', '4', '5']],
      [{ post: 'a' }, ['1', '3']],
      [{ delivery: 'b@b' }, ['5']],
      [{ by: 'cli' }, ['2', '4']],
      [{ types: ['released', 'paused'] }, ['2', '3', '5']],
      [{ types: ['released', 'paused'], limit: 2 }, ['3', '5']],
      [{ types: [] }, []],
      [{ by: 'cli', types: ['paused'], since: 1, limit: 5 }, ['2']],
      [{ since: 6 }, []],
      [{ until: 3 }, ['1', '2', '3']],
      [{ since: 2, until: 4, limit: 2 }, ['3', '4']],
    ];
    for (const [query, expected] of cases)
      expect(
        (await store.listJournal(query)).map(({ id }) => id),
        JSON.stringify(query),
      ).toEqual(expected);
  });

  test('thousands of entries are read back in order', async () => {
    await using place = await makePlace();
    await using store = await place.open();
    await store.appendJournal(Array.from({ length: 3000 }, (_, n) => makeEntry(`e${n}`)));
    expect((await store.listJournal({})).map(({ id }) => id)).toEqual(
      Array.from({ length: 3000 }, (_, n) => `e${n}`),
    );
  });

  test('old entries are removed in steps, but for the types that stay', async () => {
    await using place = await makePlace();
    await using store = await place.open();
    const types = ['ingested', 'problem', 'released', 'paced'] as const;
    await store.appendJournal(
      Array.from({ length: 40 }, (_, n) => makeEntry(`e${n}`, { at: 10 + n, type: types[n % 4] })),
    );
    const steps = await countSteps(0, (from) =>
      store.removeEntries({ from, before: 30, limit: 6 }, ['problem', 'paced']),
    );
    const left = await store.listJournal({});
    expect(left.filter(({ at }) => at < 30).map(({ type }) => type)).toEqual(
      Array.from({ length: 10 }, (_, n) => (n % 2 ? 'paced' : 'problem')),
    );
    expect(left.filter(({ at }) => at >= 30)).toHaveLength(20);
    expect(steps).toBeLessThanOrEqual(8);
  });

  test('entries of one instant that all stay do not hold up the steps', async () => {
    await using place = await makePlace();
    await using store = await place.open();
    await store.appendJournal([
      ...Array.from({ length: 9 }, (_, n) => makeEntry(`p${n}`, { at: 5, type: 'problem' })),
      makeEntry('old', { at: 7 }),
    ]);
    await countSteps(0, (from) => store.removeEntries({ from, before: 8, limit: 3 }, ['problem']));
    const left = await store.listJournal({});
    expect(left.map(({ type }) => type)).toEqual(Array.from({ length: 9 }, () => 'problem'));
  });
}
