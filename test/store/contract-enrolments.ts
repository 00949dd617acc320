import { expect, test } from 'vitest';
import type { Dispatch } from '../../src/core/people/dispatch.ts';
import type { DispatchQuery, EnrolmentQuery } from '../../src/ports/people/people-store.ts';
import type { MakePlace } from './contract.ts';
import { makeEntry } from './kit.ts';
import { idsOf, makeDispatch, makeEnrolment, makePerson, start } from './people-kit.ts';

export function enrolmentContract(makePlace: MakePlace): void {
  test('a person has one live run in a sequence, however many add one at once', async () => {
    await using place = await makePlace();
    await using one = await place.open();
    await using two = await place.open('beside');
    const storeOf = (i: number) => (i % 2 ? two : one);
    await one.people.addPerson(makePerson('p-a'));
    const added = await Promise.all(
      Array.from({ length: 12 }, (_, i) =>
        storeOf(i).people.addEnrolment(makeEnrolment('welcome', 'p-a', { run: i + 1 }), [
          makeEntry(`entered ${i}`),
        ]),
      ),
    );
    expect(added.filter(Boolean)).toHaveLength(1);
    const [live] = await one.people.listEnrolments({ person: 'p-a' });
    if (!live) throw new Error('nobody got in');
    expect((await two.listJournal({})).map(({ id }) => id)).toEqual([`entered ${live.run - 1}`]);
    expect(await one.people.findEnrolment(live.id)).toEqual(live);
    expect(await one.people.addEnrolment(makeEnrolment('other', 'p-a'))).toBe(true);
    expect(await one.people.addEnrolment(makeEnrolment('welcome', 'p-none'))).toBe(false);

    // Its end makes room for the next run, and for one only.
    const ended = { ...live, state: 'left' as const };
    expect(await one.people.change({ enrolment: { before: live, after: ended } })).toBe(true);
    expect(await one.people.addEnrolment(makeEnrolment('welcome', 'p-a', { run: 99 }))).toBe(true);
    const back = { before: { ...ended, revision: 1 }, after: live };
    expect(await one.people.change({ enrolment: back })).toBe(false);
    expect((await one.people.findEnrolment(live.id))?.state).toBe('left');
  });

  test('enrolments are found by whose they are, their state and what is due first', async () => {
    await using place = await makePlace();
    await using store = await place.open();
    const { people } = store;
    await people.addRecords(
      'person',
      [0, 1, 2, 3, 4].map((i) => makePerson(`p-${i}`)),
    );
    for (let i = 0; i < 5; i++) {
      await people.addEnrolment(
        makeEnrolment('a', `p-${i}`, { nextAt: start + (i % 2), isHoldout: i === 4 }),
      );
      const { nextAt: _, ...still } = makeEnrolment('b', `p-${i}`, {
        state: i < 2 ? 'waiting' : 'reached',
      });
      await people.addEnrolment(i < 2 ? { ...still, nextAt: start + 10 } : still);
    }
    const ids = async (query: EnrolmentQuery) => idsOf(await people.listEnrolments(query));
    expect(await ids({})).toHaveLength(10);
    expect(await ids({ person: 'p-3' })).toEqual(['a@p-3', 'b@p-3']);
    expect(await ids({ person: 'p-3', sequence: 'b' })).toEqual(['b@p-3']);
    expect(await ids({ person: 'p-3', states: ['active'] })).toEqual(['a@p-3']);
    expect(await ids({ sequence: 'b', states: ['waiting', 'active'] })).toEqual(['b@p-0', 'b@p-1']);
    expect(await ids({ dueBy: start, order: 'nextAt' })).toEqual(['a@p-0', 'a@p-2', 'a@p-4']);
    expect(await ids({ order: 'nextAt', limit: 4 })).toEqual(['a@p-0', 'a@p-2', 'a@p-4', 'a@p-1']);
    expect(await ids({ dueBy: start + 10, states: ['waiting'], order: 'nextAt' })).toEqual([
      'b@p-0',
      'b@p-1',
    ]);
    expect(await ids({ sequence: 'b', order: 'nextAt', limit: 1 })).toEqual(['b@p-0']);
    expect(await ids({ order: 'nextAt' })).toHaveLength(7);
    expect(await ids({ sequence: 'a', limit: 2 })).toEqual(['a@p-0', 'a@p-1']);
    expect(await ids({ sequence: 'a', after: 'a@p-1', limit: 2 })).toEqual(['a@p-2', 'a@p-3']);
    expect(await ids({ states: ['reached', 'waiting'], after: 'b@p-1', limit: 2 })).toEqual([
      'b@p-2',
      'b@p-3',
    ]);
    expect(await ids({ states: [] })).toEqual([]);
    expect(await ids({ limit: 0 })).toEqual([]);
    expect(await people.countEnrolments('a')).toEqual([
      { sequence: 'a', state: 'active', isHoldout: false, count: 4 },
      { sequence: 'a', state: 'active', isHoldout: true, count: 1 },
    ]);
    expect(await people.countEnrolments()).toEqual([
      { sequence: 'a', state: 'active', isHoldout: false, count: 4 },
      { sequence: 'a', state: 'active', isHoldout: true, count: 1 },
      { sequence: 'b', state: 'reached', isHoldout: false, count: 3 },
      { sequence: 'b', state: 'waiting', isHoldout: false, count: 2 },
    ]);
    expect(await people.countEnrolments('none')).toEqual([]);
  });

  test('dispatches are found by all that the work asks for', async () => {
    await using place = await makePlace();
    await using store = await place.open();
    const { people } = store;
    const a = makeEnrolment('a', 'p-1');
    const b = makeEnrolment('b', 'p-2');
    await people.addRecords('person', [makePerson('p-1'), makePerson('p-2')]);
    await people.addRecords('enrolment', [a, b]);
    const intent = { at: 1, medium: 'mail', addressKey: 'k', body: 'h' } as const;
    const all: Dispatch[] = [
      makeDispatch(a, 'one', {
        state: 'sent',
        sentAt: start + 1,
        intent: { ...intent, messageId: '<one@us>' },
        receipt: { at: start + 1, said: '250 ok', serverId: '<one@them>' },
      }),
      makeDispatch(a, 'two', { state: 'bounced', sentAt: start + 3, medium: 'message' }),
      makeDispatch(a, 'three', {
        state: 'sending',
        at: start + 5,
        claim: { by: 'w', until: start + 50 },
        intent: { ...intent, messageId: '<three@us>' },
      }),
      makeDispatch(b, 'one', { at: start + 1 }),
      makeDispatch(b, 'two', { at: start + 1, medium: 'letter' }),
      makeDispatch(b, 'three', { state: 'sent', sentAt: start + 2 }),
    ];
    for (const after of all) expect(await people.change({ dispatch: { after } })).toBe(true);
    const ids = async (query: DispatchQuery) => idsOf(await people.listDispatches(query));
    expect(await people.findDispatch('a.one@p-1')).toEqual(all[0]);
    expect(await people.findDispatch('a.none@p-1')).toBeUndefined();
    expect(await people.findDispatchByMessage('<one@us>')).toEqual(all[0]);
    expect(await people.findDispatchByMessage('<one@them>')).toEqual(all[0]);
    expect(await people.findDispatchByMessage('<three@us>')).toEqual(all[2]);
    expect(await people.findDispatchByMessage('<four@us>')).toBeUndefined();
    expect(await ids({})).toEqual(idsOf(all).toSorted());
    expect(await ids({ person: 'p-2', order: 'at' })).toEqual([
      'b.three@p-2',
      'b.one@p-2',
      'b.two@p-2',
    ]);
    expect(
      await ids({ enrolment: 'a@p-1', states: ['sent', 'bounced'], order: '-sentAt' }),
    ).toEqual(['a.two@p-1', 'a.one@p-1']);
    expect(
      await ids({ medium: 'mail', states: ['planned'], dueBy: start + 1, order: 'at' }),
    ).toEqual(['b.one@p-2']);
    expect(await ids({ states: ['planned', 'sending'], order: 'at', limit: 2 })).toEqual([
      'b.one@p-2',
      'b.two@p-2',
    ]);
    expect(await ids({ claimedUntil: start + 49 })).toEqual([]);
    expect(await ids({ claimedUntil: start + 50, states: ['sending'] })).toEqual(['a.three@p-1']);
    expect(await ids({ order: '-sentAt', limit: 2 })).toEqual(['a.two@p-1', 'b.three@p-2']);
    expect(await ids({ order: '-sentAt' })).toHaveLength(3);
    expect(await ids({ sentSince: start + 2, medium: 'mail' })).toEqual(['b.three@p-2']);
    expect(await ids({ person: 'p-1', sentSince: start + 1, order: '-sentAt' })).toEqual([
      'a.two@p-1',
      'a.one@p-1',
    ]);
    expect(await ids({ sequence: 'b', states: ['planned'], order: 'at', limit: 1 })).toEqual([
      'b.one@p-2',
    ]);
    expect(await ids({ sequence: 'a', order: '-sentAt', limit: 1 })).toEqual(['a.two@p-1']);
    expect(await ids({ states: [] })).toEqual([]);
    expect(await ids({ limit: 0 })).toEqual([]);
    expect(await people.countDispatches('b')).toEqual([
      { sequence: 'b', step: 'one', state: 'planned', count: 1 },
      { sequence: 'b', step: 'three', state: 'sent', count: 1 },
      { sequence: 'b', step: 'two', state: 'planned', count: 1 },
    ]);
    expect(await people.countDispatches()).toHaveLength(6);
  });

  test('a decision is written whole, or not at all where one part of it was overtaken', async () => {
    await using place = await makePlace();
    await using store = await place.open();
    const { people } = store;
    const [person, enrolment] = [makePerson('p-a'), makeEnrolment('a', 'p-a')];
    const dispatch = makeDispatch(enrolment, 'one');
    await people.addPerson(person);
    await people.addEnrolment(enrolment);
    const whole = {
      person: { before: person, after: { ...person, status: 'won' as const } },
      enrolment: { before: enrolment, after: { ...enrolment, why: 'later', nextAt: start + 9 } },
      dispatch: { after: dispatch },
      entries: [makeEntry('planned')],
    };
    const read = async () => ({
      person: await people.findPerson('p-a'),
      enrolment: await people.findEnrolment('a@p-a'),
      dispatch: await people.findDispatch('a.one@p-a'),
      entries: idsOf(await store.listJournal({})),
    });
    const empty = await read();
    const stale = <T extends { revision: number }>(before: T) => ({ ...before, revision: 7 });
    for (const part of [
      { person: { ...whole.person, before: stale(person) } },
      { enrolment: { ...whole.enrolment, before: stale(enrolment) } },
      { dispatch: { before: dispatch, after: dispatch } },
    ]) {
      expect(await people.change({ ...whole, ...part })).toBe(false);
      expect(await read()).toEqual(empty);
    }
    expect(await people.change(whole)).toBe(true);
    const after = await read();
    expect(after).toEqual({
      person: { ...whole.person.after, revision: 1 },
      enrolment: { ...whole.enrolment.after, revision: 1 },
      dispatch,
      entries: ['planned'],
    });
    // Its dispatch is there already.
    const { person: _person, enrolment: _enrolment, ...again } = whole;
    expect(await people.change({ ...again, entries: [makeEntry('again')] })).toBe(false);
    expect(await read()).toEqual(after);
    const sent = { ...dispatch, state: 'sent' as const, sentAt: start + 3 };
    expect(await people.change({ dispatch: { before: dispatch, after: sent } })).toBe(true);
    expect(await people.change({ dispatch: { before: dispatch, after: sent } })).toBe(false);
    expect(await people.findDispatch('a.one@p-a')).toEqual({ ...sent, revision: 1 });
    expect(await people.countDispatches('a')).toEqual([
      { sequence: 'a', step: 'one', state: 'sent', count: 1 },
    ]);
    expect(await people.change({ entries: [makeEntry('alone')] })).toBe(true);
    expect((await read()).entries).toEqual(['planned', 'alone']);
  });

  test('of two writers with the same revisions one wins all, and a step is added once', async () => {
    await using place = await makePlace();
    await using one = await place.open();
    await using two = await place.open('beside');
    const storeOf = (i: number) => (i % 2 ? two : one);
    const enrolment = makeEnrolment('a', 'p-a');
    await one.people.addPerson(makePerson('p-a'));
    await one.people.addEnrolment(enrolment);
    for (let round = 0; round < 5; round++) {
      const before = await one.people.findEnrolment('a@p-a');
      if (!before) throw new Error('it is gone');
      const won = await Promise.all(
        Array.from({ length: 8 }, (_, i) =>
          storeOf(i).people.change({
            enrolment: { before, after: { ...before, why: `writer ${i}` } },
            dispatch: {
              after: makeDispatch(enrolment, i < 4 ? `same-${round}` : `own-${round}-${i}`),
            },
            entries: [makeEntry(`${round} ${i}`)],
          }),
        ),
      );
      expect(won.filter(Boolean)).toHaveLength(1);
      const winner = won.indexOf(true);
      expect(await two.people.findEnrolment('a@p-a')).toMatchObject({
        why: `writer ${winner}`,
        revision: round + 1,
      });
      expect(await two.people.listDispatches({})).toHaveLength(round + 1);
      expect(idsOf(await two.listJournal({})).at(-1)).toBe(`${round} ${winner}`);
    }
  });

  test('writers of one person’s different sequences do not get in each other’s way', async () => {
    await using place = await makePlace();
    await using store = await place.open();
    await store.people.addPerson(makePerson('p-a'));
    const all = Array.from({ length: 12 }, (_, i) => makeEnrolment(`s${i}`, 'p-a'));
    const added = await Promise.all(all.map((one) => store.people.addEnrolment(one)));
    expect(added).toEqual(all.map(() => true));
    const changed = await Promise.all(
      all.map((before) =>
        store.people.change({
          enrolment: { before, after: { ...before, done: ['one'] } },
          dispatch: { after: makeDispatch(before, 'one') },
        }),
      ),
    );
    expect(changed).toEqual(all.map(() => true));
    expect(await store.people.listDispatches({ person: 'p-a' })).toHaveLength(12);
  });
}
