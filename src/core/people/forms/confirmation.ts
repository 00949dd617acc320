import { dayNumber, type Instant, toIso } from '../../time.ts';
import { type Consent, isConfirmed, type Purpose, type Suppression } from '../consent.ts';
import { type Dispatch, dispatchId } from '../dispatch.ts';
import { enrolmentId } from '../enrolment.ts';
import type { Sequence, Step } from '../sequence.ts';
import type { ConfirmationWords } from '../wording/wording.ts';

// A form is confirmed by mail. That mail is a dispatch as every other is, of a sequence that is
// built in and has one step; its run is the day on which the form was filled in.

const sequence = '_confirm';
const step = 'ask';

export const confirmationSequence = sequence;

export const isConfirmation = (one: Pick<Dispatch, 'sequence'>): boolean =>
  one.sequence === sequence;

/** What people read of a dispatch beside the person's name. */
export const titleOf = (one: Pick<Dispatch, 'sequence' | 'step'>): string =>
  isConfirmation(one) ? 'the mail that asks to confirm' : `${one.sequence}: ${one.step}`;

/** What people read of a dispatch anywhere else; its id, unless that says nothing. */
export const nameOf = (one: Pick<Dispatch, 'id' | 'sequence' | 'person'>): string =>
  isConfirmation(one) ? `the mail that asks ${one.person} to confirm` : one.id;

/** One a day for each person: a second filling in on that day has the same. */
export const formConsentId = (person: string, at: Instant): string => `form-${runOf(at)}@${person}`;

const runOf = (at: Instant) => dayNumber(toIso(at).slice(0, 10));

/** A form may begin several sequences: each has a consent of its own beside the first. */
export const besideConsent = (first: string, purpose: Purpose): string => `${first}+${purpose}`;

/** The consents that are confirmed with this one. */
export const consentsOf = (first: string, all: readonly Consent[]): Consent[] =>
  all.filter(({ id }) => id === first || id.startsWith(`${first}+`));

export const confirmedBy = ({ run, person }: Pick<Dispatch, 'run' | 'person'>): string =>
  `form-${run}@${person}`;

/** The mail that asks. */
export function toConfirmation(
  { person, at }: Pick<Consent, 'person' | 'at'>,
  { why, now }: { why: string; now: Instant },
): Dispatch {
  const run = runOf(at);
  return {
    id: dispatchId({ sequence, run, person }, step),
    person,
    sequence,
    run,
    step,
    enrolment: enrolmentId(sequence, person, run),
    state: 'planned',
    medium: 'mail',
    at: now,
    why,
    attempts: 0,
    fence: 0,
    revision: 1,
  };
}

const lasting: readonly Suppression['because'][] = ['complaint', 'bounced'];

/**
 * Who has complained, or cannot be reached, is not asked either: unless a consent was confirmed
 * after that. Who has unsubscribed may think better of it.
 */
export function mayNotBeAsked(
  addressKey: string,
  consents: readonly Consent[],
  stops: readonly Suppression[],
): boolean {
  const own = consents.filter((one) => one.way === 'form' && one.addressKey === addressKey);
  const renewedAt = Math.max(0, ...own.filter(isConfirmed).map((one) => one.confirmedAt ?? 0));
  return stops.some(({ because, at }) => lasting.includes(because) && at >= renewedAt);
}

export interface Asking {
  titles: readonly string[];
  words: ConfirmationWords;
  /** When the form was filled in, as the person reads it. */
  when: string;
}

/** As the mail is made from it. */
export function toConfirmStep({ titles, words, when }: Asking): {
  sequence: Sequence;
  step: Step;
  reason: string;
} {
  const { subject, text, reason } = words;
  const params = { titles: titles.join(', '), when };
  const file = 'the confirmation mail';
  const one: Step = { id: step, file, hash: '', waitFor: 0, subject, text, params };
  return {
    reason,
    step: one,
    sequence: {
      id: sequence,
      title: params.titles,
      file,
      hash: '',
      start: [],
      again: 'never',
      holdout: 0,
      timing: { windows: [], days: [] },
      by: ['mail'],
      clicks: 'off',
      steps: [one],
    },
  };
}

/** Whoever is there and was asked too often, or lately: the newest is what counts. */
export function lastAsked(
  addressKey: string,
  consents: readonly Consent[],
): { at: Instant[]; newest?: Consent } {
  const asked = consents.filter(
    ({ way, id, addressKey: key }) => way === 'form' && key === addressKey && !id.includes('+'),
  );
  const newest = asked.toSorted((a, b) => b.at - a.at)[0];
  return { at: asked.map(({ at }) => at), ...(newest ? { newest } : {}) };
}
