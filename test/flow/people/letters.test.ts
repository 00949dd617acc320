import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { lastSlot, nextSlot, printedBatch } from '../../../src/core/people/letters/letter-batch.ts';
import { keyOfAddress, type PostalAddress } from '../../../src/core/people/person.ts';
import { day, formatLocal, hour, minute } from '../../../src/core/time.ts';
import { changeFact } from '../../../src/flow/facts.ts';
import { enter } from '../../../src/flow/people/enter.ts';
import { batchFact, listBatches } from '../../../src/flow/people/letters/batch-facts.ts';
import { stopPerson } from '../../../src/flow/people/stop-person.ts';
import { takeActs } from '../../../src/flow/people/take-acts.ts';
import type { Store } from '../../../src/ports/store.ts';
import { berlin, openTestPress } from '../../letters/kit.ts';
import { peopleStores } from './stores.ts';
import { condition, Crash, openPeopleWorld, sequence, step } from './people-world.ts';

const offer = (more = {}) =>
  step('offer', { by: ['letter'], text: 'Hello {{person.name | there}}', ...more });

async function open(store: Store, steps = [offer()], more = {}) {
  const { press, folder } = openTestPress();
  const sequences = [sequence(steps, more)];
  const world = openPeopleWorld({ store, sequences, letters: press, people: { perWeek: 9 } });
  const come = async (id: string, changes: Partial<PostalAddress> = {}, fields = {}) => {
    const postal = { ...berlin, lines: [`Name of ${id}`, 'Weg 1'], ...changes };
    const mail = { medium: 'mail' as const, value: `${id}@example.org` };
    const person = await world.add(id, { addresses: [mail, postal], fields });
    const consent = { person: id, medium: 'letter', purpose: '*', way: 'import' } as const;
    const at = world.clock.now();
    const key = { addressKey: keyOfAddress(postal), at, words: 'Write to me' };
    await store.people.addConsents([{ ...consent, id: `letter-${id}`, ...key }]);
    const [welcome = sequence([])] = sequences;
    await enter(world.context, { person, sequence: welcome, by: 'import' });
    return person;
  };
  const batches = () => listBatches(store);
  const printed = async (id: string) => {
    const said = { at: world.clock.now(), by: 'web' };
    await changeFact(store, batchFact(id), (before) => before && printedBatch(before, said));
    await world.settle();
  };
  const files = () =>
    existsSync(`${folder}/letters`)
      ? readdirSync(`${folder}/letters`)
          .filter((name) => name !== 'pictures')
          .sort()
      : [];
  /** The people of a batch, by the file for the print shop. */
  const inFile = (name: string) =>
    readFileSync(`${folder}/letters/${name}`, 'utf8')
      .split('\r\n')
      .slice(1, -1)
      .map((line) => line.split(',')[3]);
  const state = async (id: string) => (await world.dispatch(`welcome.offer@${id}`))?.state;
  return { world, come, batches, printed, files, inFile, state, folder, press };
}

/** The world begins on a Monday at nine in Berlin: the next batch is a week later. */
const toBatch = 7 * day - hour + minute;

