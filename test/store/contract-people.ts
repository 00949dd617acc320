import { expect, test } from 'vitest';
import type { PeopleQuery } from '../../src/ports/people/people-store.ts';
import type { MakePlace } from './contract.ts';
import {
  idsOf,
  mailTo,
  makeAct,
  makeConsent,
  makeDispatch,
  makeEnrolment,
  makePerson,
  start,
} from './people-kit.ts';

export function peopleContract(makePlace: MakePlace): void {
  test('a person comes back as it was written, by its id and by each of its addresses', async () => {
    await using place = await makePlace();
    await using store = await place.open();
    const { people } = store;
    const anna = makePerson('p-anna', {
      addresses: [
        mailTo(' Anna@Example.COM '),
        { medium: 'message', network: 'mastodon', account: 'm', value: '77', handle: 'anna@m.de' },
        { medium: 'letter', lines: ['Anna  A', 'Weg 1'], postcode: '1', city: 'B', country: 'DE' },
      ],
      zone: 'Europe/Berlin',
      lang: 'de',
    });
    expect(await people.addPerson(anna)).toBe(true);
    expect(await people.findPerson('p-anna')).toEqual(anna);
    for (const key of ['mail:anna@example.com', 'mastodon:77', 'letter:anna a|weg 1|1|b|de'])
      expect(await people.findPersonByAddress(key)).toEqual(anna);
    expect(await people.findPersonByAddress('mail:ann@example.com')).toBeUndefined();
    expect(await people.findPerson('p-none')).toBeUndefined();
    await people.addPerson(makePerson('p-ben'));
    expect(idsOf(await people.findPersons(['p-ben', 'p-none', 'p-anna', 'p-ben']))).toEqual([
      'p-ben',
      'p-anna',
    ]);
    expect(await people.findPersons([])).toEqual([]);
  });

  test('an id and an address belong to one person', async () => {
    await using place = await makePlace();
    await using store = await place.open();
    const { people } = store;
    await people.addPerson(makePerson('p-a'));
    expect(await people.addPerson(makePerson('p-a', { addresses: [] }))).toBe(false);
    const thief = makePerson('p-b', { addresses: [mailTo('b@x.de'), mailTo('P-A@example.com')] });
    expect(await people.addPerson(thief)).toBe(false);
    expect(await people.findPerson('p-b')).toBeUndefined();
    expect(await people.findPersonByAddress('mail:b@x.de')).toBeUndefined();
    // People without any address are no obstacle to one another.
    expect(await people.addPerson(makePerson('p-c', { addresses: [] }))).toBe(true);
    expect(await people.addPerson(makePerson('p-d', { addresses: [] }))).toBe(true);

    const c = makePerson('p-c', { addresses: [] });
    const taken = { ...c, addresses: [mailTo('p-a@example.com')] };
    expect(await people.changePerson(c, taken)).toBeUndefined();
    const own = { ...c, addresses: [mailTo('c@x.de')] };
    expect(await people.changePerson(c, own)).toEqual({ ...own, revision: 1 });
    expect(await people.changePerson(c, own)).toBeUndefined();
    expect((await people.findPersonByAddress('mail:c@x.de'))?.id).toBe('p-c');
    // What a person gives up, another one may have.
    expect(await people.changePerson({ ...own, revision: 1 }, c)).toMatchObject({ revision: 2 });
    expect(await people.findPersonByAddress('mail:c@x.de')).toBeUndefined();
    expect(await people.addPerson(makePerson('p-e', { addresses: [mailTo('c@x.de')] }))).toBe(true);
  });

  test('of many who take one address, or one revision, at once, one gets it', async () => {
    await using place = await makePlace();
    await using one = await place.open();
    await using two = await place.open('beside');
    const storeOf = (i: number) => (i % 2 ? two : one);
    const many = Array.from({ length: 20 }, (_, i) => i);
    const added = await Promise.all(
      many.map((i) =>
        storeOf(i).people.addPerson(makePerson(`p-${i}`, { addresses: [mailTo('a@x.de')] })),
      ),
    );
    expect(added.filter(Boolean)).toHaveLength(1);
    const owner = await one.people.findPersonByAddress('mail:a@x.de');
    if (!owner) throw new Error('nobody has it');
    expect(await one.people.countPeople({})).toBe(1);
    const changed = await Promise.all(
      many.map((i) =>
        storeOf(i).people.changePerson(owner, { ...owner, fields: { name: `${i}` } }),
      ),
    );
    const winners = changed.filter((person) => person !== undefined);
    expect(winners).toHaveLength(1);
    expect(await two.people.findPerson(owner.id)).toEqual(winners[0]);
  });

  test('people are listed the newest first, in pages, by status, by sequence and by what they begin with', async () => {
    await using place = await makePlace();
    await using store = await place.open();
    const { people } = store;
    const statuses = ['new', 'active', 'won'] as const;
    for (let i = 0; i < 30; i++)
      await people.addPerson(
        makePerson(`p-${String(i).padStart(2, '0')}`, {
          status: statuses[i % 3] ?? 'new',
          // Ties, and not in the order of the ids.
          createdAt: start + ((i * 7) % 10),
          fields: { name: i % 2 ? `Ánna Müller${i}` : `bob von Schmidt ${i}` },
          addresses: [
            mailTo(`Mail${i}@Example.com`),
            {
              medium: 'message',
              network: 'bluesky',
              account: 'b',
              value: `did:plc:${i}`,
              handle: `@Sky${i}.example`,
            },
          ],
        }),
      );
    for (let i = 0; i < 30; i += 3) {
      const person = `p-${String(i).padStart(2, '0')}`;
      await people.addEnrolment(makeEnrolment('welcome', person, { state: 'left' }));
      await people.addEnrolment(makeEnrolment('welcome', person, { run: 2 }));
    }
    const all = await people.listPeople({ limit: 100 });
    const isNewer = (a: (typeof all)[0], b: (typeof all)[0]) =>
      b.createdAt - a.createdAt || (a.id < b.id ? 1 : -1);
    expect(idsOf(all)).toEqual(idsOf(all.toSorted(isNewer)));
    expect(all).toHaveLength(30);

    const paged = async (query: Omit<PeopleQuery, 'limit'>) => {
      const found: typeof all = [];
      for (;;) {
        const after = found.at(-1);
        const page = await people.listPeople({ ...query, ...(after && { after }), limit: 4 });
        found.push(...page);
        if (page.length < 4) return idsOf(found);
      }
    };
    const those = (is: (person: (typeof all)[0], i: number) => boolean) =>
      idsOf(all.filter((one) => is(one, Number(one.id.slice(2)))));
    expect(await paged({})).toEqual(idsOf(all));
    expect(await paged({ status: 'won' })).toEqual(those(({ status }) => status === 'won'));
    expect(await paged({ sequence: 'welcome' })).toEqual(those((_, i) => i % 3 === 0));
    expect(await paged({ sequence: 'welcome', status: 'new' })).toEqual(
      those((_, i) => i % 3 === 0),
    );
    expect(await paged({ sequence: 'welcome', status: 'won' })).toEqual([]);
    expect(await paged({ sequence: 'other' })).toEqual([]);
    expect(await paged({ text: 'mail1' })).toEqual(those((_, i) => i === 1 || (i > 9 && i < 20)));
    expect(await paged({ text: 'MAIL7@ex' })).toEqual(['p-07']);
    expect(await paged({ text: 'sky29' })).toEqual(['p-29']);
    expect(await paged({ text: '@sky29' })).toEqual(['p-29']);
    expect(await paged({ text: 'a\u0301nna mü' })).toEqual(those((_, i) => i % 2 === 1));
    expect(await paged({ text: 'schmidt' })).toEqual(those((_, i) => i % 2 === 0));
    expect(await paged({ text: 'schmidt', sequence: 'welcome', status: 'new' })).toEqual(
      those((_, i) => i % 6 === 0),
    );
    expect(await paged({ text: 'p-1' })).toEqual(those((_, i) => i > 9 && i < 20));
    expect(await paged({ text: 'ail1' })).toEqual([]);
    expect(await paged({ text: 'm.il' })).toEqual([]);
    expect(await paged({ text: '%' })).toEqual([]);
    expect(await paged({ text: '  ' })).toEqual(idsOf(all));
    expect(await people.listPeople({ limit: 0 })).toEqual([]);
    expect(await people.countPeople({})).toBe(30);
    expect(await people.countPeople({ status: 'won' })).toBe(10);

    // A change is found by what it is now.
    const [first] = await people.findPersons(['p-00']);
    if (!first) throw new Error('p-00 is gone');
    await people.changePerson(first, { ...first, status: 'won', fields: { name: 'Zoe' } });
    expect(await paged({ text: 'zo' })).toEqual(['p-00']);
    expect(await paged({ text: 'bob', status: 'new' })).not.toContain('p-00');
    expect(await paged({ sequence: 'welcome', status: 'won' })).toEqual(['p-00']);
  });

  test('a consent is kept as it was said, and is confirmed once', async () => {
    await using place = await makePlace();
    await using store = await place.open();
    const { people } = store;
    await people.addPerson(makePerson('p-a'));
    const [late, early, other] = [
      makeConsent('c1', 'p-a', { at: start + 5, version: 'v', ip: '::1' }),
      makeConsent('c2', 'p-a'),
      makeConsent('c0', 'p-a', { at: start + 5, way: 'reply' }),
    ];
    await people.addConsents([late, early, other]);
    await people.addConsents([{ ...late, words: 'changed' }, makeConsent('c9', 'p-none')]);
    await people.addConsents([]);
    expect(await people.listConsents('p-a')).toEqual([early, other, late]);
    expect(await people.findConsent('c1')).toEqual(late);
    expect(await people.findConsent('c9')).toBeUndefined();
    expect(await people.listConsents('p-none')).toEqual([]);

    const confirmed = await Promise.all(
      [1, 2, 3].map((i) => people.confirmConsent('c1', { at: start + i, from: `page ${i}` })),
    );
    expect(confirmed.filter(Boolean)).toHaveLength(1);
    const at = start + 1 + confirmed.indexOf(true);
    expect(await people.findConsent('c1')).toEqual({
      ...late,
      confirmedAt: at,
      confirmedFrom: `page ${at - start}`,
    });
    expect(await people.confirmConsent('c2', { at: start })).toBe(true);
    expect(await people.findConsent('c2')).toEqual({ ...early, confirmedAt: start });
    expect(await people.confirmConsent('c9', { at: start })).toBe(false);
  });

  test('of a hash and a purpose the newest stop stands', async () => {
    await using place = await makePlace();
    await using store = await place.open();
    const { people } = store;
    const stop = { hash: 'h', purpose: '*', at: 5, because: 'unsubscribed' } as const;
    await people.addSuppressions([stop, { ...stop, purpose: 'welcome' }, { ...stop, hash: 'i' }]);
    await people.addSuppressions([{ ...stop, at: 4, because: 'bounced' }]);
    await people.addSuppressions([{ ...stop, hash: 'i', at: 6, because: 'complaint' }]);
    await people.addSuppressions([]);
    expect(await people.listSuppressions(['h'])).toEqual([stop, { ...stop, purpose: 'welcome' }]);
    expect(await people.listSuppressions(['i', 'none'])).toEqual([
      { ...stop, hash: 'i', at: 6, because: 'complaint' },
    ]);
    expect(await people.listSuppressions([])).toEqual([]);
  });

  test('an act is taken in once, whoever tells it, and nobody’s is not kept', async () => {
    await using place = await makePlace();
    await using store = await place.open();
    await using other = await place.open('beside');
    const { people } = store;
    await people.addRecords('person', [makePerson('p-a'), makePerson('p-b')]);
    const acts = Array.from({ length: 1200 }, (_, i) =>
      makeAct(`e${i}`, i % 2 ? 'p-a' : 'p-b', { at: start + (i % 50) }),
    );
    const told = await Promise.all([people.addActs(acts), other.people.addActs(acts)]);
    expect(told.flat().toSorted()).toEqual(idsOf(acts).toSorted());
    expect(await people.addActs([...acts.slice(0, 3), makeAct('x', 'p-none')])).toEqual([]);
    expect(await people.addActs([])).toEqual([]);
    const twice = [makeAct('new', 'p-a'), makeAct('new', 'p-b')];
    expect(await people.addActs(twice)).toEqual(['new']);
    expect(await people.listActs({ person: 'p-none' })).toEqual([]);
    expect(await people.listActs({ person: 'p-a' })).toHaveLength(601);
  });

  test('acts come the newest first, by kind and since when', async () => {
    await using place = await makePlace();
    await using store = await place.open();
    const { people } = store;
    await people.addPerson(makePerson('p-a'));
    const [b, a, c] = [
      makeAct('b', 'p-a', { at: start + 1, kind: 'event', name: 'cart.updated' }),
      makeAct('a', 'p-a', { at: start + 1, verdict: 'unsure' }),
      makeAct('c', 'p-a', { at: start + 2, kind: 'replied', words: 'Ja!' }),
    ];
    await people.addActs([b, a, c, makeAct('d', 'p-a')]);
    expect(idsOf(await people.listActs({ person: 'p-a' }))).toEqual(['c', 'a', 'b', 'd']);
    expect(await people.listActs({ person: 'p-a', limit: 2 })).toEqual([c, a]);
    expect(await people.listActs({ person: 'p-a', since: start + 1 })).toEqual([c, a, b]);
    expect(await people.listActs({ person: 'p-a', kinds: ['event', 'replied'] })).toEqual([c, b]);
    expect(await people.listActs({ person: 'p-a', kinds: ['clicked'], limit: 1 })).toEqual([a]);
    expect(await people.listActs({ person: 'p-a', kinds: [] })).toEqual([]);
  });

  test('silent is who came before, and neither did anything since nor agreed to anything', async () => {
    await using place = await makePlace();
    await using store = await place.open();
    const { people } = store;
    for (const id of ['p-d', 'p-c', 'p-b', 'p-a']) await people.addPerson(makePerson(id));
    await people.addPerson(makePerson('p-new', { createdAt: start + 100 }));
    await people.addPerson(makePerson('p-sign', { signAt: start + 100 }));
    await people.addConsents([makeConsent('c1', 'p-b', { at: start + 100 })]);
    await people.addConsents([makeConsent('c2', 'p-c')]);
    expect(await people.listSilent(start + 100, 10)).toEqual(['p-a', 'p-c', 'p-d']);
    expect(await people.listSilent(start + 100, 2)).toEqual(['p-a', 'p-c']);
    expect(await people.listSilent(start, 10)).toEqual([]);
    await people.confirmConsent('c2', { at: start + 100 });
    const [d] = await people.findPersons(['p-d']);
    if (!d) throw new Error('p-d is gone');
    await people.changePerson(d, { ...d, signAt: start + 200 });
    expect(await people.listSilent(start + 100, 10)).toEqual(['p-a']);
  });

  test('who is forgotten leaves nothing but the stops, and others keep what is theirs', async () => {
    await using place = await makePlace();
    await using store = await place.open();
    const { people } = store;
    const bytes = new Uint8Array([0, 255, 1]);
    for (const id of ['p-a', 'p-b']) {
      await people.addPerson(makePerson(id));
      await people.addConsents([makeConsent(`c ${id}`, id)]);
      await people.addActs([makeAct(`e ${id}`, id)]);
      await people.putBody({ person: id, hash: 'same', bytes });
      const enrolment = makeEnrolment('welcome', id);
      await people.addEnrolment(enrolment);
      await people.change({ dispatch: { after: makeDispatch(enrolment, 'one') } });
    }
    await people.putBody({ person: 'p-a', hash: 'own', bytes });
    await people.putBody({ person: 'p-none', hash: 'none', bytes });
    await people.addSuppressions([{ hash: 'h', purpose: '*', at: 5, because: 'forgotten' }]);
    expect(await people.findBody('own')).toEqual(bytes);
    expect(await people.forgetPerson('p-a')).toBe(true);
    expect(await people.forgetPerson('p-a')).toBe(false);
    expect(await people.listHalfForgotten()).toEqual([]);

    // What comes late finds nobody.
    await people.addConsents([makeConsent('late', 'p-a')]);
    expect(await people.addActs([makeAct('late', 'p-a')])).toEqual([]);
    await people.putBody({ person: 'p-a', hash: 'own', bytes });
    const late = makeEnrolment('welcome', 'p-a');
    expect(await people.addEnrolment(late)).toBe(false);
    expect(await people.change({ dispatch: { after: makeDispatch(late, 'two') } })).toBe(false);
    expect(await people.changePerson(makePerson('p-a'), makePerson('p-a'))).toBeUndefined();
    expect(await people.findPersonByAddress('mail:p-a@example.com')).toBeUndefined();
    expect(await people.findBody('own')).toBeUndefined();
    expect(await people.findBody('none')).toBeUndefined();

    expect(await people.findBody('same')).toEqual(bytes);
    for (const kind of ['person', 'consent', 'act', 'enrolment', 'dispatch', 'body'] as const) {
      const left = await people.listRecords({ kind, limit: 10 });
      expect(JSON.stringify([kind, left])).not.toContain('p-a');
      expect(left).toHaveLength(1);
    }
    expect(await people.listSuppressions(['h'])).toHaveLength(1);
    expect(idsOf(await people.listPeople({ limit: 9 }))).toEqual(['p-b']);
    expect(idsOf(await people.listPeople({ sequence: 'welcome', limit: 9 }))).toEqual(['p-b']);
    expect(idsOf(await people.listPeople({ text: 'p-a', limit: 9 }))).toEqual([]);
    expect(await people.countPeople({})).toBe(1);
    expect(await people.listSilent(start + 1, 9)).toEqual(['p-b']);
    expect((await people.countEnrolments()).map(({ count }) => count)).toEqual([1]);
    expect((await people.countDispatches()).map(({ count }) => count)).toEqual([1]);
    // The address is free for somebody new.
    const again = makePerson('p-z', { addresses: [mailTo('p-a@example.com')] });
    expect(await people.addPerson(again)).toBe(true);
  });
}
