import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { enter } from '../../src/flow/people/enter.ts';
import { StoreError } from '../../src/ports/store.ts';
import { openPeopleWorld, sequence, step } from '../flow/people/people-world.ts';
import { peopleStores } from '../flow/people/stores.ts';
import { openPeopleDoorWorld, type PeopleDoorWorld, type Sent } from './people-kit.ts';

const form = (fields: Record<string, string>) => ({
  method: 'POST',
  body: new URLSearchParams(fields),
});

async function enrolled(world: PeopleDoorWorld, id = 'p-ada') {
  const person = await world.add(id);
  const { context } = openPeopleWorld({ store: world.store });
  for (const name of ['welcome', 'other'])
    await enter(context, { person, sequence: sequence([step('hello')], { id: name }), by: 'form' });
  const path = `/u/${world.tokens.make('unsubscribe', `welcome.hello@${id}`)}`;
  const states = async () =>
    Object.fromEntries(
      (await world.store.people.listEnrolments({ person: id })).map((one) => [
        one.sequence,
        one.state,
      ]),
    );
  return { person, path, states };
}

describe.each(peopleStores)('on $name', ({ open }) => {
  const withDoor = async (work: (world: PeopleDoorWorld) => Promise<void>) => {
    await using place = await open();
    await using world = await openPeopleDoorWorld({ store: place.store });
    await work(world);
  };

  test('a look changes nothing, however a scanner looks', () =>
    withDoor(async (world) => {
      const { path } = await enrolled(world);
      const before = await world.all();
      for (const method of ['GET', 'HEAD', 'GET'])
        for (const headers of [
          {},
          { 'sec-purpose': 'prefetch;prerender' },
          { 'user-agent': 'BingPreview' },
        ]) {
          const { status, body, headers: got } = await world.ask(path, { method, headers });
          expect(status).toBe(200);
          expect(got.get('set-cookie')).toBeNull();
          expect(got.get('cache-control')).toBe('no-store');
          if (method === 'GET') expect(body).toContain('<b>Welcome</b>');
        }
      for (const method of ['PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
        const { status, headers } = await world.ask(path, { method });
        expect([status, headers.get('allow')]).toEqual([405, 'GET, HEAD, POST']);
      }
      expect(await world.all()).toBe(before);
    }));

  test('the button ends this sequence alone, and again is fine', () =>
    withDoor(async (world) => {
      const { path, states } = await enrolled(world);
      for (let i = 0; i < 3; i += 1) {
        const { status, body } = await world.ask(path, form({ what: 'one' }));
        expect([status, body.includes('You get no more')]).toEqual([200, true]);
        expect(await states()).toEqual({ welcome: 'stopped', other: 'active' });
        world.clock.move(1000);
      }
      expect((await world.store.people.findPerson('p-ada'))?.status).toBe('new');
    }));

  test('everything means everything', () =>
    withDoor(async (world) => {
      const { path, states } = await enrolled(world);
      expect((await world.ask(path)).body).toContain('value="everything"');
      expect((await world.ask(path, form({ what: 'everything' }))).status).toBe(200);
      expect(await states()).toEqual({ welcome: 'stopped', other: 'stopped' });
      expect((await world.store.people.findPerson('p-ada'))?.status).toBe('stopped');
      expect((await world.ask(path)).body).not.toContain('value="everything"');
    }));

  test('a choice keeps what is ticked, and ends nothing that was not on the page', () =>
    withDoor(async (world) => {
      const { path, states } = await enrolled(world);
      const { body } = await world.ask(path);
      for (const id of ['welcome', 'other']) {
        expect(body).toContain(`name="shown" value="${id}"`);
        expect(body).toMatch(new RegExp(`name="keep"\\s+value="${id}"\\s+checked`));
      }
      const choose = async (pairs: [string, string][]) => {
        const sent = new URLSearchParams([['what', 'chosen'], ...pairs]);
        return world.ask(path, { method: 'POST', body: sent });
      };
      const shown: [string, string][] = [
        ['shown', 'welcome'],
        ['shown', 'other'],
      ];
      const all = await choose([...shown, ['keep', 'welcome'], ['keep', 'other']]);
      expect([all.status, all.body.includes('You still get: Other, Welcome.')]).toEqual([
        200,
        true,
      ]);
      expect(await states()).toEqual({ welcome: 'active', other: 'active' });
      // What began meanwhile, and what is none of the person's.
      expect(
        (
          await choose([
            ['shown', 'other'],
            ['shown', 'none'],
            ['shown', '*'],
          ])
        ).status,
      ).toBe(200);
      expect(await states()).toEqual({ welcome: 'active', other: 'stopped' });
      expect((await world.store.people.findPerson('p-ada'))?.status).toBe('new');
      expect((await world.ask(path)).body).not.toContain('name="keep"');
      const none = await choose(shown);
      expect(none.body).not.toContain('You still get');
      expect(await states()).toEqual({ welcome: 'stopped', other: 'stopped' });
      const stops = await world.store.people.listSuppressions([
        world.hashOf('mail:p-ada@example.org'),
      ]);
      expect(stops.map(({ purpose }) => purpose)).toEqual(['other', 'welcome']);
    }));

  test('said again and again, a stop is written once, until the person agrees again', () =>
    withDoor(async (world) => {
      const { person, path } = await enrolled(world);
      const { people } = world.store;
      const choice = {
        method: 'POST',
        body: new URLSearchParams([
          ['what', 'chosen'],
          ['shown', 'other'],
        ]),
      };
      const written = async () => {
        const acts = await people.listActs({ person: person.id, kinds: ['unsubscribed'] });
        const entries = await world.store.listJournal({ types: ['opted-out'] });
        return [acts.map(({ name }) => name).toSorted(), entries.length];
      };
      const all = [form({ what: 'one' }), form({ what: 'everything' }), choice];
      await world.ask(path, choice);
      for (let i = 0; i < 60; i += 1) {
        await Promise.all(all.map((sent) => world.ask(path, sent)));
        world.clock.move(1000);
      }
      await Promise.all(Array.from({ length: 20 }, () => world.ask(path, form({ what: 'one' }))));
      expect(await written()).toEqual([['*', 'other', 'welcome'], 3]);
      const consent = {
        id: 'again',
        person: person.id,
        medium: 'mail' as const,
        addressKey: 'mail:p-ada@example.org',
        purpose: 'welcome',
        way: 'form' as const,
        at: world.clock.now(),
        confirmedAt: world.clock.now(),
        words: 'I want it',
      };
      await people.addConsents([consent]);
      world.clock.move(1000);
      for (let i = 0; i < 5; i += 1) await world.ask(path, form({ what: 'one' }));
      expect(await written()).toEqual([['*', 'other', 'welcome', 'welcome'], 4]);
      const stops = await people.listSuppressions([world.hashOf(consent.addressKey)]);
      const newest = stops.find(({ purpose }) => purpose === 'welcome');
      expect(newest?.at).toBeGreaterThan(consent.confirmedAt);
    }));

  test('one click of a mail program, in each way that they send it', () =>
    withDoor(async (world) => {
      const multipart = new FormData();
      multipart.set('List-Unsubscribe', 'One-Click');
      const bodies: Sent['body'][] = [
        new URLSearchParams({ 'List-Unsubscribe': 'One-Click' }),
        multipart,
        undefined,
        'x'.repeat(200_000),
        `what=everything&x=${'x'.repeat(20_000)}`,
        '%%%&=&what',
      ];
      for (const [i, body] of bodies.entries()) {
        const { path, states } = await enrolled(world, `p-${i}`);
        const sent = { method: 'POST', ...(body === undefined ? {} : { body }) };
        expect((await world.ask(path, sent)).status).toBe(200);
        expect(await states()).toEqual({ welcome: 'stopped', other: 'active' });
      }
    }));

  test('what is forged, of another purpose or cut is none of ours', () =>
    withDoor(async (world) => {
      const { path } = await enrolled(world);
      const token = path.slice(3);
      const bytes = Buffer.from(token, 'base64url');
      const forged = [
        ...[0, 11, 12, bytes.length - 1].map((at) => {
          const other = Buffer.from(bytes);
          other[at] = (other[at] ?? 0) ^ 1;
          return other.toString('base64url');
        }),
        world.tokens.make('bounce', 'welcome.hello@p-ada'),
        token.slice(0, 16),
        `${token}AAAA`,
        'A'.repeat(3000),
        '%00',
        '..%2f..',
        'welcome.hello@p-ada',
      ];
      const before = await world.all();
      for (const one of forged)
        for (const sent of [{}, form({ what: 'everything' })])
          expect((await world.ask(`/u/${one}`, sent)).status).toBe(404);
      expect(await world.all()).toBe(before);
    }));

  test('whoever has been forgotten, and a sequence that is gone', () =>
    withDoor(async (world) => {
      const { path, states } = await enrolled(world);
      rmSync(join(world.folder, 'welcome'), { recursive: true });
      expect((await world.ask(path)).body).toContain('<b>welcome</b>');
      await world.ask(path, form({ what: 'one' }));
      expect(await states()).toEqual({ welcome: 'stopped', other: 'active' });
      await world.store.people.forgetPerson('p-ada');
      expect((await world.ask(path)).status).toBe(200);
      expect((await world.ask(path, form({ what: 'everything' }))).status).toBe(200);
      expect(await world.store.people.findPerson('p-ada')).toBeUndefined();
    }));
});

test('in the language of the browser', async () => {
  await using place = await peopleStores[0]!.open();
  await using world = await openPeopleDoorWorld({ store: place.store });
  const { path } = await enrolled(world);
  for (const [accepted, lang] of [
    ['de-AT,de;q=0.9', 'de'],
    ['fr,de;q=0.8,en;q=0.7', 'de'],
    ['en;q=0.3,de;q=0.9', 'de'],
    ['de;q=0,en', 'en'],
    ['fr', 'en'],
    ['den', 'en'],
    [',;q=,'.repeat(2000).slice(0, 4000), 'en'],
  ] as const) {
    const { body } = await world.ask(path, { headers: { 'accept-language': accepted } });
    expect([accepted.slice(0, 30), body.match(/lang="(\w+)"/)?.[1]]).toEqual([
      accepted.slice(0, 30),
      lang,
    ]);
  }
});

test('while the store is away nobody is told that it is done', async () => {
  await using place = await peopleStores[0]!.open();
  let isAway = false;
  const wrap = (store: typeof place.store) => ({
    ...store,
    people: {
      ...store.people,
      async findPerson(id: string) {
        if (isAway) throw new StoreError('unavailable', 'the store is away');
        return store.people.findPerson(id);
      },
    },
  });
  await using world = await openPeopleDoorWorld({ store: place.store, wrap });
  const { path, states } = await enrolled(world);
  isAway = true;
  const { status, body } = await world.ask(path, form({ what: 'one' }));
  expect([status, body.includes('try again')]).toEqual([503, true]);
  isAway = false;
  expect(await states()).toEqual({ welcome: 'active', other: 'active' });
});
