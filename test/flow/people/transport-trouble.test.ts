import { describe, expect, test } from 'vitest';
import { day, hour, minute } from '../../../src/core/time.ts';
import type { MailOutcome } from '../../../src/ports/people/mail.ts';
import { readTrouble } from '../../../src/flow/people/sending/transport-trouble.ts';
import { takeReport } from '../../../src/flow/people/take-report.ts';
import { enter } from '../../../src/flow/people/enter.ts';
import { openPeopleWorld, sent, sequence, step } from './people-world.ts';
import { peopleStores } from './stores.ts';
import type { Store } from '../../../src/ports/store.ts';

const one = () => sequence([step('hello')]);
type World = ReturnType<typeof openPeopleWorld>;

async function enterMany(world: World, count: number): Promise<void> {
  for (let i = 0; i < count; i += 1) {
    const person = await world.add(`p-${i}`);
    await enter(world.context, { person, sequence: one(), by: 'operator' });
  }
}

const notices = async (world: World) =>
  (await world.context.store.listJournal({ types: ['notice'] })).map(({ text }) => text);

const wrongLogin: MailOutcome = { is: 'refused', about: 'sender', said: '535 wrong.' };
const away: MailOutcome = { is: 'later', about: 'sender', said: 'There is no connection.' };

describe.each(peopleStores)('on $name', ({ open }) => {
  const withStore = async (work: (store: Store) => Promise<void>) => {
    await using place = await open();
    await work(place.store);
  };

  test.for([
    ['a login that is refused', wrongLogin, 1],
    ['a server that is away', away, 0],
    ['an answer that gets lost', { is: 'uncertain', said: 'no answer' }, 0],
  ] as const)('%s holds all mail, and not one attempt for each person', ([, reaction, told]) =>
    withStore(async (store) => {
      const world = openPeopleWorld({ store, sequences: [one()] });
      await enterMany(world, 30);
      let attempts = 0;
      const meet = async () => {
        attempts += 1;
        return reaction;
      };
      world.reactions.push(...Array.from({ length: 60 }, () => meet));
      await world.settle();
      expect(attempts).toBe(1);
      expect(await notices(world)).toHaveLength(told);
      const trouble = await readTrouble(store, 'mail');
      expect((trouble?.until ?? 0) - (trouble?.since ?? 0)).toBe(minute);
      // Tried ever more rarely: 1, 2, 4 … minutes, and then every hour.
      for (let i = 0; i < 6 * 60; i += 1) {
        world.clock.move(minute);
        await world.sweep();
      }
      expect(attempts).toBeLessThan(14);
      expect(attempts).toBeGreaterThan(8);
      expect(await notices(world)).toHaveLength(1);
      world.reactions.length = 0;
      world.clock.move(hour);
      await world.settle();
      expect((await notices(world)).at(-1)).toBe('mail goes out again');
      expect(await readTrouble(store, 'mail')).toBeUndefined();
      // Whoever was not asked about waits for nothing more.
      const unsure = (await store.people.listDispatches({ states: ['uncertain'] })).length;
      expect(world.received.length + unsure).toBe(30);
      expect(unsure).toBe(reaction.is === 'uncertain' ? attempts : 0);
    }),
  );

  test('another start of the service tries at once; what others think of us holds over it', () =>
    withStore(async (store) => {
      const world = openPeopleWorld({ store, sequences: [one()] });
      await enterMany(world, 2);
      world.reactions.push(wrongLogin);
      await world.settle();
      expect(world.received).toHaveLength(0);
      world.restart();
      // The one that met it has its own time; the other one goes at once, and ends the trouble.
      await world.settle();
      expect(world.received).toHaveLength(1);
      world.clock.move(minute);
      await world.settle();
      expect(world.received).toHaveLength(2);
      const [{ dispatch } = { dispatch: '' }] = world.received;
      const report = { id: 'r', kind: 'policy', dispatch, messageIds: [], words: '550 5.7.1 no' };
      await takeReport(world.context, report as Parameters<typeof takeReport>[1]);
      const third = await world.add('p-9');
      await enter(world.context, { person: third, sequence: one(), by: 'operator' });
      world.restart();
      await world.settle();
      expect(world.received).toHaveLength(2);
      expect((await store.people.findPerson('p-0'))?.status).not.toBe('stopped');
      world.clock.move(hour / 4);
      await world.settle();
      expect(world.received).toHaveLength(3);
    }));

  test('trouble with us is no attempt of a mail: it never makes one fail', () =>
    withStore(async (store) => {
      const world = openPeopleWorld({ store, sequences: [one()] });
      await enterMany(world, 1);
      for (let i = 0; i < 60; i += 1) {
        world.reactions.push(away);
        await world.settle();
        world.clock.move(hour);
      }
      expect(await world.dispatch('welcome.hello@p-0')).toMatchObject({ attempts: 0 });
      world.reactions.push(sent);
      world.clock.move(day / 24);
      await world.settle();
      expect((await world.dispatch('welcome.hello@p-0'))?.state).toBe('sent');
    }));

  test('a clock that was ahead and is set back holds up nothing', () =>
    withStore(async (store) => {
      const world = openPeopleWorld({ store, sequences: [one()] });
      await enterMany(world, 1);
      await world.settle();
      world.clock.move(37 * hour);
      const ahead = await world.add('p-ahead');
      await enter(world.context, { person: ahead, sequence: one(), by: 'operator' });
      await world.settle();
      expect(world.received).toHaveLength(2);
      world.clock.move(-37 * hour);
      const late = await world.add('p-late');
      await enter(world.context, { person: late, sequence: one(), by: 'operator' });
      world.clock.move(2000);
      await world.settle();
      expect(world.received).toHaveLength(3);
    }));
});
