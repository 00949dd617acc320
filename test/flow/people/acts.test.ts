import { describe, expect, test } from 'vitest';
import { scoreAt } from '../../../src/core/people/score.ts';
import { day } from '../../../src/core/time.ts';
import { stopPerson } from '../../../src/flow/people/stop-person.ts';
import { takeActs } from '../../../src/flow/people/take-acts.ts';
import { peopleStores } from './stores.ts';
import { Crash, openPeopleWorld } from './people-world.ts';

describe.each(peopleStores)('on $name', ({ open }) => {
  test('a process that dies between an act and its score loses nothing: the next telling puts it right', async () => {
    await using place = await open();
    const { store } = place;
    const world = openPeopleWorld({ store });
    await world.add('p-1');
    const now = world.clock.now();
    const click = (id: string, at = now) => ({ id, person: 'p-1', kind: 'clicked', at }) as const;
    const { changePerson } = store.people;
    store.people.changePerson = async () => {
      throw new Crash('killed behind the act');
    };
    await expect(takeActs(world.context, [click('a')])).rejects.toThrow(Crash);
    store.people.changePerson = changePerson;
    expect((await store.people.findPerson('p-1'))?.score).toBe(0);
    expect(await takeActs(world.context, [click('a')])).toEqual([]);
    const person = await store.people.findPerson('p-1');
    expect(person?.score).toBeCloseTo(1);
    expect([person?.signAt, person?.status]).toEqual([now, 'active']);
    // Told again it changes nothing, not even the revision.
    await takeActs(world.context, [click('a')]);
    expect((await store.people.findPerson('p-1'))?.revision).toBe(person?.revision);
    // Another act makes good what was cut off before.
    store.people.changePerson = async () => {
      throw new Crash('killed behind the act');
    };
    await expect(takeActs(world.context, [click('b')])).rejects.toThrow(Crash);
    store.people.changePerson = changePerson;
    await takeActs(world.context, [click('c')]);
    world.clock.move(30 * day);
    const later = await store.people.findPerson('p-1');
    expect(later && scoreAt(later, world.clock.now())).toBeCloseTo(1.5);
  });

  test.each([
    ['unsubscribed', ['unsubscribed']],
    ['reply', ['unsubscribed']],
    ['operator', []],
    ['bounced', []],
  ] as const)('a stop by %s is an act of the person where it was one', async (because, acts) => {
    await using place = await open();
    const { store } = place;
    const world = openPeopleWorld({ store });
    const person = await world.add('p-1');
    await stopPerson(world.context, { person, purpose: '*', because, by: 'p-1' });
    const known = await store.people.listActs({ person: 'p-1' });
    expect(known.map(({ kind }) => kind)).toEqual(acts);
  });
});
