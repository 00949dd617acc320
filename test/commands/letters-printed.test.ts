import { existsSync, readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { letters } from '../../src/commands/people/letters.ts';
import {
  collectingBatch,
  type LetterBatch,
  madeBatch,
  withoutLetters,
} from '../../src/core/people/letters/letter-batch.ts';
import { tellPages } from '../../src/core/people/letters/taken-out.ts';
import { keyOfAddress } from '../../src/core/people/person.ts';
import { day } from '../../src/core/time.ts';
import { enter } from '../../src/flow/people/enter.ts';
import { listBatches } from '../../src/flow/people/letters/batch-facts.ts';
import { stopPerson } from '../../src/flow/people/stop-person.ts';
import { openMemoryStore } from '../../src/store/memory-store.ts';
import { openPeopleWorld, sequence, step } from '../flow/people/people-world.ts';
import { berlin, openTestPress } from '../letters/kit.ts';
import { settings } from '../web/page-kit.ts';

async function openBatch(ids: string[]) {
  const store = openMemoryStore();
  const { press, folder } = openTestPress();
  const welcome = sequence([step('offer', { by: ['letter'] })]);
  const world = openPeopleWorld({ store, sequences: [welcome], letters: press });
  for (const id of ids) {
    const postal = { ...berlin, lines: [id, 'Weg 1'] };
    const mail = { medium: 'mail' as const, value: `${id}@example.org` };
    const person = await world.add(id, { addresses: [mail, postal] });
    const consent = { person: id, medium: 'letter', purpose: '*', way: 'import' } as const;
    const key = { addressKey: keyOfAddress(postal), at: world.clock.now(), words: '' };
    await store.people.addConsents([{ ...consent, id: `letter-${id}`, ...key }]);
    await enter(world.context, { person, sequence: welcome, by: 'import' });
  }
  await world.settle();
  world.clock.move(7 * day);
  await world.settle();
  const read = async () => ({ sequences: [welcome], broken: new Map(), notes: [] });
  const { people } = world.context.settings;
  const { hashOf } = world.context;
  const hands = { settings: people, sequences: { read }, hashOf };
  const parts = { store, clock: world.clock, settings, by: 'cli', version: 'test' };
  const context = { ...parts, openPeople: async () => hands };
  const printed = () => letters.run(context, { args: ['printed', '2026-03-09'], options: {} });
  const notices = async () =>
    (await store.listJournal({ types: ['notice'] })).map((one) => one.text);
  const files = () =>
    existsSync(`${folder}/letters`) ? readdirSync(`${folder}/letters`).sort() : [];
  const batch = async () => (await listBatches(store))[0];
  return { store, world, printed, notices, files, batch };
}

type Open = Awaited<ReturnType<typeof openBatch>>;

const goings: [string, (one: Open) => Promise<unknown>][] = [
  ['forgotten', ({ store }) => store.people.forgetPerson('p-1')],
  [
    'stopped',
    async ({ store, world }) => {
      const person = await store.people.findPerson('p-1');
      if (!person) throw new Error('gone');
      const what = { purpose: '*', because: 'unsubscribed', by: 'p-1' } as const;
      await stopPerson(world.context, { person, ...what });
    },
  ],
  [
    'stopped by a process that died right after it was written',
    async ({ store, world }) => {
      const person = await store.people.findPerson('p-1');
      const [, postal = berlin] = person?.addresses ?? [];
      const hash = world.context.hashOf(keyOfAddress(postal));
      const at = world.clock.now();
      await store.people.addSuppressions([{ hash, purpose: '*', at, because: 'unsubscribed' }]);
    },
  ],
];

const page = 'welcome.offer@p-1: page 1 of letters-2026-03-09.pdf';

test.each(goings)(
  'somebody who was %s does not count as printed, and the page is told',
  async (_, go) => {
    const one = await openBatch(['p-1', 'p-2']);
    await go(one);
    const { text, json } = await one.printed();
    expect(text).toContain('1 letter of 2026-03-09 printed. They count as sent.');
    expect(text).toContain(`take the page out. ${page}`);
    expect(json).toMatchObject({ letters: 1, takenOut: ['welcome.offer@p-1'] });
    expect((await one.notices()).filter((told) => told?.includes(page)).length).toBe(1);
    await one.world.settle();
    expect((await one.notices()).filter((told) => told?.includes(page)).length).toBe(1);
    expect((await one.world.dispatch('welcome.offer@p-2'))?.state).toBe('sent');
    expect((await one.world.dispatch('welcome.offer@p-1'))?.state).not.toBe('sent');
    expect(one.files()).toEqual(['letters-2026-03-09.2.csv', 'letters-2026-03-09.2.pdf']);
  },
);

test.each(goings.slice(0, 2))(
  'somebody who was %s between the word and the sending is told of too',
  async (_, go) => {
    const one = await openBatch(['p-1', 'p-2']);
    await one.printed();
    await go(one);
    await one.world.settle();
    expect((await one.notices()).filter((told) => told?.includes(page)).length).toBe(1);
    expect(one.files()).toEqual(['letters-2026-03-09.2.csv', 'letters-2026-03-09.2.pdf']);
    // Who goes once the letters are out has had theirs: the page goes, and nobody is told.
    const before = (await one.notices()).length;
    await one.store.people.forgetPerson('p-2');
    one.world.clock.move(day);
    await one.world.settle();
    expect((await one.notices()).length).toBe(before);
    expect(one.files()).toEqual([]);
  },
);

test('of a batch in which nobody is left nothing is taken for printed', async () => {
  const one = await openBatch(['p-1']);
  await one.store.people.forgetPerson('p-1');
  await expect(one.printed()).rejects.toThrow(`nobody is left in 2026-03-09`);
  expect(await one.batch()).toMatchObject({ state: 'made', letters: [] });
  expect((await one.notices()).at(-1)).toContain(page);
});

test('a page that was taken out is named for each file that may have been printed', () => {
  const first = madeBatch(collectingBatch('2026-03-09', 0), {
    letters: ['a', 'b', 'c', 'd', 'e'],
    at: 0,
  });
  const without = (batch: LetterBatch, ...ids: string[]) =>
    withoutLetters(batch, (id) => !ids.includes(id), 0) ?? batch;
  const last = without(without(without(first, 'a', 'c'), 'd'), 'e');
  expect(last.takenOut.map((one) => [one.dispatch, tellPages(last, one)])).toEqual([
    ['a', 'page 1 of letters-2026-03-09.pdf'],
    ['c', 'page 3 of letters-2026-03-09.pdf'],
    ['d', 'page 4 of letters-2026-03-09.pdf, page 2 of letters-2026-03-09.2.pdf'],
    [
      'e',
      'page 5 of letters-2026-03-09.pdf, page 3 of letters-2026-03-09.2.pdf, ' +
        'page 2 of letters-2026-03-09.3.pdf',
    ],
  ]);
});
