import { describe, expect, test } from 'vitest';
import type { StepClick } from '../../../src/core/clicks/step-click.ts';
import { day, hour, minute } from '../../../src/core/time.ts';
import { takeClicks } from '../../../src/flow/people/clicks/take-clicks.ts';
import { enter } from '../../../src/flow/people/enter.ts';
import type { Store } from '../../../src/ports/store.ts';
import { openPeopleWorld, sequence, step } from './people-world.ts';
import { peopleStores } from './stores.ts';

const one = sequence([step('hello')]);

async function openSent(store: Store) {
  const world = openPeopleWorld({ store, sequences: [one] });
  for (const id of ['p-ada', 'p-ben'])
    await enter(world.context, { person: await world.add(id), sequence: one, by: 'form' });
  world.reactions.push({ is: 'sent', said: '250 OK' }, async (got) => {
    await got();
    return { is: 'uncertain', said: 'its answer did not come' };
  });
  await world.settle();
  const click = (id: string, more: Partial<StepClick> = {}): StepClick => ({
    dispatch: `welcome.hello@${id}`,
    code: `code-${id}`,
    url: 'https://shop.example/',
    at: world.clock.now(),
    kind: 'person',
    ...more,
  });
  const acts = async (person: string) =>
    (await store.people.listActs({ person })).map(({ kind, verdict }) => `${kind} ${verdict}`);
  const sums = async () =>
    Object.fromEntries(
      (await store.sumClicks(['welcome.hello'])).map(({ kind, count }) => [kind, count]),
    );
  return { world, click, acts, sums };
}

describe.each(peopleStores)('on $name', ({ open }) => {
  test('a link counts once a day for each person, however often it is told; a step counts its messages', async () => {
    await using place = await open();
    const { world, click, acts, sums } = await openSent(place.store);
    world.clock.move(minute);
    const told = [click('p-ada'), click('p-ada'), click('p-ada', { code: 'other' })];
    for (let i = 0; i < 2; i += 1) await takeClicks(world.context, told);
    expect(await acts('p-ada')).toEqual(['clicked person', 'clicked person']);
    expect(await sums()).toEqual({ person: 1 });
    world.clock.move(day);
    await takeClicks(world.context, [click('p-ada')]);
    expect((await acts('p-ada')).length).toBe(3);
    expect(await sums()).toEqual({ person: 1 });
    const ada = await place.store.people.findPerson('p-ada');
    expect(ada?.status).toBe('active');
    expect(ada?.score).toBeGreaterThan(2.5);
  });

  test('a message whose answer was lost is clicked, too; machines, doubts and strangers are nobody', async () => {
    await using place = await open();
    const { world, click, acts, sums } = await openSent(place.store);
    expect(await world.dispatch('welcome.hello@p-ben')).toMatchObject({ state: 'uncertain' });
    // Before anybody can have read it.
    await takeClicks(world.context, [click('p-ben')]);
    expect(await acts('p-ben')).toEqual(['clicked unsure']);
    world.clock.move(minute);
    await takeClicks(world.context, [
      click('p-ben'),
      click('p-ada', { kind: 'machine' }),
      click('p-ada', { kind: 'machine' }),
      click('p-ada', { kind: 'unsure' }),
      click('p-none'),
    ]);
    expect((await acts('p-ben')).toSorted()).toEqual(['clicked person', 'clicked unsure']);
    expect(await acts('p-ada')).toEqual(['clicked unsure']);
    expect(await sums()).toEqual({ person: 1, unsure: 2, machine: 1 });
    const ada = await place.store.people.findPerson('p-ada');
    expect([ada?.status, ada?.score, ada?.signAt]).toEqual(['new', 0, undefined]);
    // Of who is forgotten nothing more is counted, and what was stays a number.
    await place.store.people.forgetPerson('p-ben');
    world.clock.move(hour);
    await takeClicks(world.context, [click('p-ben', { kind: 'machine' }), click('p-ben')]);
    expect(await sums()).toEqual({ person: 1, unsure: 2, machine: 1 });
  });
});
