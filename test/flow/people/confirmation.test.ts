import { describe, expect, test } from 'vitest';
import { day, hour } from '../../../src/core/time.ts';
import { fillInForm } from '../../../src/flow/people/forms/fill-in-form.ts';
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
