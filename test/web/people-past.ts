import type { Person } from '../../src/core/people/person.ts';
import { day, hour } from '../../src/core/time.ts';
import type { Store } from '../../src/ports/store.ts';
import {
  makeAct,
  makeConsent,
  makeDispatch,
  makeEnrolment,
  makePerson,
} from '../store/people-kit.ts';

/** A sequence of three steps, as its files. */
export const welcomeFiles = {
  'posts/welcome/_sequence.yaml':
    'title: Welcome to Acme\nstart:\n  - form: newsletter\n  - event: cart.updated\n    wait: 4h\n' +
    'goal: bought\nleave: replied or score >= 50\nholdout: 10%\n',
  'posts/welcome/010-hello.md': '---\nsubject: "Your guide"\n---\nHello.',
  'posts/welcome/020-first-steps.md':
    '---\nsubject: First steps\nwait: 2d\nwhen: not (clicked("hello") or bought) and age >= 1d\n---\nMore.',
  'posts/welcome/030-offer.md': '---\nsubject: An offer\nwait: 3d\n---\nThe offer.',
};

export const brokenFiles = {
  'posts/broken/_sequence.yaml': 'title: Broken\nstart:\n  - form: x\ngaol: bought\n',
  'posts/broken/010-hello.md': '---\nsubject: Hi\n---\nHello.',
};

/** People at different places: of one everything is known, others are rows of a list. */
export async function addPeople({ people }: Store, now: number): Promise<void> {
  const at = now - 6 * day;
  const since = { createdAt: at, scoredAt: now };
  const add = (id: string, changes: Partial<Person> = {}) =>
    people.addPerson(makePerson(id, { ...since, fields: { name: `Name of ${id}` }, ...changes }));
  await add('p-ada', { score: 12, lang: 'de', zone: 'Europe/Berlin' });
  await add('p-bob', { status: 'handed-over', score: 31 });
  await add('p-eve', { status: 'stopped', fields: { name: '<b>Eve</b>' } });
  await add('p-gone', { fields: {} });
  for (let i = 0; i < 4; i += 1) await add(`p-more${i}`, { status: 'won', createdAt: at - i });
  await people.addConsents([
    makeConsent('c1', 'p-ada', {
      at,
      words: 'Yes, send me the <guide> & three mails.',
      from: 'https://acme.example/guide',
      confirmedAt: at + hour,
    }),
    makeConsent('c2', 'p-ada', { at, purpose: 'offers', words: 'Offers too.' }),
  ]);
  const ada = makeEnrolment('welcome', 'p-ada', {
    enteredAt: at,
    place: { step: 'hello', at: at + hour },
    done: ['hello'],
    nextAt: now + day,
    why: '2 days after the step before it, in its hours',
  });
  const eve = makeEnrolment('welcome', 'p-eve', { enteredAt: at, isHoldout: true });
  const gone = makeEnrolment('summer', 'p-gone', {
    enteredAt: at,
    heldBecause: 'its sequence is missing or cannot be read',
    nextAt: now,
  });
  for (const one of [ada, eve, gone]) await people.addEnrolment(one);
  const sent = makeDispatch(ada, 'hello', { state: 'sent', at, sentAt: at + hour });
  await people.addRecords('dispatch', [
    sent,
    makeDispatch(ada, 'first-steps', { state: 'uncertain', at, reason: 'the answer was lost' }),
    makeDispatch(ada, 'offer', { state: 'held', at, reason: '{{coupon}} has no value' }),
  ]);
  await people.addActs([
    makeAct('a1', 'p-ada', { at: now - day, url: 'https://acme.example/pricing?x=1&y=2' }),
    makeAct('a2', 'p-ada', { at: now - hour, kind: 'replied', words: 'Which <size>?' }),
  ]);
}
