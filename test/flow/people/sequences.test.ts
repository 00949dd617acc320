import { describe, expect, test } from 'vitest';
import { day, hour, localMinutes, minute } from '../../../src/core/time.ts';
import { enter } from '../../../src/flow/people/enter.ts';
import { stopPerson } from '../../../src/flow/people/stop-person.ts';
import { takeActs } from '../../../src/flow/people/take-acts.ts';
import type { Store } from '../../../src/ports/store.ts';
import { peopleStores } from './stores.ts';
import {
  condition,
  Crash,
  hashOf,
  openPeopleWorld,
  type Reaction,
  sent,
  sequence,
  step,
} from './people-world.ts';

const three = () =>
  sequence([step('hello'), step('guide', { waitFor: 2 * day }), step('offer', { waitFor: day })]);

type World = ReturnType<typeof openPeopleWorld>;

async function enterOne(world: World, id = 'p-1') {
  const person = await world.add(id);
  const welcome = world.sequences.get('welcome');
  if (!welcome) throw new Error('there is no sequence');
  await enter(world.context, { person, sequence: welcome, by: 'form' });
  return person;
}

const steps = (world: World) => world.received.map(({ dispatch }) => dispatch);

describe.each(peopleStores)('on $name', ({ open }) => {
  const withStore = async (work: (store: Store) => Promise<void>) => {
    await using place = await open();
    await work(place.store);
  };

  test('a person goes through the steps, each once, and finishes', () =>
    withStore(async (store) => {
      const world = openPeopleWorld({ store, sequences: [three()] });
      await enterOne(world);
      for (let hours = 0; hours < 6 * 24; hours += 6) {
        await world.settle();
        world.clock.move(6 * hour);
      }
      expect(steps(world)).toEqual(['welcome.hello@p-1', 'welcome.guide@p-1', 'welcome.offer@p-1']);
      const [first = 0, second = 0] = world.received.map(({ at }) => at);
      expect(second - first).toBeGreaterThanOrEqual(2 * day);
      expect((await store.people.findEnrolment('welcome@p-1'))?.state).toBe('finished');
      const entries = await store.listJournal({});
      expect(entries.filter(({ type }) => type === 'sent').length).toBe(3);
      expect(JSON.stringify(entries)).not.toContain('example.org');
    }));

  test('however often the way in is told, a person enters once', () =>
    withStore(async (store) => {
      const world = openPeopleWorld({ store, sequences: [three()] });
      const person = await world.add('p-1');
      const entry = { person, sequence: three(), by: 'event' as const };
      const all = await Promise.all(Array.from({ length: 30 }, () => enter(world.context, entry)));
      expect(all.filter(({ is }) => is === 'entered').length).toBe(1);
      for (let days = 0; days < 10; days += 1) {
        await world.settle();
        world.clock.move(day);
      }
      expect(await enter(world.context, entry)).toEqual({ is: 'not', because: 'was-in-it' });
      const again = { ...entry, sequence: { ...three(), again: 5 * day } };
      expect((await enter(world.context, again)).is).toBe('entered');
      await world.settle();
      expect(steps(world).at(-1)).toBe('welcome~2.hello@p-1');
    }));

  test('who reached the goal or has left gets nothing more, not even what was planned', () =>
    withStore(async (store) => {
      const welcome = { ...three(), goal: condition('bought'), leave: condition('replied') };
      const world = openPeopleWorld({ store, sequences: [welcome], perSecond: 0.001 });
      await enterOne(world, 'p-1');
      await enterOne(world, 'p-2');
      await world.settle();
      expect(world.received.length).toBe(1);
      const [late = ''] = ['p-1', 'p-2'].filter((id) => !steps(world)[0]?.endsWith(id));
      const act = { id: 'order-1', person: late, kind: 'bought' as const, at: world.clock.now() };
      expect(await takeActs(world.context, [act])).toEqual(['order-1']);
      expect(await takeActs(world.context, [act])).toEqual([]);
      world.clock.move(hour);
      await world.settle();
      expect(world.received.length).toBe(1);
      expect((await store.people.findEnrolment(`welcome@${late}`))?.state).toBe('reached');
      expect((await world.dispatch(`welcome.hello@${late}`))?.state).toBe('cancelled');
    }));

  test('nothing goes out after a stop, in whatever moment it comes', () =>
    withStore(async (store) => {
      const world = openPeopleWorld({ store, sequences: [three()] });
      const before = await enterOne(world, 'p-1');
      await stopPerson(world.context, {
        person: before,
        purpose: '*',
        because: 'unsubscribed',
        by: 'p',
      });
      await world.settle();
      expect(world.received).toEqual([]);
      const during = await enterOne(world, 'p-2');
      world.reactions.push(async (got) => {
        // The socket is open, and not one byte of the mail has gone.
        await stopPerson(world.context, {
          person: during,
          purpose: 'welcome',
          because: 'operator',
          by: 'cli',
        });
        await got();
        return sent;
      });
      await world.settle();
      world.clock.move(day);
      await world.settle();
      expect(world.received).toEqual([]);
      expect((await store.people.findEnrolment('welcome@p-2'))?.state).toBe('stopped');
      expect((await store.people.findPerson('p-1'))?.status).toBe('stopped');
    }));

  test('what the other side says is believed: later, no, and silence', () =>
    withStore(async (store) => {
      const world = openPeopleWorld({ store, sequences: [three()] });
      const cases: [id: string, reaction: Reaction, state: string, copies: number][] = [
        ['p-1', { is: 'later', about: 'mail', said: '451' }, 'sent', 1],
        ['p-2', { is: 'refused', about: 'mail', said: '550' }, 'failed', 0],
        ['p-3', { is: 'uncertain', said: 'no answer' }, 'uncertain', 0],
        ['p-4', { is: 'later', about: 'sender', said: '535' }, 'sent', 1],
      ];
      for (const [id, reaction, state, copies] of cases) {
        await enterOne(world, id);
        world.reactions.push(reaction);
        await world.settle();
        world.clock.move(5 * minute);
        await world.settle();
        expect((await world.dispatch(`welcome.hello@${id}`))?.state, id).toBe(state);
        expect(steps(world).filter((one) => one === `welcome.hello@${id}`).length, id).toBe(copies);
      }
      world.clock.move(2 * day);
      await world.settle();
      // Each goes on, whatever became of the first.
      for (const [id] of cases) expect(steps(world)).toContain(`welcome.guide@${id}`);
    }));

  test('what is in hand keeps its bytes when its text is edited; what is not gets the new text', () =>
    withStore(async (store) => {
      for (const [lost, whenUnknown] of [
        [{ is: 'later', about: 'mail', said: '451' }, 'leave'],
        [{ is: 'uncertain', said: 'no answer' }, 'again'],
      ] as const) {
        const id = `p-${whenUnknown}`;
        const world = openPeopleWorld({ store, sequences: [three()], whenUnknown });
        await enterOne(world, id);
        world.reactions.push(lost);
        await world.settle();
        const old = three().steps.map((one) => one.text);
        const steps = three().steps.map((one) => ({ ...one, text: `New ${one.id}.` }));
        world.sequences.set('welcome', { ...three(), steps });
        world.clock.move(2 * hour);
        await world.settle();
        world.clock.move(2 * day);
        await world.settle();
        expect(world.received.map(({ text }) => text)).toEqual([old[0], `New ${steps[1]?.id}.`]);
      }
    }));

  test('what is unknown is repeated once an hour later under the same name, where that is wished', () =>
    withStore(async (store) => {
      const world = openPeopleWorld({ store, sequences: [three()], whenUnknown: 'again' });
      await enterOne(world);
      world.reactions.push(async (got) => {
        await got();
        return { is: 'uncertain', said: 'no answer' };
      });
      await world.settle();
      expect(world.received.length).toBe(1);
      world.clock.move(61 * minute);
      world.reactions.push({ is: 'uncertain', said: 'no answer again' });
      await world.settle();
      world.clock.move(5 * hour);
      await world.settle();
      expect(world.received.length).toBe(1);
      expect(await world.dispatch('welcome.hello@p-1')).toMatchObject({
        state: 'uncertain',
        intent: { messageId: world.received[0]?.messageId },
      });
    }));

  test('killed before the first byte it goes out once; killed after it nobody can tell', () =>
    withStore(async (store) => {
      const world = openPeopleWorld({ store, sequences: [three()] });
      await enterOne(world, 'p-1');
      world.reactions.push(() => Promise.reject(new Crash('killed')));
      await expect(world.settle()).rejects.toThrow('killed');
      world.restart();
      await world.settle();
      expect(steps(world)).toEqual(['welcome.hello@p-1']);
      await enterOne(world, 'p-2');
      world.reactions.push(async (got) => {
        await got();
        throw new Crash('killed');
      });
      await expect(world.settle()).rejects.toThrow('killed');
      world.restart();
      await world.settle();
      expect((await world.dispatch('welcome.hello@p-2'))?.state).toBe('uncertain');
      expect(steps(world).filter((one) => one.endsWith('p-2')).length).toBe(1);
    }));

  test('several processes share the work, and nobody gets a step twice', () =>
    withStore(async (store) => {
      const world = openPeopleWorld({ store, sequences: [three()] });
      for (let i = 0; i < 20; i += 1) await enterOne(world, `p-${i}`);
      const all = ['a', 'b', 'c'].map((worker) => world.beside(worker));
      // A round that another process got in the way of is made again, as a service does it.
      for (let i = 0; i < 60 && world.received.length < 60; i += 1) {
        await Promise.allSettled(all.map((rounds) => rounds.sweep()));
        world.clock.move(3 * hour);
      }
      expect(new Set(steps(world)).size).toBe(world.received.length);
      expect(world.received.length).toBe(60);
    }));

  test('three a week at most over all sequences, and only in the hours', () =>
    withStore(async (store) => {
      const timing = {
        windows: [{ from: 8 * 60, to: 18 * 60 }],
        days: ['mon', 'tue', 'wed', 'thu', 'fri'],
      } as const;
      const many = ['a', 'b', 'c'].map((id) =>
        sequence([step('one'), step('two', { waitFor: day })], {
          id,
          timing: { windows: [...timing.windows], days: timing.days },
        }),
      );
      const world = openPeopleWorld({ store, sequences: many });
      const person = await world.add('p-1', { zone: 'America/New_York' });
      for (const one of many) await enter(world.context, { person, sequence: one, by: 'form' });
      for (let hours = 0; hours < 24 * 30; hours += 3) {
        await world.settle();
        world.clock.move(3 * hour);
      }
      expect(world.received.length).toBe(6);
      for (const [i, { at }] of world.received.entries()) {
        const minutes = localMinutes(at, 'America/New_York');
        expect(minutes).toBeGreaterThanOrEqual(8 * 60);
        expect(minutes).toBeLessThan(18 * 60);
        const before = world.received[i - 3];
        if (before) expect(at - before.at).toBeGreaterThanOrEqual(7 * day);
      }
    }));

  test('a sequence that is broken or gone holds everyone in it, and goes on when it is back', () =>
    withStore(async (store) => {
      const world = openPeopleWorld({ store, sequences: [three()] });
      await enterOne(world);
      await world.settle();
      world.sequences.delete('welcome');
      world.clock.move(3 * day);
      await world.settle();
      expect(world.received.length).toBe(1);
      expect((await store.people.findEnrolment('welcome@p-1'))?.heldBecause).toMatch(/missing/);
      world.sequences.set('welcome', three());
      await world.reread();
      await world.settle();
      expect(steps(world)).toEqual(['welcome.hello@p-1', 'welcome.guide@p-1']);
    }));

  test('a variable without value holds that message, and it goes out when its text is mended', () =>
    withStore(async (store) => {
      const world = openPeopleWorld({
        store,
        sequences: [sequence([step('hello', { text: 'Hello {{name}}' })])],
      });
      await enterOne(world);
      await world.settle();
      expect(await world.dispatch('welcome.hello@p-1')).toMatchObject({
        state: 'held',
        reason: 'name has no value',
      });
      world.sequences.set('welcome', sequence([step('hello', { text: 'Hello there' })]));
      await world.reread();
      await world.settle();
      expect(world.received.map(({ text }) => text)).toEqual(['Hello there']);
    }));

  test('the holdout takes the same way and gets nothing', () =>
    withStore(async (store) => {
      const world = openPeopleWorld({ store, sequences: [{ ...three(), holdout: 0.5 }] });
      for (let i = 0; i < 20; i += 1) await enterOne(world, `p-${i}`);
      for (let days = 0; days < 6; days += 1) {
        await world.settle();
        world.clock.move(day);
      }
      const all = await store.people.listEnrolments({ sequence: 'welcome' });
      const out = all.filter(({ isHoldout }) => isHoldout);
      expect(out.length).toBeGreaterThan(3);
      expect(out.length).toBeLessThan(17);
      expect(all.every(({ state }) => state === 'finished')).toBe(true);
      expect(world.received.length).toBe(3 * (20 - out.length));
    }));

  test('ten days asleep: what is more than a week late is passed over, and nothing comes in a burst', () =>
    withStore(async (store) => {
      const world = openPeopleWorld({ store, sequences: [three()], perSecond: 1 });
      for (let i = 0; i < 5; i += 1) await enterOne(world, `p-${i}`);
      for (let seconds = 0; seconds < 10; seconds += 1) {
        await world.settle();
        world.clock.move(1000);
      }
      expect(world.received.length).toBe(5);
      world.clock.move(12 * day);
      await world.settle();
      expect(steps(world).filter((one) => one.includes('guide'))).toEqual([]);
      world.clock.move(2 * day);
      const before = world.received.length;
      await world.settle();
      expect(world.received.length - before).toBeLessThanOrEqual(2);
    }));

  test('a day holds so many, over restarts; a new domain begins with fifty and doubles each week', () =>
    withStore(async (store) => {
      const world = openPeopleWorld({
        store,
        sequences: [sequence([step('hello')])],
        perDay: 120,
        warmUp: true,
      });
      for (let i = 0; i < 260; i += 1) await enterOne(world, `p-${i}`);
      const perDay: number[] = [];
      for (const days of [0, 1, 7, 7]) {
        world.clock.move(days * day);
        const before = world.received.length;
        for (let i = 0; i < 3; i += 1) {
          await world.settle();
          world.restart();
        }
        // It is at work while the days go by: nothing is made up for after an absence.
        await world.settle();
        perDay.push(world.received.length - before);
      }
      // What waited for more than a week is passed over by then.
      expect(perDay.slice(0, 3)).toEqual([50, 50, 100]);
      expect(perDay[3]).toBeLessThanOrEqual(120);
    }));

  test('who has done much is handed over once, and what has reached its goal has reached it', () =>
    withStore(async (store) => {
      const welcome = { ...three(), goal: condition('bought') };
      const world = openPeopleWorld({ store, sequences: [welcome], people: { handOverAt: 3 } });
      await enterOne(world, 'p-1');
      await enterOne(world, 'p-2');
      await world.settle();
      const visit = (person: string, i: number) =>
        ({ id: `${person}-${i}`, person, kind: 'visited', at: world.clock.now() }) as const;
      for (let i = 0; i < 5; i += 1)
        await takeActs(world.context, [visit('p-1', i), visit('p-2', i)].slice(0, i < 2 ? 2 : 1));
      const order = { id: 'order', kind: 'bought', at: world.clock.now() } as const;
      const answer = { id: 'answer', kind: 'replied', at: world.clock.now() } as const;
      await takeActs(world.context, [
        { ...order, person: 'p-2' },
        { ...answer, person: 'p-2' },
      ]);
      world.clock.move(10 * day);
      await world.settle();
      expect(world.received.length).toBe(2);
      const state = async (id: string) =>
        (await store.people.findEnrolment(`welcome@${id}`))?.state;
      expect([await state('p-1'), await state('p-2')]).toEqual(['handed-over', 'reached']);
      const entries = await store.listJournal({});
      expect(entries.filter(({ type }) => type === 'handed-over').length).toBe(2);
    }));

  test('who has given no sign of life for so long is forgotten, and the address stays stopped', () =>
    withStore(async (store) => {
      const people = { forgetFor: 30 * day };
      const world = openPeopleWorld({ store, sequences: [three()], people });
      await enterOne(world, 'p-1');
      await enterOne(world, 'p-2');
      await world.settle();
      world.clock.move(31 * day);
      const sign = { id: 'v', person: 'p-2', kind: 'visited', at: world.clock.now() } as const;
      await takeActs(world.context, [sign]);
      world.restart();
      await world.settle();
      expect(await store.people.findPerson('p-1')).toBeUndefined();
      expect(await store.people.findPerson('p-2')).toBeDefined();
      const stops = await store.people.listSuppressions([hashOf('mail:p-1@example.org')]);
      expect(stops).toMatchObject([{ purpose: '*', because: 'forgotten' }]);
    }));

  test('a step may hand over; what was cut off in that is made good, and told once', () =>
    withStore(async (store) => {
      const steps = [step('hello', { handOver: true }), step('guide', { waitFor: day })];
      const world = openPeopleWorld({ store, sequences: [sequence(steps)] });
      await enterOne(world, 'p-1');
      await world.settle();
      expect((await store.people.findPerson('p-1'))?.status).toBe('handed-over');
      expect((await store.people.findEnrolment('welcome@p-1'))?.state).toBe('handed-over');
      const calm = openPeopleWorld({ store, sequences: [three()] });
      const before = await enterOne(calm, 'p-2');
      await calm.settle();
      // As if the process had died right after the person was marked.
      const person = await store.people.findPerson(before.id);
      if (person) await store.people.changePerson(person, { ...person, status: 'handed-over' });
      const answer = { id: 'a', person: 'p-3', kind: 'replied', at: calm.clock.now() } as const;
      await enterOne(calm, 'p-3');
      // As if it had died right after the act was written.
      await store.people.addActs([answer]);
      await takeActs(calm.context, [answer]);
      await takeActs(calm.context, [answer]);
      calm.clock.move(3 * day);
      await calm.settle();
      expect(calm.received.filter(({ dispatch }) => dispatch.includes('guide'))).toEqual([]);
      expect((await store.people.findEnrolment('welcome@p-2'))?.state).toBe('handed-over');
      const told = (await store.listJournal({})).filter(({ type }) => type === 'handed-over');
      expect(told.map((one) => one.person).toSorted()).toEqual(['p-1', 'p-3']);
    }));
});
