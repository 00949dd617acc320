import { expect, test } from 'vitest';
import type { Sample } from '../../src/core/engagement.ts';
import type { MakePlace } from './contract.ts';
import { countSteps, makeDelivery } from './kit.ts';

const makeSample = (
  post: string,
  at: number,
  likes: number,
  changes: Partial<Sample> = {},
): Sample => ({
  delivery: `${post}@bsky`,
  post,
  account: 'bsky',
  network: 'bluesky',
  releasedAt: 1000,
  at,
  counts: { likes, replies: 0 },
  ...changes,
});

export function sampleContract(makePlace: MakePlace): void {
  test('samples come back oldest release first, and one that is written twice stands once', async () => {
    await using place = await makePlace();
    await using store = await place.open();
    const [first, second, other] = [
      makeSample('a', 2000, 1),
      makeSample('a', 3000, 4),
      makeSample('b', 2500, 9, { releasedAt: 500 }),
    ];
    await store.addSamples([second, first]);
    await store.addSamples([first, other]);
    expect(await store.listSamples({})).toEqual([other, first, second]);
    expect(await store.listSamples({ delivery: 'a@bsky' })).toEqual([first, second]);
    expect(await store.listSamples({ account: 'bsky', releasedSince: 1000 })).toEqual([
      first,
      second,
    ]);
    expect(await store.listSamples({ account: 'masto' })).toEqual([]);
  });

  test('the latest of each delivery is the newest, in whatever order they were written', async () => {
    await using place = await makePlace();
    await using store = await place.open();
    await store.addSamples([makeSample('a', 3000, 4)]);
    await store.addSamples([makeSample('a', 2000, 1), makeSample('b', 2500, 9)]);
    expect(
      (await store.listSamples({ account: 'bsky', isLatest: true })).map(
        ({ counts }) => counts.likes,
      ),
    ).toEqual([4, 9]);
    await store.addSamples([
      makeSample('a', 4000, 6),
      makeSample('a', 5000, 7),
      makeSample('a', 4500, 7),
    ]);
    expect(
      (await store.listSamples({ delivery: 'a@bsky', isLatest: true })).map(({ at }) => at),
    ).toEqual([5000]);
  });

  test('a number that the network does not give stays absent', async () => {
    await using place = await makePlace();
    await using store = await place.open();
    await store.addSamples([makeSample('a', 2000, 3)]);
    const [sample] = await store.listSamples({});
    expect(Object.keys(sample?.counts ?? {}).sort()).toEqual(['likes', 'replies']);
  });

  test('what is to be measured is found by its instant, the earliest first', async () => {
    await using place = await makePlace();
    await using store = await place.open();
    await store.addDeliveries([
      makeDelivery('late', { state: 'released', measureAt: 300 }),
      makeDelivery('early', { state: 'released', measureAt: 100 }),
      makeDelivery('never', { state: 'released' }),
    ]);
    const due = (measureBy: number) =>
      store
        .listDeliveries({ measureBy, order: 'measureAt' })
        .then((all) => all.map(({ post }) => post));
    expect([await due(99), await due(100), await due(1000)]).toEqual([
      [],
      ['early'],
      ['early', 'late'],
    ]);
    const [early] = await store.listDeliveries({ measureBy: 100 });
    const { measureAt: _measureAt, ...over } = early ?? makeDelivery('early');
    await store.changeDelivery(early ?? over, over);
    expect(await due(1000)).toEqual(['late']);
  });

  test('old samples are removed in steps, but for the newest of each delivery', async () => {
    await using place = await makePlace();
    await using store = await place.open();
    const looks = (post: string, releasedAt: number, count: number) =>
      Array.from({ length: count }, (_, n) =>
        makeSample(post, releasedAt + n + 1, n, { releasedAt }),
      );
    const old = ['a', 'b', 'c'].map((post, n) => looks(post, 1000 * (n + 1), 5));
    const young = looks('d', 9000, 5);
    await store.addSamples([...old.flat(), ...young]);
    const newest = await store.listSamples({ account: 'bsky', isLatest: true });
    await countSteps(0, (from) => store.removeSamples({ from, before: 9000, limit: 4 }));
    const left = await store.listSamples({});
    expect(left).toEqual([...old.flatMap((all) => all.slice(-1)), ...young]);
    expect(await store.listSamples({ account: 'bsky', isLatest: true })).toEqual(newest);
    expect(await store.listSamples({ delivery: 'a@bsky' })).toEqual(old[0]?.slice(-1));
  });
}
