import type { Account } from '../../core/network/account.ts';
import type { Dispatch } from '../../core/people/dispatch.ts';
import type { BatchTime } from '../../core/people/letters/letter-batch.ts';
import type { PeopleSettings } from '../../core/people/people-settings.ts';
import { type Address, keyOfAddress, type Medium, type Person } from '../../core/people/person.ts';
import type { Sequence } from '../../core/people/sequence.ts';
import { addDays, atLocal, day, hour, type Instant, localDate } from '../../core/time.ts';
import { enter } from '../../flow/people/enter.ts';
import type { PeopleContext } from '../../flow/people/people-context.ts';
import { openPeopleRounds } from '../../flow/people/people-rounds.ts';
import type { Coupons } from '../../ports/people/coupons.ts';
import type { PeopleChange } from '../../ports/people/people-store.ts';
import type { Transport } from '../../ports/people/transport.ts';
import type { Store } from '../../ports/store.ts';
import { openVirtualClock } from '../virtual/virtual-clock.ts';
import { copyLive, countEntered } from './copy-people.ts';
import { openBarePress } from './bare-press.ts';
import { openPeopleAlarms } from './people-alarms.ts';

export interface SequencesInput {
  sequences: readonly Sequence[];
  settings: { zone: string; people: PeopleSettings; accounts: readonly Account[] };
  coupons: Coupons | undefined;
  /** Of the mail server; absent: there is none. */
  pace: Transport['pace'] | undefined;
  /** When letters are put together; absent: there are none. */
  batches: BatchTime | undefined;
  own: Store | undefined;
  openStore: () => Store & AsyncDisposable;
  from: Instant;
  until: Instant;
  /** How many enter each sequence a day; absent: as many as lately. */
  entering?: number | undefined;
}

export interface SequencesRehearsal {
  sequences: {
    sequence: string;
    enteringPerDay: number;
    /** In these weeks. */
    entered: number;
    sent: number;
    finished: number;
  }[];
  /** What goes out on each local day. */
  days: ({ date: string } & Record<Medium, number>)[];
  /** People who waited since they had got the most of a week. */
  waitedForCap: number;
  /** Days on which the mail server's limit held some back. */
  fullDays: number;
  /** What could not go out, and from when on. */
  held: { reason: string; firstAt: Instant; count: number }[];
  notes: string[];
}

const historyFor = 28 * day;
/** So many are played: more take long, and tell nothing else. */
const mostPeople = 3000;

/**
 * Plays the sequences through in virtual time, with those who are on their way and as many who
 * enter as lately. Every message arrives, and nobody does anything.
 */
export async function rehearseSequences(
  input: SequencesInput,
): Promise<SequencesRehearsal | undefined> {
  const { sequences, own, openStore, from } = input;
  if (sequences.length === 0) return undefined;
  await using store = openStore();
  const notes = ['Nobody clicks, buys, answers or stops: conditions are judged by that.'];
  const ids = sequences.map(({ id }) => id);
  const { left } = own ? await copyLive(own, store, { sequences: ids, most: mostPeople }) : nobody;
  if (left > 0) notes.push(`${left} more people are on their way, and are not played.`);
  const rates = new Map<string, number>();
  for (const id of ids) {
    const lately = own ? (await countEntered(own, id, from - historyFor)) / 28 : 0;
    rates.set(id, input.entering ?? lately);
  }
  notes.push(
    input.entering === undefined
      ? 'As many enter a day as in the last four weeks: --enter N takes another number.'
      : `${input.entering} enter each sequence a day, as you said.`,
  );
  const seen = watch(store);
  await playAll(input, { store: seen.store, rates, notes });
  return { ...(await countAll(input, store, rates)), ...seen.told(), notes };
}

const nobody = { left: 0 };