describe.each(peopleStores)('on $name', ({ open: openPlace }) => {
  const withStore = async (work: (store: Store) => Promise<void>) => {
    await using place = await openPlace();
    await work(place.store);
  };

  test('letters wait for the batch, are printed together, and are sent when somebody says so', () =>
    withStore(async (store) => {
      const after = step('after', { waitFor: 2 * day, by: ['mail'] });
      const one = await open(store, [offer(), after]);
      for (const id of ['p-1', 'p-2', 'p-3'])
        await one.come(id, { postcode: `1000${9 - Number(id.at(-1))}` });
      await one.world.settle();
      expect([await one.batches(), one.files()]).toEqual([[], []]);
      one.world.clock.move(toBatch);
      await one.world.settle();
      const [batch] = await one.batches();
      // In the order of their postcodes.
      expect(batch).toMatchObject({
        id: '2026-03-09',
        state: 'made',
        letters: ['p-3', 'p-2', 'p-1'].map((id) => `welcome.offer@${id}`),
      });
      expect(one.files()).toEqual(['letters-2026-03-09.csv', 'letters-2026-03-09.pdf']);
      expect(one.inFile('letters-2026-03-09.csv')).toEqual(['p-3', 'p-2', 'p-1']);
      const notices = (await store.listJournal({ types: ['notice'] })).map(({ text }) => text);
      expect(notices).toEqual([
        '3 letters of 2026-03-09 can be printed. When they are, say `letters printed 2026-03-09`',
      ]);
      // Who comes now is in the next one, and nobody is sent anything before it is printed.
      await one.come('p-4');
      one.world.clock.move(3 * day);
      await one.world.settle();
      expect([await one.state('p-1'), await one.state('p-4')]).toEqual(['sending', 'planned']);
      expect(one.world.received).toEqual([]);
      await one.printed('2026-03-09');
      expect(await one.state('p-1')).toBe('sent');
      one.world.clock.move(2 * day + minute);
      await one.world.settle();
      expect(one.world.received.map(({ dispatch }) => dispatch).sort()).toEqual(
        ['p-1', 'p-2', 'p-3'].map((id) => `welcome.after@${id}`),
      );
      one.world.clock.move(3 * day);
      await one.world.settle();
      expect((await one.batches()).map(({ letters }) => letters.length)).toEqual([1, 3]);
    }));

  test('a file that was lost is made again with the same bytes', () =>
    withStore(async (store) => {
      const one = await open(store, [offer({ text: 'Hello ![Drops](drip.png)' })]);
      for (const id of ['p-1', 'p-2']) await one.come(id);
      await one.world.settle();
      one.world.clock.move(toBatch);
      await one.world.settle();
      const read = () => readFileSync(`${one.folder}/letters/letters-2026-03-09.pdf`);
      const before = read();
      rmSync(`${one.folder}/letters/letters-2026-03-09.pdf`);
      one.world.clock.move(day);
      one.world.restart();
      await one.world.settle();
      expect(read().equals(before)).toBe(true);
    }));

  test('who stops before the batch is not in it, and who stops after it is taken out of its file', () =>
    withStore(async (store) => {
      const one = await open(store);
      const stop = (person: { id: string }) =>
        store.people.findPerson(person.id).then(async (now) => {
          if (!now) throw new Error('gone');
          const what = { purpose: '*', because: 'unsubscribed', by: person.id } as const;
          await stopPerson(one.world.context, { person: now, ...what });
        });
      const people = [];
      for (const id of ['p-1', 'p-2', 'p-3']) people.push(await one.come(id));
      const [first, second] = people;
      if (!first || !second) throw new Error('nobody');
      await one.world.settle();
      await stop(first);
      one.world.clock.move(toBatch);
      await one.world.settle();
      expect(one.inFile('letters-2026-03-09.csv')).toEqual(['p-2', 'p-3']);
      await stop(second);
      await one.world.settle();
      expect(one.files()).toEqual(['letters-2026-03-09.2.csv', 'letters-2026-03-09.2.pdf']);
      expect(one.inFile('letters-2026-03-09.2.csv')).toEqual(['p-3']);
      const [batch] = await one.batches();
      expect(batch?.takenOut).toMatchObject([
        { dispatch: 'welcome.offer@p-2', page: 1, edition: 1 },
      ]);
      const notices = (await store.listJournal({ types: ['notice'] })).map(({ text }) => text);
      expect(notices.at(-1)).toContain(
        '1 letter of 2026-03-09 must not go out any more. welcome.offer@p-2: page 1 of letters-2026-03-09.pdf.',
      );
      await one.printed('2026-03-09');
      expect([await one.state('p-1'), await one.state('p-2'), await one.state('p-3')]).toEqual([
        'cancelled',
        'cancelled',
        'sent',
      ]);
    }));

  test('a stop whose process died right after it was written takes the letter out too', () =>
    withStore(async (store) => {
      const one = await open(store);
      const person = await one.come('p-1');
      await one.come('p-2');
      await one.world.settle();
      one.world.clock.move(toBatch);
      await one.world.settle();
      const hash = one.world.context.hashOf(keyOfAddress(person.addresses[1] ?? berlin));
      const at = one.world.clock.now();
      await store.people.addSuppressions([{ hash, purpose: '*', at, because: 'unsubscribed' }]);
      one.world.clock.move(2 * hour);
      await one.world.settle();
      expect(one.inFile('letters-2026-03-09.2.csv')).toEqual(['p-2']);
      expect(await one.state('p-1')).toBe('cancelled');
    }));

  test('of somebody who is forgotten no page is kept, printed or not', () =>
    withStore(async (store) => {
      const one = await open(store);
      for (const id of ['p-1', 'p-2', 'p-3']) await one.come(id);
      await one.world.settle();
      one.world.clock.move(toBatch);
      await one.world.settle();
      await store.people.forgetPerson('p-1');
      await one.world.settle();
      expect(one.inFile('letters-2026-03-09.2.csv')).toEqual(['p-2', 'p-3']);
      await one.printed('2026-03-09');
      await store.people.forgetPerson('p-2');
      one.world.clock.move(2 * hour);
      await one.world.settle();
      expect(one.files()).toEqual(['letters-2026-03-09.3.csv', 'letters-2026-03-09.3.pdf']);
      expect(one.inFile('letters-2026-03-09.3.csv')).toEqual(['p-3']);
      one.world.clock.move(91 * day);
      await one.world.settle();
      expect(one.files()).toEqual([]);
    }));

  test('a letter that cannot be printed is held, with the person and the character, and goes out when it is mended', () =>
    withStore(async (store) => {
      const one = await open(store);
      await one.come('p-1', {}, { name: '東' });
      await one.come('p-2');
      await one.come('p-3', { lines: ['A', 'B', 'C', 'D', 'E', 'F'] });
      await one.world.settle();
      one.world.clock.move(toBatch);
      await one.world.settle();
      expect(one.inFile('letters-2026-03-09.csv')).toEqual(['p-2']);
      const held = await store.people.listDispatches({ states: ['held'] });
      expect(held.map(({ person, reason }) => [person, reason])).toEqual([
        ['p-1', 'a character cannot be printed: "東" (U+6771) is not in the font'],
        ['p-3', 'the address has 7 lines, and the window has room for 6'],
      ]);
      const [notice] = await store.listJournal({ types: ['notice'] });
      expect(notice?.text).toContain('On hold: welcome.offer@p-1, welcome.offer@p-3');
      const before = await store.people.findPerson('p-1');
      if (!before) throw new Error('gone');
      await store.people.changePerson(before, { ...before, fields: { name: 'Higashi' } });
      one.world.clock.move(7 * day);
      await one.world.settle();
      expect(one.inFile('letters-2026-03-16.csv')).toEqual(['p-1']);
    }));

  test('a goal that is reached while the letter waits for the printer takes it out', () =>
    withStore(async (store) => {
      const one = await open(store, [offer()], { goal: condition('bought') });
      for (const id of ['p-1', 'p-2']) await one.come(id);
      await one.world.settle();
      one.world.clock.move(toBatch);
      await one.world.settle();
      const act = { id: 'o-1', person: 'p-1', kind: 'bought', at: one.world.clock.now() } as const;
      await takeActs(one.world.context, [act]);
      await one.world.settle();
      expect(one.inFile('letters-2026-03-09.2.csv')).toEqual(['p-2']);
      expect((await store.people.findEnrolment('welcome@p-1'))?.state).toBe('reached');
    }));

  test('killed at any write, nobody is in two batches and nobody is lost', () =>
    withStore(async (store) => {
      const ids = ['p-1', 'p-2', 'p-3'];
      const one = await open(store);
      for (const id of ids) await one.come(id);
      await one.world.settle();
      one.world.clock.move(toBatch);
      const { change, putBody } = store.people;
      const { putFact } = store;
      let left = 0;
      const counting =
        <A extends unknown[], R>(write: (...values: A) => Promise<R>) =>
        async (...values: A): Promise<R> => {
          if (left === 0) throw new Crash('killed before a write');
          left -= 1;
          const result = await write(...values);
          if (left === 0) throw new Crash('killed after a write');
          return result;
        };
      const watch = () => {
        store.people.change = counting(change);
        store.people.putBody = counting(putBody);
        store.putFact = counting(putFact) as typeof putFact;
      };
      const unwatch = () =>
        Object.assign(store, { putFact }) && Object.assign(store.people, { change, putBody });
      let crashes = 0;
      for (let writes = 1; writes < 40; writes += 1) {
        // Each time one write further, and dead.
        left = 1;
        watch();
        one.world.restart();
        const isThrough = await one.world.sweep().then(
          () => true,
          (error: unknown) => {
            if (!(error instanceof Crash)) throw error;
            crashes += 1;
            return false;
          },
        );
        unwatch();
        if (isThrough) break;
      }
      expect(crashes).toBeGreaterThan(6);
      one.world.restart();
      await one.world.settle();
      const all = await one.batches();
      expect(all.flatMap(({ letters }) => letters).sort()).toEqual(
        ids.map((id) => `welcome.offer@${id}`),
      );
      expect(all.every(({ state }) => state === 'made')).toBe(true);
      const inFiles = one
        .files()
        .filter((name) => name.endsWith('.csv'))
        .flatMap(one.inFile);
      expect(inFiles.sort()).toEqual(ids);
      // The same while they are marked as printed.
      for (const { id } of all) {
        const said = { at: one.world.clock.now(), by: 'web' };
        await changeFact(store, batchFact(id), (before) => before && printedBatch(before, said));
      }
      for (let writes = 1; writes < 10; writes += 1) {
        left = 1;
        watch();
        one.world.restart();
        await one.world.sweep().catch((error: unknown) => {
          if (!(error instanceof Crash)) throw error;
        });
        unwatch();
      }
      await one.world.settle();
      for (const id of ids) {
        expect(await one.state(id)).toBe('sent');
        expect((await store.people.findEnrolment(`welcome@${id}`))?.done).toEqual(['offer']);
      }
    }));

  test('a confirmed mail address is no consent for a letter', () =>
    withStore(async (store) => {
      const one = await open(store);
      const person = await one.world.add('p-1', {
        addresses: [{ medium: 'mail', value: 'p-1@example.org' }, berlin],
      });
      const [welcome = sequence([])] = one.world.sequences.values();
      await enter(one.world.context, { person, sequence: welcome, by: 'form' });
      await one.world.settle();
      expect(await one.state('p-1')).toBeUndefined();
      expect((await store.people.findEnrolment('welcome@p-1'))?.heldBecause).toBe(
        'there is no address with a consent for letter',
      );
    }));
});

test('a batch comes on its days and at its time, on the clock of the zone, over changes of it', () => {
  const time = { days: ['mon', 'thu'] as const, minutes: 8 * 60 };
  const zone = 'Europe/Berlin';
  const at = (text: string) => Date.parse(text);
  expect(lastSlot(at('2026-03-30T05:59Z'), time, zone)).toEqual({
    id: '2026-03-26',
    at: at('2026-03-26T07:00Z'),
  });
  // Clocks were set forward on the day before.
  expect(lastSlot(at('2026-03-30T06:00Z'), time, zone).id).toBe('2026-03-30');
  expect(formatLocal(nextSlot(at('2026-03-30T06:00Z'), time, zone).at, zone)).toContain('08:00');
  expect(nextSlot(at('2026-03-30T06:00Z'), time, zone).id).toBe('2026-04-02');
});
