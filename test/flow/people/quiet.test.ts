import { describe, expect, test } from 'vitest';
import { formConsentId } from '../../../src/core/people/forms/confirmation.ts';
import { day, hour } from '../../../src/core/time.ts';
import { enter } from '../../../src/flow/people/enter.ts';
import { confirmForm } from '../../../src/flow/people/forms/confirm-form.ts';
import { takeActs } from '../../../src/flow/people/take-acts.ts';
import { peopleStores } from './stores.ts';
import { openPeopleWorld, sequence, step } from './people-world.ts';

const weekly = () =>
  sequence(Array.from({ length: 30 }, (_, i) => step(`s${i}`, { waitFor: i > 0 ? 7 * day : 0 })));

describe.each(peopleStores)('on $name', ({ open }) => {
  test('who is silent for long is asked once, and gets nothing more until the button is pressed', async () => {
    await using place = await open();
    const { store } = place;
    const world = openPeopleWorld({ store, sequences: [weekly()] });
    const person = await world.add('p-1');
    await enter(world.context, { person, sequence: weekly(), by: 'form' });
    const live = async (days: number) => {
      for (let i = 0; i < days; i += 1) {
        await world.settle();
        world.clock.move(day);
      }
    };
    await live(160);
    const got = () => world.received.map(({ dispatch }) => dispatch);
    expect(got().filter((one) => one.startsWith('_confirm'))).toHaveLength(1);
    // In the first 120 days.
    const before = got().filter((one) => one.startsWith('welcome')).length;
    expect(before).toBe(18);
    const asked = await store.people.findPerson('p-1');
    expect(asked?.askedAt).toBeDefined();
    expect((await store.people.findEnrolment('welcome@p-1'))?.why).toBe(
      'the person was asked whether to go on',
    );
    const id = formConsentId('p-1', asked?.askedAt ?? 0);
    expect((await confirmForm(world.context, { id, from: 'page' }))?.is).toBe('confirmed');
    await live(15);
    const after = got().filter((one) => one.startsWith('welcome')).length;
    expect(after).toBeGreaterThanOrEqual(before + 2);
    expect((await store.people.findPerson('p-1'))?.askedAt).toBeUndefined();
    expect(new Set(got()).size).toBe(got().length);
    expect(await store.people.listEnrolments({ person: 'p-1' })).toHaveLength(1);
  });

  test('any sign of life answers it, and nobody with one is asked', async () => {
    await using place = await open();
    const { store } = place;
    const world = openPeopleWorld({ store, sequences: [weekly()], people: { quietFor: 10 * day } });
    for (const id of ['p-1', 'p-2']) {
      const person = await world.add(id);
      await enter(world.context, { person, sequence: weekly(), by: 'form' });
    }
    for (let i = 0; i < 30; i += 1) {
      await world.settle();
      const at = world.clock.now();
      await takeActs(world.context, [{ id: `c${i}`, person: 'p-1', kind: 'clicked', at }]);
      world.clock.move(day);
    }
    const asked = () => world.received.filter(({ dispatch }) => dispatch.startsWith('_confirm'));
    expect(asked().map(({ dispatch }) => dispatch.slice(-3))).toEqual(['p-2']);
    const at = world.clock.now();
    await takeActs(world.context, [{ id: 'click', person: 'p-2', kind: 'clicked', at }]);
    world.clock.move(hour);
    const count = world.received.length;
    await world.settle();
    expect(world.received.length).toBe(count + 1);
    expect(asked()).toHaveLength(1);
  });
});