/** Notes what the store alone does not tell afterwards. */
function watch(store: Store) {
  const capped = new Set<string>();
  const held = new Map<string, { reason: string; firstAt: Instant; ids: Set<string> }>();
  const change = async (made: PeopleChange): Promise<boolean> => {
    const { enrolment, dispatch } = made;
    if (/ a week is the most/.test(`${enrolment?.after.why} ${dispatch?.after.why}`))
      capped.add(enrolment?.after.person ?? dispatch?.after.person ?? '');
    const after = dispatch?.after;
    if (after?.state === 'held') {
      const reason = after.reason ?? '';
      const one = held.get(reason) ?? { reason, firstAt: after.at, ids: new Set<string>() };
      one.ids.add(after.id);
      held.set(reason, one);
    }
    return store.people.change(made);
  };
  return {
    store: { ...store, people: { ...store.people, change } },
    told: () => ({
      waitedForCap: capped.size,
      held: [...held.values()].map(({ ids, ...one }) => ({ ...one, count: ids.size })),
    }),
  };
}

interface Stage {
  store: Store;
  rates: ReadonlyMap<string, number>;
  notes: string[];
}

async function playAll(input: SequencesInput, stage: Stage): Promise<void> {
  const { from, until } = input;
  const clock = openVirtualClock(from);
  const alarms = openPeopleAlarms();
  const context = toContext(input, { ...stage, clock, alarms });
  const signal = new AbortController().signal;
  const rounds = openPeopleRounds(context, { signal, isAlone: true });
  const arrivals = arrivalsOf(input, stage);
  await rounds.sweep();
  for (;;) {
    const next = Math.min(arrivals[0]?.at ?? Infinity, alarms.nextAt());
    if (next > until) break;
    clock.moveTo(Math.max(next, clock.now()));
    while ((arrivals[0]?.at ?? Infinity) <= clock.now()) {
      const one = arrivals.shift();
      if (one) await arrive(context, one, input);
    }
    for (const id of alarms.take(clock.now())) await rounds.ring({ id });
  }
  await rounds.idle();
}

function toContext(
  { sequences, settings, coupons, pace, batches }: SequencesInput,
  { store, clock, alarms }: Pick<PeopleContext, 'store' | 'clock' | 'alarms'>,
): PeopleContext {
  const unlimited = { perSecond: 1000, perDay: 1_000_000, warmUp: false };
  const ways: Medium[] = ['mail', 'message'];
  return {
    store,
    clock,
    alarms,
    settings,
    sequences: new Map(sequences.map((one) => [one.id, one])),
    transports: new Map(
      ways.map((medium) => [
        medium,
        arriving(medium, medium === 'mail' ? (pace ?? unlimited) : unlimited),
      ]),
    ),
    coupons,
    ...(batches ? { letters: openBarePress(batches) } : {}),
    hashOf: (key) => key,
    claimFor: hour,
    worker: 'rehearsal',
    log: { warn: () => undefined },
  };
}

/** Everything is taken. */
const arriving = (medium: Medium, pace: Transport['pace']): Transport => ({
  medium,
  pace,
  whenUnknown: 'leave',
  compose: async ({ dispatch }) => ({ bytes: Buffer.from(dispatch.id) }),
  async send(_frozen, { mayOpen }) {
    await mayOpen();
    return { is: 'sent', said: 'it would be sent' };
  },
});

interface Arrival {
  at: Instant;
  sequence: Sequence;
  number: number;
}

/** Spread over the hours in which people are awake. */
function arrivalsOf({ sequences, settings, from, until }: SequencesInput, stage: Stage): Arrival[] {
  const all: Arrival[] = [];
  for (const sequence of sequences) {
    const rate = stage.rates.get(sequence.id) ?? 0;
    let [date, whole, part] = [localDate(from, settings.zone), 0, 0];
    for (; atLocal(date, 0, settings.zone) < until; date = addDays(date, 1)) {
      part += rate;
      const today = Math.floor(part);
      part -= today;
      for (let i = 0; i < today; i += 1) {
        const at =
          atLocal(date, 8 * 60, settings.zone) + Math.floor((12 * hour * (i + 1)) / (today + 1));
        whole += 1;
        if (at >= from) all.push({ at, sequence, number: whole });
      }
    }
  }
  all.sort((a, b) => a.at - b.at);
  if (all.length > mostPeople)
    stage.notes.push(`${all.length} would enter, and the first ${mostPeople} of them are played.`);
  return all.slice(0, mostPeople);
}

