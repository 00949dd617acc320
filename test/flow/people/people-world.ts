import { createHash } from 'node:crypto';
import { parsePersonCondition } from '../../../src/core/people/condition/parse-person-condition.ts';
import { defaultPeople, type PeopleSettings } from '../../../src/core/people/people-settings.ts';
import { keyOfAddress, type Medium, type Person } from '../../../src/core/people/person.ts';
import type { Sequence, Step } from '../../../src/core/people/sequence.ts';
import { weekdays } from '../../../src/core/time.ts';
import type { PeopleContext } from '../../../src/flow/people/people-context.ts';
import { openPeopleRounds } from '../../../src/flow/people/people-rounds.ts';
import type { Coupons } from '../../../src/ports/people/coupons.ts';
import type { LeadHook } from '../../../src/ports/people/lead-hook.ts';
import type { LetterPress } from '../../../src/ports/people/letters.ts';
import type { MailOutcome } from '../../../src/ports/people/mail.ts';
import type { Store } from '../../../src/ports/store.ts';
import type { Transport } from '../../../src/ports/people/transport.ts';
import { openMovableClock } from '../world.ts';

/** A Monday morning in Berlin. */
export const monday = Date.parse('2026-03-02T08:00:00Z');

export const sent: MailOutcome = { is: 'sent', said: '250 2.0.0 OK' };

export interface Received {
  dispatch: string;
  to: string;
  text: string;
  messageId: string;
  at: number;
}

/** What a server does with the next mails; the rest is taken. */
export type Reaction = MailOutcome | ((got: () => Promise<void>) => Promise<MailOutcome>);

export const condition = (text: string) => {
  const parsed = parsePersonCondition(text);
  if ('complaint' in parsed) throw new Error(parsed.complaint.what);
  return parsed.condition;
};

export const step = (id: string, more: Partial<Step> = {}): Step => ({
  id,
  file: `posts/welcome/${id}.md`,
  hash: id,
  subject: id,
  waitFor: 0,
  text: `This is ${id}.`,
  params: {},
  ...more,
});

export const sequence = (steps: Step[], more: Partial<Sequence> = {}): Sequence => ({
  id: 'welcome',
  title: 'Welcome',
  file: 'posts/welcome/_sequence.yaml',
  hash: '1',
  start: [{ by: 'form', form: 'newsletter', waitFor: 0 }],
  again: 'never',
  holdout: 0,
  timing: { windows: [{ from: 0, to: 1440 }], days: weekdays },
  by: ['mail'],
  clicks: 'counted',
  steps,
  ...more,
});

export const hashOf = (key: string): string => createHash('sha256').update(key).digest('hex');

interface WorldOptions {
  store: Store;
  sequences?: Sequence[];
  people?: Partial<PeopleSettings>;
  whenUnknown?: 'leave' | 'again';
  perSecond?: number;
  perDay?: number;
  warmUp?: boolean;
  coupons?: Coupons;
  /** Instead of the server that is this test. */
  transport?: Transport;
  letters?: LetterPress;
  leadHook?: LeadHook;
}

/** A store, a clock, and a mail server that is this test. */
export function openPeopleWorld(options: WorldOptions) {
  const { store } = options;
  const clock = openMovableClock(monday);
  const received: Received[] = [];
  const reactions: Reaction[] = [];
  const sequences = new Map((options.sequences ?? []).map((one) => [one.id, one]));
  const mail: Transport = {
    medium: 'mail',
    pace: {
      perSecond: options.perSecond ?? 10_000,
      perDay: options.perDay ?? 1_000_000,
      warmUp: options.warmUp ?? false,
    },
    whenUnknown: options.whenUnknown ?? 'leave',
    async compose({ dispatch, step: { text }, person, coupon = '' }) {
      if (text.includes('{{name}}') && person.fields['name'] === undefined)
        throw new (await import('../../../src/core/problem.ts')).Refusal('name has no value');
      return {
        bytes: Buffer.from(text.replace('{{coupon}}', coupon)),
        messageId: `<${dispatch.id}@test.example>`,
      };
    },
    async send({ dispatch, address, bytes, messageId = '' }, { mayOpen }) {
      const reaction = reactions.shift() ?? sent;
      const got = async () => {
        const to = address.medium === 'mail' ? address.value : '';
        const text = Buffer.from(bytes).toString();
        received.push({ dispatch: dispatch.id, to, text, messageId, at: clock.now() });
      };
      try {
        if (typeof reaction === 'function') {
          return await reaction(async () => {
            await mayOpen();
            await got();
          });
        }
        await mayOpen();
        if (reaction.is === 'sent') await got();
        return reaction;
      } catch (error) {
        if (error instanceof Crash) throw error;
        return { is: 'later', about: 'mail', said: String(error) };
      }
    },
  };
  const contextOf = (worker: string): PeopleContext => ({
    store,
    clock,
    alarms: { set: async () => undefined },
    settings: { zone: 'Europe/Berlin', people: { ...defaultPeople, ...options.people } },
    sequences,
    transports: new Map<Medium, Transport>([['mail', options.transport ?? mail]]),
    coupons: options.coupons,
    letters: options.letters,
    leadHook: options.leadHook,
    hashOf,
    claimFor: 20 * 60_000,
    worker,
    log: { warn: () => undefined },
  });
  const signal = new AbortController().signal;
  let context = contextOf('w0');
  let rounds = openPeopleRounds(context, { signal, isAlone: true });
  return {
    clock,
    received,
    reactions,
    sequences,
    get context() {
      return context;
    },
    /** Until nothing more happens at this instant. */
    async settle() {
      for (let i = 0; i < 20; i += 1) await rounds.sweep();
    },
    sweep: () => rounds.sweep(),
    reread: () => rounds.reread(),
    /** The process died, and another one begins. */
    restart(worker = `w${Math.random()}`) {
      context = contextOf(worker);
      rounds = openPeopleRounds(context, { signal, isAlone: true });
    },
    /** Another process beside this one. */
    beside: (worker: string) => openPeopleRounds(contextOf(worker), { signal, isAlone: false }),
    async add(id: string, more: Partial<Person> = {}): Promise<Person> {
      const value = `${id}@example.org`;
      const person: Person = {
        id,
        status: 'new',
        createdAt: clock.now(),
        addresses: [{ medium: 'mail', value }],
        fields: {},
        score: 0,
        scoredAt: clock.now(),
        revision: 1,
        ...more,
      };
      await store.people.addPerson(person);
      const addressKey = keyOfAddress({ medium: 'mail', value });
      const consent = {
        person: id,
        medium: 'mail',
        addressKey,
        purpose: '*',
        way: 'form',
      } as const;
      const at = clock.now();
      await store.people.addConsents([
        { ...consent, id: `c-${id}`, at, words: 'Yes', confirmedAt: at },
      ]);
      return person;
    },
    async dispatch(id: string) {
      return store.people.findDispatch(id);
    },
  };
}

/** As if the process had been killed there. */
export class Crash extends Error {}
