import { describe, expect, test } from 'vitest';
import { hour, toIso } from '../../src/core/time.ts';
import { peopleStores } from '../flow/people/stores.ts';
import { newsletter, openPeopleDoorWorld, type PeopleDoorWorld } from './people-kit.ts';

const token = 'a-token-of-twenty-characters';
const files = {
  ...newsletter,
  'cart/_sequence.yaml':
    'title: Cart\nstart: { event: cart.updated, wait: 4h }\ngoal: bought\nagain: 1d\n',
  'cart/010-hello.md': '---\nsubject: Your cart\n---\nHello.',
};

const right = { authorization: `Bearer ${token}` };

async function tell(
  world: PeopleDoorWorld,
  body: unknown,
  headers: Record<string, string> = right,
) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const answer = await world.ask('/e', { method: 'POST', body: text, headers });
  return { status: answer.status, headers: answer.headers, json: JSON.parse(answer.body) };
}

const cart = (id: string, more: Record<string, unknown> = {}) => ({
  id,
  person: { email: 'P-Ada@example.org' },
  event: 'cart.updated',
  ...more,
});

describe.each(peopleStores)('on $name', ({ open }) => {
  const withDoor = async (work: (world: PeopleDoorWorld) => Promise<void>) => {
    await using place = await open();
    await using world = await openPeopleDoorWorld({ store: place.store, files, token });
    await world.add('p-ada');
    await work(world);
  };
  const enrolments = async (world: PeopleDoorWorld) =>
    (await world.store.people.listEnrolments({})).map(({ id, state, nextAt }) => ({
      id,
      state,
      nextAt,
    }));

  test('an event begins its sequence after its wait, counted once however often it is told', () =>
    withDoor(async (world) => {
      const at = Math.floor(world.clock.now() / 1000) * 1000 - hour;
      const told = cart('1', { at: toIso(at), data: { total: 12.5, items: ['x'], coupon: 'A' } });
      for (let i = 0; i < 3; i += 1)
        expect(await tell(world, told)).toMatchObject({
          status: 200,
          json: { accepted: 1, known: 1, unknown: [], refused: [] },
        });
      await Promise.all(Array.from({ length: 10 }, () => tell(world, [told, told])));
      expect(await enrolments(world)).toEqual([
        { id: 'cart@p-ada', state: 'waiting', nextAt: at + 4 * hour },
      ]);
      expect(await world.store.people.listActs({ person: 'p-ada' })).toEqual([
        {
          id: 'told:1',
          person: 'p-ada',
          kind: 'event',
          name: 'cart.updated',
          at,
          words: '{"total":"12.5","coupon":"A"}',
        },
      ]);
      expect((await world.store.people.findPerson('p-ada'))?.score).toBeGreaterThan(4);
    }));

  test('an old event that is told again after the end begins nothing', () =>
    withDoor(async (world) => {
      await tell(world, cart('1'));
      const path = `/u/${world.tokens.make('unsubscribe', 'cart.hello@p-ada')}`;
      await world.ask(path, { method: 'POST' });
      world.clock.move(50 * hour);
      await tell(world, cart('1'));
      expect((await enrolments(world)).map(({ id }) => id)).toEqual(['cart@p-ada']);
      await tell(world, cart('2'));
      expect((await enrolments(world)).map(({ id }) => id)).toEqual(['cart@p-ada', 'cart~2@p-ada']);
    }));

  test('a list with what cannot be used, and with people who are not known', () =>
    withDoor(async (world) => {
      const events = [
        { id: 'o-1', person: { id: 'p-ada' }, event: 'bought' },
        { id: 'o-2', person: { email: 'nobody@example.org' }, event: 'bought' },
        { id: 'o-3', person: { id: 'p-nobody' }, event: 'bought' },
        { id: 'o-4', person: { email: 'no address' }, event: 'bought' },
        { person: { id: 'p-ada' }, event: 'bought' },
        { id: 'o-6', person: {}, event: 'bought' },
        { id: 'o-7', person: { id: 'p-ada' }, event: 'b\r\nought' },
        { id: 'o-8', person: { id: 'p-ada' }, event: 'x', at: 'yesterday' },
        { id: 'o-9', person: { id: 'p-ada' }, event: 'x', at: '2026-03-02T08:00:00' },
        { id: 'o-10', person: { id: 'p-ada' }, event: 'x', data: 'text' },
        null,
        7,
        { id: 'o-13', person: { id: 'p-ada' }, event: 'x', at: '2999-01-01T00:00:00Z' },
      ];
      const { status, json } = await tell(world, events);
      expect(status).toBe(200);
      expect(json).toMatchObject({ accepted: 4, known: 2, unknown: ['o-2', 'o-3'] });
      expect(json.refused.map(({ index }: { index: number }) => index)).toEqual([
        3, 4, 5, 6, 7, 8, 9, 10, 11,
      ]);
      expect(json.refused[0]).toEqual({
        index: 3,
        id: 'o-4',
        because: 'person.email has no @',
      });
      const acts = await world.store.people.listActs({ person: 'p-ada' });
      expect(acts.map(({ id }) => id).toSorted()).toEqual(['told:o-1', 'told:o-13']);
      expect(acts.every(({ at }) => at <= world.clock.now())).toBe(true);
      expect(await world.store.people.countPeople({})).toBe(1);
    }));

  test('a thousand at once', () =>
    withDoor(async (world) => {
      const events = Array.from({ length: 1000 }, (_, i) => cart(`n-${i}`));
      expect((await tell(world, events)).json).toMatchObject({ accepted: 1000, known: 1000 });
      expect((await enrolments(world)).length).toBe(1);
      expect((await world.store.people.listActs({ person: 'p-ada' })).length).toBe(1000);
      expect((await tell(world, [...events, cart('more')])).status).toBe(413);
    }));
});

