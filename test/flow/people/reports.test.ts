import { describe, expect, test } from 'vitest';
import { day } from '../../../src/core/time.ts';
import { enter } from '../../../src/flow/people/enter.ts';
import { endEnrolment } from '../../../src/flow/people/look-at-enrolment.ts';
import { takeReport } from '../../../src/flow/people/take-report.ts';
import type { Report } from '../../../src/ports/people/mailbox.ts';
import type { Store } from '../../../src/ports/store.ts';
import { hashOf, openPeopleWorld, sequence, step } from './people-world.ts';
import { peopleStores } from './stores.ts';

const two = sequence([step('hello'), step('guide', { waitFor: day })]);

async function openSent(store: Store, ids: string[]) {
  const world = openPeopleWorld({ store, sequences: [two] });
  for (const id of ids)
    await enter(world.context, { person: await world.add(id), sequence: two, by: 'form' });
  await world.settle();
  return world;
}

const report = (kind: Report['kind'], more: Partial<Report> = {}): Report => ({
  id: `${kind}-1`,
  kind,
  messageIds: [],
  words: 'the words of the other server',
  ...more,
});

describe.each(peopleStores)('on $name', ({ open }) => {
  test('a bounce, a complaint and a stop word end it for the address; what says nothing changes nothing', async () => {
    await using place = await open();
    const { store } = place;
    const ids = ['hard', 'spam', 'stop', 'kind', 'away', 'late', 'policy', 'forged'];
    const world = await openSent(store, ids);
    const about = (id: string) => ({ dispatch: `welcome.hello@${id}` });
    const reports = [
      report('hard', about('hard')),
      report('complaint', { messageIds: ['<welcome.hello@spam@test.example>'] }),
      report('reply', { ...about('stop'), words: 'STOP please' }),
      report('reply', { ...about('kind'), id: 'reply-2', words: 'Thank you, never stop!' }),
      report('automatic', about('away')),
      report('delayed', about('late')),
      report('policy', about('policy')),
      report('hard', { id: 'forged', messageIds: ['<unknown@elsewhere.example>'] }),
    ];
    // Read twice, since the process may die between two mails.
    for (const one of [...reports, ...reports]) await takeReport(world.context, one);
    world.clock.move(day);
    await world.settle();
    const guides = world.received.filter(({ dispatch }) => dispatch.includes('guide'));
    const got = guides.map(({ to }) => to.replace('@example.org', ''));
    expect(got.toSorted()).toEqual(['away', 'forged', 'late', 'policy']);
    // Who answers is for a human; who says stop is for nobody.
    expect((await store.people.findPerson('kind'))?.status).toBe('handed-over');
    expect((await store.people.findPerson('stop'))?.status).toBe('stopped');
    expect(await world.dispatch('welcome.hello@hard')).toMatchObject({ state: 'bounced' });
    expect((await store.people.findEnrolment('welcome@spam'))?.state).toBe('stopped');
    const acts = await store.people.listActs({ person: 'kind' });
    expect(acts.map(({ kind, words }) => [kind, words])).toEqual([
      ['replied', 'Thank you, never stop!'],
    ]);
    const entries = await store.listJournal({});
    const count = (text: string) => entries.filter((one) => one.text?.includes(text)).length;
    expect(count('has called')).toBe(1);
    expect(count('other mail servers refuse')).toBe(1);
    expect(JSON.stringify(entries)).not.toContain('example.org');
  });

  test.each(['reply', 'complaint', 'unsubscribed', 'hard'] as const)(
    'what is told of one mail again and again is written once: %s',
    async (kind) => {
      await using place = await open();
      const { store } = place;
      const world = await openSent(store, ['ada']);
      const about = { dispatch: 'welcome.hello@ada', words: 'STOP' };
      const size = async () => [
        (await store.people.listActs({ person: 'ada' })).length,
        (await store.listJournal({ limit: 500 })).length,
      ];
      await takeReport(world.context, report(kind, about));
      const before = await size();
      for (let i = 0; i < 30; i += 1) {
        world.clock.move(1000);
        await takeReport(world.context, report(kind, { ...about, id: `${kind}-again-${i}` }));
      }
      expect(await size()).toEqual(before);
    },
  );

  test.each(['reply', 'complaint', 'unsubscribed', 'hard'] as const)(
    'who agrees again after a %s and says so again is stopped again; an old report ends nothing',
    async (kind) => {
      await using place = await open();
      const { store } = place;
      const world = await openSent(store, ['p-ada']);
      const words = kind === 'reply' ? 'Stop' : 'words';
      const say = (id: string, dispatch: string) =>
        takeReport(world.context, report(kind, { id, dispatch, words }));
      const stoppedAt = async () =>
        (await store.people.listSuppressions([hashOf('mail:p-ada@example.org')]))[0]?.at ?? 0;
      await say('first', 'welcome.hello@p-ada');
      const first = await stoppedAt();
      expect(first).toBeGreaterThan(0);
      world.clock.move(day);
      const at = world.clock.now();
      const consent = { id: 'again', person: 'p-ada', medium: 'mail', purpose: '*', at } as const;
      const addressKey = 'mail:p-ada@example.org';
      await store.people.addConsents([
        { ...consent, addressKey, way: 'form', words: 'Yes', confirmedAt: at },
      ]);
      world.clock.move(day);
      // The mailbox is read from its beginning.
      await say('first', 'welcome.hello@p-ada');
      expect(await stoppedAt()).toBe(first);
      const before = (await world.dispatch('welcome.hello@p-ada'))!;
      const second = {
        ...before,
        id: 'welcome.guide@p-ada',
        step: 'guide',
        state: 'sent',
      } as const;
      await store.people.change({ dispatch: { after: { ...second, revision: 1 } } });
      for (let i = 0; i < 2; i += 1) await say('second', second.id);
      expect(await stoppedAt()).toBeGreaterThan(at);
      const entries = await store.listJournal({ types: ['opted-out'] });
      expect(entries).toHaveLength(2);
    },
  );

  test('a full mailbox is forgiven, until three messages in more than a week came back', async () => {
    await using place = await open();
    const { store } = place;
    const steps = ['a', 'b', 'c', 'd'].map((id, i) => step(id, { waitFor: i === 0 ? 0 : 4 * day }));
    const world = openPeopleWorld({ store, sequences: [sequence(steps)] });
    const person = await world.add('full');
    await enter(world.context, { person, sequence: sequence(steps), by: 'form' });
    for (const [i, { id }] of steps.entries()) {
      await world.settle();
      const soft = report('soft', { id: `soft-${i}`, dispatch: `welcome.${id}@full` });
      await takeReport(world.context, soft);
      await takeReport(world.context, soft);
      world.clock.move(4 * day);
    }
    expect(world.received.map(({ text }) => text)).toEqual([
      'This is a.',
      'This is b.',
      'This is c.',
    ]);
    expect((await store.people.findPerson('full'))?.status).toBe('stopped');
  });
});

test('whoever has reached a goal is not said to have reached it twice', async () => {
  await using place = await peopleStores[0]!.open();
  const world = await openSent(place.store, ['ada']);
  const enrolment = await place.store.people.findEnrolment('welcome@ada');
  if (!enrolment) throw new Error('nobody is in it');
  const end = { as: 'reached', why: 'the goal is reached' } as const;
  await endEnrolment(world.context, enrolment, end);
  const [entry] = (await place.store.listJournal({ types: ['left'] })).slice(-1);
  expect(entry?.text).toBe('ada has reached the goal of welcome');
});
