import { expect, test } from 'vitest';
import type { Store } from '../../src/ports/store.ts';
import type { MakePlace } from './contract.ts';
import { type Place, startChild } from './kit.ts';
import {
  idsOf,
  makeAct,
  makeConsent,
  makeDispatch,
  makeEnrolment,
  makePerson,
  start,
} from './people-kit.ts';

/** More than any of them needs. */
const mostWrites = 30;

/** After each write once, until one gets through; how many writes there were before that. */
async function killAfterEach(
  place: Place,
  what: string,
  { before, after }: Record<'before' | 'after', (person: string) => Promise<void>>,
): Promise<number> {
  for (let n = 1; n <= mostWrites; n++) {
    const person = `p-${n}`;
    await before(person);
    const { lines, ended } = startChild('die-within.ts', watched(place), what, person, String(n));
    const said: string[] = [];
    for await (const line of lines) said.push(line);
    const code = await ended;
    if (code !== 0 && code !== null) throw new Error(`the child ended with ${code}`);
    await after(person);
    if (said.includes('through')) return n - 1;
  }
  throw new Error('it never got through');
}

function watched({ target }: Place): Place['target'] {
  const { uri } = target;
  if (uri === undefined) return target;
  return { ...target, uri: `${uri}${uri.includes('?') ? '&' : '?'}monitorCommands=true` };
}

const enter = (store: Store) => async (person: string) => {
  await store.people.addPerson(makePerson(person));
  await store.people.addEnrolment(makeEnrolment('welcome', person));
};

const entriesAbout = async (store: Store, person: string) =>
  idsOf(await store.listJournal({})).filter((id) => id.endsWith(` ${person}`));

export function killedContract(makePlace: MakePlace): void {
  test('a decision is whole or not there, after whichever of its writes the process is killed', async () => {
    await using place = await makePlace();
    await using store = await place.open();
    const { people } = store;
    const outcomes = new Set<string>();
    const writes = await killAfterEach(place, 'change', {
      before: enter(store),
      // By somebody who had it open all the time, in whichever order.
      after: async (person) => {
        const found = {
          dispatches: idsOf(await people.listDispatches({ person })),
          status: (await people.findPerson(person))?.status,
          why: (await people.findEnrolment(`welcome@${person}`))?.why,
          entries: await entriesAbout(store, person),
        };
        const isDone = found.status === 'won';
        outcomes.add(isDone ? 'done' : 'not done');
        const why = 'right after entering';
        expect(found).toEqual(
          isDone
            ? {
                status: 'won',
                why: 'changed',
                dispatches: [`welcome.one@${person}`],
                entries: [`first ${person}`, `second ${person}`],
              }
            : { status: 'active', why, dispatches: [], entries: [] },
        );
      },
    });
    expect(writes).toBeGreaterThan(3);
    // On SQLite the last one ends the transaction.
    expect([...outcomes].at(-1)).toBe('done');
    // Nothing is in the way of what comes next.
    await using again = await place.open();
    for (const { id } of await again.people.listPeople({ limit: mostWrites })) {
      const one = await again.people.findEnrolment(`welcome@${id}`);
      if (!one) throw new Error(`${id} is in nothing`);
      const next = { before: one, after: { ...one, state: 'left' as const } };
      expect(await again.people.change({ enrolment: next })).toBe(true);
    }
  });

  test('who enters is in with the entry, or not at all, after whichever write the process is killed', async () => {
    await using place = await makePlace();
    await using store = await place.open();
    const writes = await killAfterEach(place, 'enter', {
      before: enter(store),
      after: async (person) => {
        const entries = await entriesAbout(store, person);
        const isIn = (await store.people.findEnrolment(`other@${person}`)) !== undefined;
        expect(entries).toEqual(isIn ? [`entered ${person}`] : []);
        const members = await store.people.listPeople({ sequence: 'other', limit: mostWrites });
        expect(idsOf(members).includes(person)).toBe(isIn);
      },
    });
    expect(writes).toBeGreaterThan(2);
  });

  test('a code is given out to the person who asked, or to nobody, after whichever write the process is killed', async () => {
    await using place = await makePlace();
    await using store = await place.open();
    const { people } = store;
    await killAfterEach(place, 'coupon', {
      before: enter(store),
      after: async (person) => {
        const own = await people.listCoupons(person);
        const used = await people.listUsedCodes('spring', [`code of ${person}`]);
        expect(used.length).toBe(own.length);
        const again = { file: 'spring', code: `Other of ${person}`, person, at: start };
        const code = await people.reserveCoupon(again);
        expect(code).toBe(own[0]?.code ?? again.code);
        expect(await people.listCoupons(person)).toHaveLength(1);
      },
    });
  });

  test('who is being forgotten when the process is killed is found by nobody, and is gone at the next try', async () => {
    await using place = await makePlace();
    await using store = await place.open();
    const { people } = store;
    const writes = await killAfterEach(place, 'forget', {
      before: async (person) => {
        await enter(store)(person);
        await people.addConsents([makeConsent(`c ${person}`, person)]);
        await people.addActs([makeAct(`e ${person}`, person)]);
        await people.reserveCoupon({ file: 'spring', code: person, person, at: start });
        await people.putBody({ person, hash: person, bytes: new Uint8Array([1]) });
        const dispatch = { after: makeDispatch(makeEnrolment('welcome', person), 'one') };
        await people.change({ dispatch });
      },
      after: async (person) => {
        const isThere = (await people.findPerson(person)) !== undefined;
        const owner = await people.findPersonByAddress(`mail:${person}@example.com`);
        expect(owner?.id).toBe(isThere ? person : undefined);
        if (isThere) {
          expect(await people.findBody(person)).toEqual(new Uint8Array([1]));
          expect(await people.listDispatches({ person })).toHaveLength(1);
          await people.forgetPerson(person);
        }
        for (const id of await people.listHalfForgotten())
          expect(await people.forgetPerson(id)).toBe(true);
        expect(await people.listHalfForgotten()).toEqual([]);
        for (const kind of ['consent', 'act', 'enrolment', 'dispatch', 'body', 'person'] as const)
          expect([kind, await people.listRecords({ kind, limit: 9 })]).toEqual([kind, []]);
        // What was given out stays so, and nothing says to whom.
        const coupons = await people.listRecords({ kind: 'coupon', limit: 99 });
        expect(coupons).toContainEqual({ file: 'spring', code: person, at: start });
        expect(coupons.filter((one) => one.person !== undefined)).toEqual([]);
      },
    });
    expect(writes).toBeGreaterThan(3);
    await using again = await place.open();
    expect(await again.people.listPeople({ limit: 9 })).toEqual([]);
  });
}