test('without the token, and with rubbish, nothing is taken', async () => {
  await using place = await peopleStores[0]!.open();
  await using world = await openPeopleDoorWorld({ store: place.store, files, token });
  await world.add('p-ada');
  const before = await world.all();
  const wrong: Record<string, string>[] = [
    {},
    { authorization: token },
    { authorization: `Basic ${token}` },
    { authorization: 'Bearer ' },
    { authorization: `Bearer ${token.slice(1)}` },
    { authorization: `Bearer ${token}x` },
    { authorization: `Bearer ${'x'.repeat(5000)}` },
  ];
  for (const headers of wrong) {
    const { status, headers: got } = await tell(world, cart('1'), headers);
    expect([headers, status, got.get('www-authenticate')]).toEqual([headers, 401, 'Bearer']);
  }
  const deep = '['.repeat(400_000);
  for (const body of ['', 'rubbish', '{', '{"id":', '\u0000', deep, 'NaN', "{'id': 1}"])
    expect([body.slice(0, 9), (await tell(world, body)).status]).toEqual([body.slice(0, 9), 400]);
  for (const body of ['{}', '7', 'null', '"x"', '[[]]', '{"__proto__": {"id": "1"}}'])
    expect([body, (await tell(world, body)).status]).toEqual([body, 400]);
  expect((await tell(world, [])).json).toMatchObject({ accepted: 0, known: 0, refused: [] });
  expect((await tell(world, ' '.repeat(1_100_000))).status).toBe(413);
  for (const method of ['GET', 'PUT', 'DELETE']) {
    const { status, headers } = await world.ask('/e', { method, headers: right });
    expect([status, headers.get('allow')]).toEqual([405, 'POST']);
  }
  expect(await world.all()).toBe(before);
});

test('where no token is set there is nothing', async () => {
  await using place = await peopleStores[0]!.open();
  await using world = await openPeopleDoorWorld({ store: place.store, files });
  expect((await world.ask('/e')).status).toBe(404);
  const sent = { method: 'POST', body: '{}', headers: { authorization: 'Bearer undefined' } };
  expect((await world.ask('/e', sent)).status).toBe(405);
});
