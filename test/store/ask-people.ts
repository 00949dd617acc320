import { peopleRecordKinds } from '../../src/ports/people/people-store.ts';
import type { Store } from '../../src/ports/store.ts';
import {
  makeAct,
  makeConsent,
  makeDispatch,
  makeEnrolment,
  makePerson,
  start,
} from './people-kit.ts';

/** They grow with people and with what becomes of them. */
export const peopleTables = [
  'people',
  'people_addresses',
  'people_terms',
  'people_sequences',
  'consents',
  'suppressions',
  'acts',
  'enrolments',
  'dispatches',
  'coupons',
  'bodies',
];

/** Everything that is asked of people and of their sequences, once. */
export async function askPeople({ people }: Store): Promise<void> {
  const [a, b] = [makePerson('p-a'), makePerson('p-b')];
  const enrolment = makeEnrolment('welcome', 'p-a');
  const dispatch = makeDispatch(enrolment, 'one');
  await people.addPerson(a);
  await people.addPerson(b);
  await people.changePerson(b, { ...b, addresses: [], fields: {} });
  await people.addConsents([makeConsent('c', 'p-a')]);
  await people.confirmConsent('c', { at: start });
  await people.addActs([makeAct('e', 'p-a'), makeAct('f', 'p-a')]);
  await people.addSuppressions([{ hash: 'h', purpose: '*', at: 1, because: 'reply' }]);
  await people.addEnrolment(enrolment);
  await people.change({
    person: { before: a, after: { ...a, status: 'won' } },
    enrolment: { before: enrolment, after: enrolment },
    dispatch: { after: dispatch },
  });
  await people.change({ dispatch: { before: dispatch, after: { ...dispatch, state: 'sent' } } });
  await people.putBody({ person: 'p-a', hash: 'h', bytes: new Uint8Array([1]) });
  await people.reserveCoupon({ file: 'spring', code: 'A', person: 'p-a', at: start });
  await people.reserveCoupon({ file: 'spring', code: 'A', person: 'p-b', at: start });
  await people.listCoupons('p-a');
  await people.listUsedCodes('spring', ['a', 'b']);
  await people.removeSuppressions([{ hash: 'i', purpose: '*', at: 1, because: 'operator' }]);
  await askForPersons(people);
  await askForEnrolments(people);
  await askForDispatches(people);
  for (const kind of peopleRecordKinds) {
    const [after] = await people.listRecords({ kind, limit: 1 });
    await people.listRecords({ kind, after, limit: 1 });
    await people.addRecords(kind, await people.listRecords({ kind, limit: 9 }));
  }
  await people.listHalfForgotten();
  await people.forgetPerson('p-a');
}

type People = Store['people'];

async function askForPersons(people: People): Promise<void> {
  await people.findPerson('p-a');
  await people.findPersons(['p-a', 'p-b']);
  await people.findPersonByAddress('mail:p-a@example.com');
  const after = { createdAt: start, id: 'p-b' };
  for (const status of [undefined, 'won' as const])
    for (const sequence of [undefined, 'welcome'])
      for (const text of [undefined, 'name'])
        for (const behind of [undefined, after])
          await people.listPeople({
            ...(status && { status }),
            ...(sequence && { sequence }),
            ...(text && { text }),
            ...(behind && { after: behind }),
            limit: 50,
          });
  await people.countPeople({});
  await people.countPeople({ status: 'won' });
  await people.listSilent(start, 100);
  await people.findConsent('c');
  await people.listConsents('p-a');
  await people.listSuppressions(['h', 'i']);
  await people.listActs({ person: 'p-a', limit: 50 });
  await people.listActs({ person: 'p-a', since: start });
  await people.listActs({ person: 'p-a', kinds: ['clicked', 'event'], since: start, limit: 50 });
  await people.findBody('h');
}

async function askForEnrolments(people: People): Promise<void> {
  await people.findEnrolment('welcome@p-a');
  const order = 'nextAt';
  const [sequence, states, limit] = ['welcome', ['waiting', 'active'] as const, 50];
  await people.listEnrolments({ dueBy: start, order, limit });
  await people.listEnrolments({ dueBy: start, states, order, limit });
  await people.listEnrolments({ sequence, dueBy: start, order, limit });
  await people.listEnrolments({ order, limit: 1 });
  await people.listEnrolments({ states, order, limit: 1 });
  await people.listEnrolments({ sequence, states });
  await people.listEnrolments({ person: 'p-a' });
  await people.listEnrolments({ person: 'p-a', states });
  await people.listEnrolments({ person: 'p-a', sequence });
  await people.listEnrolments({ sequence, limit });
  await people.listEnrolments({ sequence, after: 'a', limit });
  await people.listEnrolments({ sequence, states, limit });
  await people.listEnrolments({ sequence, states, after: 'a', limit });
  await people.listEnrolments({ states, after: 'a', limit });
  await people.countEnrolments('welcome');
  await people.countEnrolments();
}

async function askForDispatches(people: People): Promise<void> {
  await people.findDispatch('welcome.one@p-a');
  await people.findDispatchByMessage('<one@us>');
  const [medium, sequence, limit] = ['mail' as const, 'welcome', 50];
  await people.listDispatches({ medium, states: ['planned'], dueBy: start, order: 'at', limit });
  await people.listDispatches({ states: ['planned', 'held'], dueBy: start, order: 'at', limit });
  await people.listDispatches({ medium, states: ['planned'], order: 'at', limit: 1 });
  await people.listDispatches({ states: ['uncertain'], order: 'at', limit });
  await people.listDispatches({ states: ['sending'], limit });
  await people.listDispatches({ states: ['sending', 'held'] });
  await people.listDispatches({ sequence, states: ['held', 'failed'], limit });
  await people.listDispatches({ sequence });
  await people.listDispatches({ claimedUntil: start, limit });
  await people.listDispatches({ claimedUntil: start, states: ['sending'], limit });
  await people.listDispatches({ order: '-sentAt', limit });
  await people.listDispatches({ medium, sentSince: start, order: '-sentAt' });
  await people.listDispatches({ medium, sentSince: start });
  await people.listDispatches({ sentSince: start });
  await people.listDispatches({ sequence, order: '-sentAt', limit });
  await people.listDispatches({ sequence, states: ['held', 'failed'], order: 'at', limit });
  await people.listDispatches({ sequence, states: ['planned'], dueBy: start, order: 'at', limit });
  await people.listDispatches({ person: 'p-a' });
  await people.listDispatches({ person: 'p-a', states: ['sent'], order: '-sentAt', limit });
  await people.listDispatches({ person: 'p-a', sentSince: start });
  await people.listDispatches({ person: 'p-a', sequence, states: ['planned'], order: 'at' });
  await people.listDispatches({ enrolment: 'welcome@p-a' });
  await people.listDispatches({ enrolment: 'welcome@p-a', states: ['planned'], order: 'at' });
  await people.countDispatches('welcome');
  await people.countDispatches();
}