async function arrive(
  context: PeopleContext,
  { at, sequence, number }: Arrival,
  { settings }: SequencesInput,
): Promise<void> {
  const { people } = context.store;
  const id = `p-rehearsed-${sequence.id}-${number}`;
  const addresses = addressesOf(id, { at, sequence, number }, settings.accounts);
  const [start] = sequence.start;
  const person: Person = {
    id,
    status: 'active',
    createdAt: at,
    addresses,
    fields: {},
    score: 0,
    scoredAt: at,
    signAt: at,
    revision: 1,
  };
  if (!(await people.addPerson(person))) return;
  const agreed = { person: id, purpose: '*', way: 'form', at, confirmedAt: at, words: '' } as const;
  await people.addConsents(
    addresses.map((address) => ({
      ...agreed,
      id: `${id} ${address.medium}`,
      medium: address.medium,
      addressKey: keyOfAddress(address),
    })),
  );
  const { by = 'form', waitFor = 0 } = start ?? {};
  await enter(context, { person, sequence, by, waitFor });
}

/** Who answers a post can be reached there, too. */
function addressesOf(
  id: string,
  { at, sequence, number }: Arrival,
  accounts: readonly Account[],
): Address[] {
  const mail: Address = { medium: 'mail', value: `${id}@people.example` };
  const ways = [sequence.by, ...sequence.steps.map(({ by = [] }) => by)].flat();
  if (ways.includes('letter'))
    return [
      mail,
      { medium: 'letter', lines: [id], postcode: '10115', city: 'Berlin', country: 'DE' },
    ];
  const account = accounts[number % Math.max(1, accounts.length)];
  if (!account || sequence.start[0]?.by !== 'reply') return [mail];
  const { network, name } = account;
  const conversation = [{ id, url: id, at }];
  const spoken = { network, account: name, value: id, handle: id, conversation };
  return [mail, { medium: 'message', ...spoken }];
}

async function countAll(
  { sequences, settings, from, until, pace }: SequencesInput,
  { people }: Store,
  rates: ReadonlyMap<string, number>,
): Promise<Pick<SequencesRehearsal, 'sequences' | 'days' | 'fullDays'>> {
  const days = new Map<string, SequencesRehearsal['days'][number]>();
  let date = localDate(from, settings.zone);
  for (; atLocal(date, 0, settings.zone) < until; date = addDays(date, 1))
    days.set(date, { date, mail: 0, message: 0, letter: 0 });
  const rows = [];
  for (const { id: sequence } of sequences) {
    const all = await people.listDispatches({ sequence });
    // A letter is done with when its batch is made: printing is a person's.
    const outAt = ({ medium, sentAt, intent }: Dispatch) =>
      medium === 'letter' ? (intent?.at ?? 0) : (sentAt ?? 0);
    const sent = all.filter((one) => outAt(one) >= from);
    for (const one of sent) {
      const row = days.get(localDate(outAt(one), settings.zone));
      if (row) row[one.medium] += 1;
    }
    const runs = (await people.listEnrolments({ sequence })).filter((one) => !one.isHoldout);
    rows.push({
      sequence,
      enteringPerDay: Number((rates.get(sequence) ?? 0).toFixed(2)),
      entered: runs.filter(({ enteredAt }) => enteredAt >= from).length,
      sent: sent.length,
      finished: runs.filter(({ endedAt = 0 }) => endedAt >= from).length,
    });
  }
  const all = [...days.values()];
  const fullDays = pace ? all.filter(({ mail }) => mail >= pace.perDay).length : 0;
  return { sequences: rows, days: all, fullDays };
}
