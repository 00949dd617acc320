import type { Act } from '../../src/core/people/act.ts';
import { dispatchStates } from '../../src/core/people/dispatch.ts';
import { personStatuses } from '../../src/core/people/person.ts';
import type { PeopleStore } from '../../src/ports/people/people-store.ts';
import { openStore } from '../../src/store/open-store.ts';
import { makeFolder } from '../../test/store/kit.ts';
import {
  makeAct,
  makeConsent,
  makeDispatch,
  makeEnrolment,
  makePerson,
  start,
} from '../../test/store/people-kit.ts';
import { formatMs, percentile, type Row, spread } from '../row.ts';

export const name = 'people';

/** `PEOPLE=0.1 npm run bench -- people` tries it with a tenth. */
const scale = Number(process.env['PEOPLE'] ?? 1);
const [few, many] = [1000, Math.round(100_000 * scale)];
const actsEach = 10;
const sequences = 50;
const chunk = 500;
const runs = 200;
const second = 1000;

const idOf = (i: number) => `p-${i.toString(36).padStart(5, '0')}`;
const sequenceOf = (i: number) => `sequence-${i % sequences}`;

async function inChunks(count: number, add: (all: number[]) => Promise<unknown>): Promise<void> {
  for (let from = 0; from < count; from += chunk)
    await add(Array.from({ length: Math.min(chunk, count - from) }, (_, i) => from + i));
}

/** Each in one sequence, a third of all in the largest one, with two steps sent or planned. */
async function fill(people: PeopleStore, count: number): Promise<void> {
  await inChunks(count, async (all) => {
    const persons = all.map((i) =>
      makePerson(idOf(i), { createdAt: start + i, status: personStatuses[i % 6] ?? 'new' }),
    );
    const enrolments = all.map((i) =>
      makeEnrolment(i % 3 ? sequenceOf(i) : 'sequence-0', idOf(i), { nextAt: start + i }),
    );
    const dispatches = enrolments.flatMap((one, i) =>
      ['one', 'two'].map((step, n) =>
        makeDispatch(one, step, {
          at: start + i,
          state: n ? (dispatchStates[i % 8] ?? 'sent') : 'sent',
          ...(n === 0 && { sentAt: start + i }),
        }),
      ),
    );
    await people.addRecords('person', persons);
    await people.addRecords(
      'consent',
      all.map((i) => makeConsent(`c${i}`, idOf(i))),
    );
    await people.addRecords('enrolment', enrolments);
    await people.addRecords('dispatch', dispatches);
    await people.addRecords('act', actsOf(all));
  });
}

const actsOf = (all: readonly number[]): Act[] =>
  all.flatMap((i) =>
    Array.from({ length: actsEach }, (_, n) => makeAct(`e${i} ${n}`, idOf(i), { at: start + n })),
  );

type Ask = (people: PeopleStore, i: number) => Promise<unknown>;

const asks: Record<string, Ask> = {
  'what is due: the first 100 enrolments': (people) =>
    people.listEnrolments({ dueBy: Date.now(), order: 'nextAt', limit: 100 }),
  'what is due: the first 100 dispatches by mail': (people) =>
    people.listDispatches({
      medium: 'mail',
      states: ['planned'],
      dueBy: Date.now(),
      order: 'at',
      limit: 100,
    }),
  'a page of 50 people': (people) => people.listPeople({ limit: 50 }),
  'a page of 50 people of a sequence': (people) =>
    people.listPeople({ sequence: 'sequence-0', status: 'won', limit: 50 }),
  'a search by the beginning of one address': (people, i) =>
    people.listPeople({ text: `${idOf(i)}@`, limit: 50 }),
  'a search for what everybody begins with': (people) =>
    people.listPeople({ text: 'name of', limit: 50 }),
  'one person’s everything': async (people, i) => {
    const person = idOf(i);
    await people.findPersonByAddress(`mail:${person}@example.com`);
    await people.listConsents(person);
    await people.listActs({ person, limit: 100 });
    await people.listEnrolments({ person });
    await people.listDispatches({ person });
  },
  'a sequence’s counts (a third of all are in it)': async (people) => {
    await people.countEnrolments('sequence-0');
    await people.countDispatches('sequence-0');
  },
  'a decision, durable (enrolment, dispatch, entry)': async (people, i) => {
    const before = await people.findEnrolment(`sequence-0@${idOf(i - (i % 3))}`);
    if (!before) throw new Error('nobody is there');
    const entry = { id: `decided ${before.id} ${before.revision}`, by: 'bench' };
    const dispatch = makeDispatch(before, `step-${before.revision}`);
    const isDone = await people.change({
      enrolment: { before, after: { ...before, done: ['one'] } },
      dispatch: { after: dispatch },
      entries: [{ ...entry, at: start, type: 'noted' }],
    });
    if (!isDone) throw new Error('it was refused');
  },
};

async function timeAll(people: PeopleStore, count: number): Promise<Map<string, number[]>> {
  const times = new Map<string, number[]>();
  for (const [what, ask] of Object.entries(asks)) {
    const all: number[] = [];
    for (let n = 0; n < runs; n++) {
      const startedAt = performance.now();
      await ask(people, (n * 7919) % count);
      all.push(performance.now() - startedAt);
    }
    times.set(what, all);
  }
  return times;
}

/** As the door takes them in: small batches, each durable before the next. */
async function actsASecond(people: PeopleStore, batch: number): Promise<number> {
  const startedAt = performance.now();
  let taken = 0;
  for (let n = 0; performance.now() - startedAt < 3 * second; n++) {
    const acts = Array.from({ length: batch }, (_, i) =>
      makeAct(`new ${batch} ${n} ${i}`, idOf((n * 31 + i) % few)),
    );
    taken += (await people.addActs(acts)).length;
  }
  return taken / ((performance.now() - startedAt) / second);
}

const heap = () => process.memoryUsage.rss() / 2 ** 20;

export async function run(): Promise<Row[]> {
  const first = await measure(few);
  const large = await measure(many);
  const rows = [...large.times].map(([what, times]): Row => {
    const before = percentile(first.times.get(what) ?? [], 0.5);
    const ratio = percentile(times, 0.5) / before;
    const small = `${few.toLocaleString('en')} people (${formatMs(before)})`;
    const note = `${ratio.toFixed(1)} times ${small}`;
    return { what: `${label}: ${what}`, value: spread(times), note };
  });
  return [...rows, ...large.rates];
}

const label = `SQLite, ${many.toLocaleString('en')} people`;

async function measure(count: number): Promise<{ times: Map<string, number[]>; rates: Row[] }> {
  await using folder = await makeFolder();
  await using store = await openStore({ dataFolder: folder.path, mode: 'serve' });
  await fill(store.people, count);
  const before = heap();
  const times = await timeAll(store.people, count);
  const rates: Row[] = [];
  for (const batch of [1, 20, 500]) {
    const rate = await actsASecond(store.people, batch);
    const what = `${label}: acts taken in, durable, ${batch} at a time`;
    const value = `${Math.round(rate).toLocaleString('en')} a second`;
    rates.push({ what, value, note: 'wanted: at least 500 a second' });
  }
  const value = `${Math.round(heap() - before)} MiB more`;
  const what = `${label}: memory after all of this`;
  return { times, rates: [...rates, { what, value, note: `${Math.round(before)} MiB before` }] };
}
