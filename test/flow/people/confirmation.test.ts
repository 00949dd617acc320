import { describe, expect, test } from 'vitest';
import { day, hour } from '../../../src/core/time.ts';
import { fillInForm } from '../../../src/flow/people/forms/fill-in-form.ts';
import { confirmForm } from '../../../src/flow/people/forms/confirm-form.ts';
import { enter } from '../../../src/flow/people/enter.ts';
import { takeActs } from '../../../src/flow/people/take-acts.ts';
import { readSentAt } from '../../../src/flow/people/known-person.ts';
import { stopPerson } from '../../../src/flow/people/stop-person.ts';
import type { Store } from '../../../src/ports/store.ts';
import { Crash, openPeopleWorld, sequence, sent, step } from './people-world.ts';
import { peopleStores } from './stores.ts';

type World = ReturnType<typeof openPeopleWorld>;

const fill = (world: World, mail: string) =>
  fillInForm(world.context, {
    form: 'newsletter',
    sequences: ['welcome'],
    mail,
    fields: { name: 'Buy now' },
    words: 'Yes',
    version: '1',
    lang: 'en',
    from: 'https://go.example.com/f/newsletter',
  });

describe.each(peopleStores)('on $name', ({ open }) => {
  const withWorld = async (work: (world: World, store: Store) => Promise<void>) => {
    await using place = await open();
    const sequences = [sequence([step('hello')])];
    await work(openPeopleWorld({ store: place.store, sequences }), place.store);
  };
  const only = async (store: Store) => (await store.people.listDispatches({}))[0];

  test('the mail that asks goes out once, and says so in the journal without the address', () =>
    withWorld(async (world, store) => {
      await Promise.all(Array.from({ length: 10 }, () => fill(world, 'ada@example.org')));
      const rounds = ['a', 'b'].map((worker) => world.beside(worker));
      await Promise.all(rounds.map((one) => one.sweep()));
      await world.settle();
      expect(world.received.map(({ to }) => to)).toEqual(['ada@example.org']);
      expect(world.received[0]?.text).not.toContain('Buy now');
      const entries = await store.listJournal({});
      expect(entries.map(({ type }) => type)).toEqual(['sent']);
      expect(JSON.stringify(entries)).not.toContain('example.org');
      world.clock.move(2 * day);
      await world.settle();
      expect(world.received.length).toBe(1);
    }));

  test('of who never confirms nothing is left after thirty days, if nothing else is known', () =>
    withWorld(async (world, store) => {
      const names = ['ada', 'ben', 'cem', 'dan', 'eva'];
      for (const name of names) await fill(world, `${name}@example.org`);
      await world.settle();
      const find = (name: string) => store.people.findPersonByAddress(`mail:${name}@example.org`);
      const [ada, ben, , dan, eva] = await Promise.all(names.map(find));
      const [consent] = await store.people.listConsents(ben?.id ?? '');
      await confirmForm(world.context, { id: consent?.id ?? '', from: undefined });
      await enter(world.context, {
        person: dan!,
        sequence: world.sequences.get('welcome')!,
        by: 'operator',
      });
      const act = { id: 'a', person: eva!.id, kind: 'bought', at: world.clock.now() } as const;
      await takeActs(world.context, [act]);
      const left = async () => {
        world.restart();
        await world.settle();
        const found = await Promise.all(names.map(find));
        return names.filter((_, i) => found[i] !== undefined);
      };
      world.clock.move(20 * day);
      await fill(world, 'cem@example.org');
      expect(await left()).toEqual(names);
      world.clock.move(10 * day);
      expect(await left()).toEqual(names);
      world.clock.move(2 * hour);
      expect(await left()).toEqual(['ben', 'cem', 'dan', 'eva']);
      expect(await store.people.listConsents(ada!.id)).toEqual([]);
      expect(await store.people.listDispatches({ person: ada!.id })).toEqual([]);
      // No stop is left either: the owner may come some other day.
      expect(
        await store.people.listSuppressions([world.context.hashOf('mail:ada@example.org')]),
      ).toEqual([]);
      // Also after a long time in which nothing ran.
      world.clock.move(50 * day);
      expect(await left()).toEqual(['ben', 'dan', 'eva']);
      expect(await store.listFacts('unconfirmed:')).toEqual([]);
    }));

  test('killed before the first byte it goes out; after it nobody can tell, and it is said', () =>
    withWorld(async (world, store) => {
      await fill(world, 'ada@example.org');
      world.reactions.push(() => Promise.reject(new Crash('killed')));
      await expect(world.settle()).rejects.toThrow('killed');
      world.restart();
      world.reactions.push(async (got) => {
        await got();
        throw new Crash('killed');
      });
      await expect(world.settle()).rejects.toThrow('killed');
      world.restart();
      await world.settle();
      world.clock.move(day / 2);
      await world.settle();
      expect(world.received.length).toBe(1);
      expect((await only(store))?.state).toBe('uncertain');
      const told = (await store.listJournal({})).filter(({ type }) => type === 'unsent');
      expect(told.map(({ text }) => text)).toEqual([
        expect.stringContaining('may or may not have been sent'),
      ]);
    }));

  test('what comes between is looked at right before: a complaint, a long wait', () =>
    withWorld(async (world, store) => {
      await fill(world, 'ada@example.org');
      const person = await store.people.findPersonByAddress('mail:ada@example.org');
      if (!person) throw new Error('nobody is there');
      world.reactions.push(async (got) => {
        const stop = { person, purpose: '*', because: 'complaint', by: 'x' } as const;
        await stopPerson(world.context, stop);
        await got();
        return sent;
      });
      await world.settle();
      world.clock.move(hour);
      await world.settle();
      expect(world.received).toEqual([]);
      expect((await only(store))?.state).toBe('cancelled');
      await fill(world, 'eve@example.org');
      world.clock.move(4 * day);
      await world.settle();
      expect(world.received).toEqual([]);
    }));

  test('it is no message of the three a week', () =>
    withWorld(async (world, store) => {
      // One month has room for two more forms: the consent of whom is there was one, too.
      await world.add('p-1');
      for (let i = 0; i < 3; i += 1) {
        world.clock.move(day + hour);
        await fill(world, 'p-1@example.org');
        await world.settle();
      }
      expect(world.received.length).toBe(2);
      expect(await readSentAt({ store, clock: world.clock }, 'p-1')).toEqual([]);
    }));
});
