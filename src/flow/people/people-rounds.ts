import { releasedDispatch } from '../../core/people/dispatch.ts';
import { media } from '../../core/people/person.ts';
import { hour, minute } from '../../core/time.ts';
import { ownTurn } from '../../ports/own-turn.ts';
import type { Alarm } from '../../ports/alarms.ts';
import { onClock } from '../../ports/clock.ts';
import { openKeyedLock } from '../keyed-lock.ts';
import { forgetUnconfirmed } from './forms/forget-unconfirmed.ts';
import { forgetSilent } from './forget-silent.ts';
import { tellLeads } from './leads/tell-leads.ts';
import { openLetterLook } from './letters/look-at-letters.ts';
import { lookAtEnrolment } from './look-at-enrolment.ts';
import type { PeopleContext } from './people-context.ts';
import { lookForBacklog, noteAlive } from './sending/backlog.ts';
import { reconcileDispatches } from './sending/reconcile-dispatches.ts';
import { sendDue } from './sending/send-due.ts';
import { lookAtMailbox } from './take-report.ts';

const mostAtOnce = 200;
const lookEvery = minute;
const forgetEvery = hour;

const none = async () => undefined;
const nothing: PeopleRounds = { ring: none, reread: none, sweep: none, idle: none };

export interface PeopleRounds {
  /** An alarm of the kind `people`. */
  ring(alarm: Pick<Alarm, 'id'>): Promise<void>;
  /** The folder may have changed: what waits for its text to be mended is tried again. */
  reread(): Promise<void>;
  /** Sets right whatever alarms have missed. */
  sweep(): Promise<void>;
  idle(): Promise<void>;
}

/** One thing at a time for the enrolments, and for each medium. */
export function openPeopleRounds(
  context: PeopleContext | undefined,
  { signal, isAlone }: { signal: AbortSignal; isAlone: boolean },
): PeopleRounds {
  if (!context) return nothing;
  const exclusively = openKeyedLock();
  const enrolments = () => exclusively('enrolments', () => lookAtDue(context, signal));
  const leads = () => exclusively('leads', () => tellLeads(context, signal));
  const letters = openLetterLook(context, signal);
  const lookOnce = openLookOnce(context);
  const send = (medium: (typeof media)[number]) =>
    exclusively(medium, async () => {
      await lookOnce();
      await (medium === 'letter' ? letters() : sendDue(context, medium, signal));
    });
  const now = openNowAndThen(context, signal);
  return {
    ring: async ({ id }) => {
      const medium = media.find((one) => one === id);
      await (medium ? send(medium) : enrolments());
      if (!medium) await leads();
    },
    reread: async () => {
      await exclusively('held', () => releaseHeld(context));
      await exclusively('enrolments', () => wakeHeld(context));
    },
    async sweep() {
      // One that is under way does it all.
      if (exclusively.isBusy('reconcile')) return;
      await exclusively('reconcile', () => reconcileDispatches(context, { isAlone }));
      await enrolments();
      for (const medium of media) await send(medium);
      await leads();
      await noteAlive(context);
      await now.look();
      await now.forget();
    },
    idle: () => exclusively.idle(),
  };
}

/** Nothing goes out before it is known how long nobody was at work. */
function openLookOnce(context: PeopleContext): () => Promise<void> {
  let looked: Promise<void> | undefined;
  return () =>
    (looked ??= lookForBacklog(context).catch((error: unknown) => {
      looked = undefined;
      throw error;
    }));
}

/** What a sweep does only when some time has passed. */
function openNowAndThen(context: PeopleContext, signal: AbortSignal) {
  const { mailbox, clock, log } = context;
  const last = { look: -Infinity, forget: -Infinity };
  const isDue = (what: keyof typeof last, every: number) => {
    if (clock.monotonic() - last[what] < every) return false;
    last[what] = clock.monotonic();
    return true;
  };
  return {
    async look() {
      if (!mailbox || !isDue('look', lookEvery)) return;
      await lookAtMailbox(context, mailbox, signal).catch((error: unknown) =>
        log.warn(`the mailbox of reports cannot be read: ${(error as Error).message}`),
      );
    },
    async forget() {
      if (!isDue('forget', forgetEvery)) return;
      await forgetSilent(context, signal);
      await forgetUnconfirmed(context, signal);
    },
  };
}

async function lookAtDue(context: PeopleContext, signal: AbortSignal): Promise<void> {
  const { store, clock, alarms } = context;
  const due = await store.people.listEnrolments({
    states: ['waiting', 'active'],
    dueBy: clock.now(),
    order: 'nextAt',
    limit: mostAtOnce,
  });
  for (const { id } of due) {
    if (signal.aborted) return;
    await ownTurn();
    await lookAtEnrolment(context, id);
  }
  const [next] = await store.people.listEnrolments({
    states: ['waiting', 'active'],
    order: 'nextAt',
    limit: 1,
  });
  if (next?.nextAt === undefined) return;
  // What cannot go on just now is not looked at in a circle.
  const soonest = clock.now() + (due.length === mostAtOnce ? 0 : onClock(clock, minute / 60));
  await alarms.set('people', 'enrolments', Math.max(next.nextAt, soonest));
}

/** Each is composed again, and held again where nothing was mended. */
async function releaseHeld({ store, clock }: PeopleContext): Promise<void> {
  const held = await store.people.listDispatches({ states: ['held'], limit: mostAtOnce });
  for (const before of held) {
    await ownTurn();
    const after = releasedDispatch(before, clock.now());
    await store.people.change({ dispatch: { before, after } });
  }
}

/** Whose sequence could not be read goes on as soon as it can. */
async function wakeHeld({ store, clock, sequences }: PeopleContext): Promise<void> {
  for (const sequence of sequences.keys()) {
    let after: string | undefined;
    do {
      const live = await store.people.listEnrolments({
        sequence,
        states: ['active', 'waiting'],
        limit: mostAtOnce,
        ...(after === undefined ? {} : { after }),
      });
      await ownTurn();
      for (const before of live)
        if (before.heldBecause !== undefined)
          await store.people.change({
            enrolment: { before, after: { ...before, nextAt: clock.now() } },
          });
      after = live.length === mostAtOnce ? live.at(-1)?.id : undefined;
    } while (after !== undefined);
  }
}
