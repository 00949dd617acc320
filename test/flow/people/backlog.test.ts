import { describe, expect, test } from 'vitest';
import { toConfirmation } from '../../../src/core/people/forms/confirmation.ts';
import { day, hour, minute } from '../../../src/core/time.ts';
import { enter } from '../../../src/flow/people/enter.ts';
import { readBacklog, releaseBacklog } from '../../../src/flow/people/sending/backlog.ts';
import { changeFact } from '../../../src/flow/facts.ts';
import { copiedFact } from '../../../src/flow/moving/moved.ts';
import { peopleStores } from './stores.ts';
import { openPeopleWorld, sequence, step } from './people-world.ts';

const steps = () => [
  step('hello'),
  step('more', { waitFor: 2 * day }),
  step('end', { waitFor: day }),
];

async function begin(
  store: Parameters<typeof openPeopleWorld>[0]['store'],
  people: number,
  perDay: number,
) {
  const welcome = sequence(steps());
  const world = openPeopleWorld({ store, sequences: [welcome], perDay });
  for (let i = 0; i < people; i += 1) {
    const person = await world.add(`p-${i}`);
    await enter(world.context, { person, sequence: welcome, by: 'form' });
  }
  await world.settle();
  const awake = async (id: string) => {
    world.restart(id);
    await world.settle();
  };
  const got = () => world.received.length;
  return { world, awake, got };
}

describe.each(peopleStores)('on $name', ({ open }) => {
  test('after an absence more than a day of mails waits for the word, and goes out within the pace', async () => {
    await using place = await open();
    const { store } = place;
    const { world, awake, got } = await begin(store, 12, 12);
    expect(got()).toBe(12);
    world.clock.move(3 * day);
    // One day's mail is no more than that.
    await awake('one');
    expect([got(), await readBacklog(store)]).toEqual([24, undefined]);

    const other = await begin(store, 0, 5);
    // Another world on the same store, from where the first one is.
    other.world.clock.move(world.clock.now() - other.world.clock.now() + 3 * day);
    await other.awake('two');
    expect(other.got()).toBe(0);
    expect(await readBacklog(store)).toMatchObject({ count: 6 });
    const [notice] = (await store.listJournal({ types: ['notice'] })).slice(-1);
    expect(notice?.text).toContain('At least 6 messages to people became due');
    // It is asked once, whatever restarts; and whoever confirms a form does not wait.
    await other.awake('three');
    other.world.clock.move(2 * hour);
    await other.awake('four');
    const told = await store.listJournal({ types: ['notice'] });
    expect(told.filter(({ id }) => id.startsWith('people-backlog:'))).toHaveLength(1);
    const at = other.world.clock.now();
    const words = { purpose: 'welcome', way: 'form', words: 'Yes', medium: 'mail' } as const;
    const form = toConfirmation({ person: 'p-1', at }, { why: 'a form', now: at });
    const addressKey = 'mail:p-1@example.org';
    const id = `form-${form.run}@p-1`;
    await store.people.addConsents([{ id, person: 'p-1', addressKey, at, ...words }]);
    await store.people.change({ dispatch: { after: form } });
    await other.world.settle();
    expect(other.world.received.map(({ dispatch }) => dispatch)).toEqual([form.id]);

    expect(await releaseBacklog(store)).toBe(true);
    expect(await releaseBacklog(store)).toBe(false);
    for (let i = 0; i < 5; i += 1) {
      await other.world.settle();
      other.world.clock.move(day);
    }
    const mails = other.world.received.map(({ dispatch }) => dispatch);
    expect(mails.filter((one) => one.startsWith('welcome.end')).length).toBe(12);
    expect(new Set(mails).size).toBe(mails.length);
  });

  test('a short pause is made up for without a word, and so is a store that has never been at work', async () => {
    await using place = await open();
    const { store } = place;
    const { world, awake } = await begin(store, 3, 3);
    await world.add('p-x');
    world.clock.move(50 * minute);
    await awake('one');
    expect(await readBacklog(store)).toBeUndefined();
  });

  test('what was planned and is more than a week late is left out, and the person goes on', async () => {
    await using place = await open();
    const { store } = place;
    const { world, awake } = await begin(store, 1, 1000);
    world.clock.move(2 * day);
    world.reactions.push({ is: 'later', about: 'sender', said: '421' });
    await world.settle();
    expect((await world.dispatch('welcome.more@p-0'))?.state).toBe('planned');
    world.clock.move(9 * day);
    await awake('one');
    expect(await world.dispatch('welcome.more@p-0')).toMatchObject({
      state: 'cancelled',
      reason: 'it is more than 7 days late',
    });
    expect((await store.people.findEnrolment('welcome@p-0'))?.done).toContain('more');
  });

  test('a copy that is put back sends nothing to anybody before the word, confirmations neither', async () => {
    await using place = await open();
    const { store } = place;
    const { world, awake, got } = await begin(store, 3, 1000);
    expect(got()).toBe(3);
    world.clock.move(3 * day);
    await changeFact(store, copiedFact, () => world.clock.now() - hour);
    const consent = { person: 'p-0', at: world.clock.now() };
    const after = toConfirmation(consent, { why: 'filled in', now: world.clock.now() });
    await store.people.change({ dispatch: { after } });
    for (const name of ['w1', 'w2']) {
      await awake(name);
      expect(got()).toBe(3);
    }
    const notices = await store.listJournal({ types: ['notice'] });
    expect(notices.map(({ text }) => text)).toEqual([
      expect.stringMatching(/^This store is a copy of .* Nothing goes out to people: say/),
    ]);
    expect(await readBacklog(store)).toMatchObject({ isCopy: true });
    await releaseBacklog(store);
    await awake('w3');
    expect(got()).toBe(6);
  });
});
