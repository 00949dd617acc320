import { expect, test } from 'vitest';
import type { MakePlace } from './contract.ts';
import { makePost } from './kit.ts';

export function postContract(makePlace: MakePlace): void {
  test('a post comes back as it was saved, with emoji, odd keys and instants', async () => {
    await using place = await makePlace();
    await using store = await place.open();
    const stored = makePost('grüße', {
      parts: ['Zwölf Boxkämpfer 👩‍👩‍👧 \u0000 \u2028', '日本語'],
      pin: { at: 5 },
      notBefore: 1,
      params: { $type: 'x', 'a.b': '' },
      evergreen: { everyFor: 1, until: 99, variants: [] },
      media: [{ src: 'a.png', file: '/a.png', alt: '', focus: [0, -1] }],
    });
    await store.savePosts([stored]);
    expect(await store.findPost('grüße')).toEqual(stored);
    expect(await store.findPost('other')).toBeUndefined();
  });

  test('a saved post replaces the one of that id, and a file that is back loses its goneAt', async () => {
    await using place = await makePlace();
    await using store = await place.open();
    await store.savePosts([{ ...makePost('a'), goneAt: 7 }, makePost('b')]);
    expect((await store.findPost('a'))?.goneAt).toBe(7);
    await store.savePosts([makePost('a', { title: 'again' })]);
    const found = await store.findPost('a');
    expect(found?.post.title).toBe('again');
    expect(found && 'goneAt' in found).toBe(false);
    expect(await store.listPostMarks()).toHaveLength(2);
  });

  test('posts are found in the order of the ids, unknown ones passed over', async () => {
    await using place = await makePlace();
    await using store = await place.open();
    await store.savePosts(['a', 'b', 'c'].map((id) => makePost(id)));
    expect((await store.findPosts(['c', 'x', 'a', 'c'])).map((post) => post.id)).toEqual([
      'c',
      'a',
    ]);
    expect(await store.findPosts([])).toEqual([]);
  });

  test('ten thousand posts are saved and their marks read back', async () => {
    await using place = await makePlace();
    await using store = await place.open();
    await store.savePosts(
      Array.from({ length: 10_000 }, (_, n) => makePost(`p${String(n).padStart(5, '0')}`)),
    );
    const marks = await store.listPostMarks();
    expect(marks).toHaveLength(10_000);
    const { post: _, ...mark } = makePost('p00042');
    expect(marks[42]).toEqual(mark);
    expect((await store.findPost('p09999'))?.post).toEqual(makePost('p09999').post);
  });

  test('marks are those of one source, by id', async () => {
    await using place = await makePlace();
    await using store = await place.open();
    const feed = 'https://blog.example/feed';
    await store.savePosts([makePost('b'), { ...makePost('c'), source: feed }, makePost('a')]);
    const idsOf = async (source?: string) =>
      (await store.listPostMarks(source)).map(({ id }) => id);
    expect([await idsOf('folder'), await idsOf(feed), await idsOf('none')]).toEqual([
      ['a', 'b'],
      ['c'],
      [],
    ]);
    expect(await idsOf()).toEqual(['a', 'b', 'c']);
  });

  test('a fact is written only at the revision that was seen', async () => {
    await using place = await makePlace();
    await using store = await place.open();
    expect(await store.findFact('pause')).toBeUndefined();
    expect(await store.putFact('pause', { until: 5, 'a.b': null, $x: [undefined] }, 0)).toBe(true);
    expect(await store.putFact('pause', {}, 0)).toBe(false);
    const fact = await store.findFact('pause');
    expect(fact).toEqual({
      key: 'pause',
      value: { until: 5, 'a.b': null, $x: [null] },
      revision: 1,
    });
    expect(await store.putFact('pause', 'second', 1)).toBe(true);
    expect(await store.putFact('pause', 'late', 1)).toBe(false);
    expect(await store.removeFact('pause', 1)).toBe(false);
    expect((await store.findFact('pause'))?.value).toBe('second');
    expect(await store.removeFact('pause', 2)).toBe(true);
    expect(await store.findFact('pause')).toBeUndefined();
    expect(await store.putFact('pause', 1, 2)).toBe(false);
  });

  test('values that look empty are kept', async () => {
    await using place = await makePlace();
    await using store = await place.open();
    for (const value of [null, 0, '', false, []]) {
      expect(await store.putFact(`v ${JSON.stringify(value)}`, value, 0)).toBe(true);
      expect((await store.findFact(`v ${JSON.stringify(value)}`))?.value).toEqual(value);
    }
  });

  test('facts are listed by their prefix, taken literally and in the order of their keys', async () => {
    await using place = await makePlace();
    await using store = await place.open();
    for (const key of ['a.c', 'a.b', 'axb', 'a%', 'A.z', 'b']) await store.putFact(key, key, 0);
    expect((await store.listFacts('a.')).map((fact) => fact.key)).toEqual(['a.b', 'a.c']);
    expect((await store.listFacts('a%')).map((fact) => fact.key)).toEqual(['a%']);
    expect(await store.listFacts('')).toHaveLength(6);
    expect(await store.listFacts('zz')).toEqual([]);
  });

  test('of many who write one fact at once, one wins', async () => {
    await using place = await makePlace();
    await using store = await place.open();
    const first = await Promise.all(
      Array.from({ length: 20 }, (_, n) => store.putFact('lease', n, 0)),
    );
    expect(first.filter(Boolean)).toHaveLength(1);
    const second = await Promise.all(
      Array.from({ length: 20 }, (_, n) => store.putFact('lease', n, 1)),
    );
    expect(second.filter(Boolean)).toHaveLength(1);
  });

  test('the ids around one are found, whether there is that one or not', async () => {
    await using place = await makePlace();
    await using store = await place.open();
    await store.savePosts(['d', 'b', 'f', 'a', 'e', 'c'].map((id) => makePost(id)));
    expect(await store.listIdsNear('d', 2)).toEqual(['b', 'c', 'd', 'e']);
    expect(await store.listIdsNear('cc', 1)).toEqual(['c', 'd']);
    expect(await store.listIdsNear('z', 2)).toEqual(['e', 'f']);
    expect(await store.listIdsNear('', 9)).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
  });
}
