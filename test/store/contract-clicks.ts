import { expect, test } from 'vitest';
import type { ClickCount, PostLink, StepLink } from '../../src/core/clicks/click.ts';
import type { MakePlace } from './contract.ts';
import { makeDispatch, makeEnrolment, makePerson } from './people-kit.ts';

const makeLink = (code: string, changes: Partial<PostLink> = {}): PostLink => ({
  code,
  target: `https://shop.example/${code}?utm_source=x&q=$a.b`,
  delivery: 'a@bsky',
  post: 'a',
  account: 'bsky',
  network: 'bluesky',
  createdAt: 1000,
  ...changes,
});

const hour = 3_600_000;

const makeCount = (count: number, changes: Partial<ClickCount> = {}): ClickCount => ({
  delivery: 'a@bsky',
  at: hour,
  kind: 'person',
  counter: 'one',
  count,
  ...changes,
});

export function clickContract(makePlace: MakePlace): void {
  test('a link is found by its code alone, in its own spelling, and is never overwritten', async () => {
    await using place = await makePlace();
    await using store = await place.open();
    const [first, second] = [makeLink('aaaaaaaaaa'), makeLink('AAAAAAAAAA', { delivery: 'b@x' })];
    await store.addLinks([first, second]);
    await store.addLinks([{ ...first, target: 'https://evil.example/' }]);
    expect(await store.findLink('aaaaaaaaaa')).toEqual(first);
    expect(await store.findLink('AAAAAAAAAA')).toEqual(second);
    expect(await store.findLink('Aaaaaaaaaa')).toBeUndefined();
    expect(await store.listLinks({ deliveries: ['b@x', 'none@x'] })).toEqual([second]);
  });

  test('links of a message are written with its bytes, and lead on when the person is forgotten', async () => {
    await using place = await makePlace();
    await using store = await place.open();
    const { people } = store;
    for (const id of ['p-a', 'p-b']) await people.addPerson(makePerson(id));
    const links: StepLink[] = [];
    for (const id of ['p-a', 'p-b']) {
      const dispatch = makeDispatch(makeEnrolment('welcome', id), 'hello');
      await people.change({ dispatch: { after: dispatch } });
      const target = `https://shop.example/cart/${id}?a.b=$c`;
      const own = { delivery: dispatch.id, createdAt: 1000 };
      const bare = 'https://shop.example/cart/?a.b=$c';
      const both = [
        { ...own, code: `${id}-one`, target, bare },
        { ...own, code: `${id}-two`, target: 'https://shop.example/' },
      ];
      const body = { person: id, hash: id, bytes: new Uint8Array([1]) };
      for (let i = 0; i < 2; i += 1) await people.putBody(body, both);
      links.push(...both);
    }
    const none = { person: 'p-none', hash: 'h', bytes: new Uint8Array([1]) };
    await people.putBody(none, [{ ...links[0]!, code: 'none', delivery: 'none' }]);
    expect(await store.listLinks({})).toEqual(links);
    await people.forgetPerson('p-a');
    const { bare = '', ...first } = links[0]!;
    expect(await store.listLinks({})).toEqual([{ ...first, target: bare }, ...links.slice(1)]);
  });

  test('links come by their code, or the newest first', async () => {
    await using place = await makePlace();
    await using store = await place.open();
    const all = ['c', 'a', 'b'].map((code, i) => makeLink(code, { createdAt: 1000 + i }));
    await store.addLinks(all);
    const codes = async (query: Parameters<typeof store.listLinks>[0]) =>
      (await store.listLinks(query)).map(({ code }) => code);
    expect(await codes({})).toEqual(['a', 'b', 'c']);
    expect(await codes({ newest: 2 })).toEqual(['b', 'a']);
    expect(await codes({ page: { after: '', limit: 2 } })).toEqual(['a', 'b']);
    expect(await codes({ page: { after: 'b', limit: 2 } })).toEqual(['c']);
    expect(await codes({ deliveries: [] })).toEqual([]);
    await store.addLinks([]);
  });

  test('a count that is written again adds nothing, and only rises', async () => {
    await using place = await makePlace();
    await using store = await place.open();
    await store.putClicks([makeCount(3), makeCount(2, { kind: 'machine' })]);
    await store.putClicks([makeCount(3), makeCount(5), makeCount(4)]);
    await store.putClicks([makeCount(7, { counter: 'two' })]);
    expect(await store.sumClicks(['a@bsky'])).toEqual([
      { delivery: 'a@bsky', kind: 'machine', count: 2 },
      { delivery: 'a@bsky', kind: 'person', count: 12 },
    ]);
  });

  test('sums are over all hours and counters; who is unique is in none of them', async () => {
    await using place = await makePlace();
    await using store = await place.open();
    const counts = [
      makeCount(1),
      makeCount(2, { at: 2 * hour }),
      makeCount(9, { kind: 'unique', at: 0 }),
      makeCount(4, { delivery: 'b@x', kind: 'unsure' }),
    ];
    await store.putClicks(counts);
    expect(await store.sumClicks()).toEqual([
      { delivery: 'a@bsky', kind: 'person', count: 3 },
      { delivery: 'b@x', kind: 'unsure', count: 4 },
    ]);
    expect(await store.sumClicks(['none@x'])).toEqual([]);
    expect(await store.listClicks(['a@bsky'])).toEqual([counts[2], counts[0], counts[1]]);
    expect(await store.listClicks()).toEqual([counts[2], counts[0], counts[1], counts[3]]);
    await store.putClicks([]);
  });
}
