import { lateFor } from '../../../core/people/decide-step.ts';
import { isConfirmation } from '../../../core/people/forms/confirmation.ts';
import { plural } from '../../../core/plural.ts';
import { formatLocal, hour, type Instant, minute, tellDuration } from '../../../core/time.ts';
import type { Store } from '../../../ports/store.ts';
import { makeEntry } from '../../context.ts';
import { changeFact, factKey, readFact } from '../../facts.ts';
import { copiedFact } from '../../moving/moved.ts';
import type { PeopleContext } from '../people-context.ts';
import { passOver } from './make-ready.ts';

export interface Backlog {
  /** When it was found. */
  at: Instant;
  /** Nobody was at work since then. */
  since: Instant;
  /** How many wait; this many or more. */
  count: number;
  /** The store was put back from a copy: it does not know what was sent since. */
  isCopy?: true;
}

const aliveFact = factKey<Instant>('people:alive', 0);
const backlogFact = factKey<Backlog | undefined>('people:backlog', undefined);

export const readBacklog = async (store: Pick<Store, 'findFact'>): Promise<Backlog | undefined> =>
  (await readFact(store, backlogFact)) ?? undefined;

/** The operator's word: from here on it goes out, as fast as the pace allows. */
export async function releaseBacklog(store: Store): Promise<boolean> {
  const fact = await store.findFact<Backlog>(backlogFact.key);
  return fact !== undefined && store.removeFact(fact.key, fact.revision);
}

const aliveEvery = 10 * minute;
/** A shorter pause is made up for without a word. */
const awayFor = hour;
const mostCounted = 100_000;

/** So that the next start knows how long nobody was at work. */
export const noteAlive = ({ store, clock }: PeopleContext): Promise<unknown> =>
  changeFact(store, aliveFact, (before) =>
    Math.abs(clock.now() - before) < aliveEvery ? undefined : clock.now(),
  );

/**
 * After an absence, or on a store that was restored: what has become due meanwhile and is more than
 * a day's mail waits for the operator's word. Looked at once by each process, before it sends.
 */
export async function lookForBacklog(context: PeopleContext): Promise<void> {
  const { store, clock, transports, settings } = context;
  const now = clock.now();
  const copiedAt = await readFact(store, copiedFact);
  if (copiedAt > 0) return holdCopy(context, copiedAt);
  const since = await readFact(store, aliveFact);
  const perDay = transports.get('mail')?.pace.perDay;
  if (since === 0 || now - since < awayFor || perDay === undefined) return;
  if (now - since > lateFor) await leaveOutLate(context, now - lateFor);
  const limit = Math.min(perDay, mostCounted) + 1;
  const due = { dueBy: now, limit };
  const [dispatches, enrolments] = await Promise.all([
    store.people.listDispatches({ medium: 'mail', states: ['planned'], order: 'at', ...due }),
    store.people.listEnrolments({ states: ['waiting', 'active'], order: 'nextAt', ...due }),
  ]);
  const count = dispatches.length + enrolments.length;
  if (count < limit || (await readBacklog(store))) return;
  await changeFact(store, backlogFact, (before) => before ?? { at: now, since, count });
  const text =
    `At least ${plural(count, 'message')} to people became due while Dripline was away ` +
    `(since ${formatLocal(since, settings.zone)}), which is more than a day's mail. They wait. ` +
    'Say `backlog send` to send them, spread over time; what is more than 7 days late is left out';
  await store.appendJournal([makeEntry(context, 'notice', { id: `${backlogName}${now}`, text })]);
}

/** Whoever has got something, or stopped, since the copy was made would get it again. */
async function holdCopy(context: PeopleContext, since: Instant): Promise<void> {
  const { store, clock, settings } = context;
  const [person] = await store.people.listPeople({ limit: 1 });
  if (person) {
    const at = clock.now();
    await changeFact(store, backlogFact, () => ({ at, since, count: 0, isCopy: true as const }));
    const text =
      `This store is a copy of ${formatLocal(since, settings.zone)}. What was sent to people ` +
      'after that, and who has stopped since, is not in it. Nothing goes out to people: say ' +
      '`stop ID` for those, then `backlog send`';
    const id = `${backlogName}copy:${since}`;
    await store.appendJournal([makeEntry(context, 'notice', { id, text })]);
  }
  await changeFact(store, copiedFact, () => 0);
}

const atOnce = 200;

/** What was planned before a long absence is not caught up with: the person goes on behind it. */
async function leaveOutLate(context: PeopleContext, dueBy: Instant): Promise<void> {
  const { people } = context.store;
  for (const medium of ['mail', 'message'] as const)
    for (;;) {
      const found = await people.listDispatches({
        medium,
        states: ['planned'],
        dueBy,
        order: 'at',
        limit: atOnce,
      });
      const late = found.filter((one) => !isConfirmation(one));
      for (const dispatch of late) {
        const enrolment = await people.findEnrolment(dispatch.enrolment);
        const why = `it is more than ${tellDuration(lateFor)} late`;
        if (enrolment) await passOver(context, { enrolment, dispatch, why });
      }
      const [first] = late;
      const isThrough = first === undefined || found.length < atOnce;
      // Of somebody who is being changed just now: the next start does it.
      if (isThrough || (await people.findDispatch(first.id))?.state === 'planned') break;
    }
}

/** How the notice about it begins. */
export const backlogName = 'people-backlog:';
