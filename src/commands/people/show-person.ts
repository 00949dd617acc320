import { titleOf } from '../../core/people/forms/confirmation.ts';
import type { Act } from '../../core/people/act.ts';
import { type Consent, isConfirmed } from '../../core/people/consent.ts';
import type { Coupon } from '../../core/people/coupons/coupon.ts';
import type { Dispatch } from '../../core/people/dispatch.ts';
import { type Enrolment, isLive } from '../../core/people/enrolment.ts';
import { keyOfAddress, type Person } from '../../core/people/person.ts';
import { scoreAt } from '../../core/people/score.ts';
import { formatFar } from '../../core/time.ts';
import type { Command, CommandContext } from '../command.ts';
import { isInChat, nameOfAddress, toJson, withIso } from './list-people.ts';
import { findOne } from './people-hands.ts';

const mostActs = 50;

export const person: Command = {
  name: 'person',
  args: '<id>',
  help: 'everything about one person, and why the next step comes when it does',
  examples: ['person p-7k2mq4', 'person ada@example.com'],
  async run(context, { args: [id] }) {
    const one = await findOne(context, id);
    const all = await readPerson(context, one);
    return { text: tell(context, one, all), json: toAllJson(context, one, all) };
  },
};

export interface PersonRecord {
  consents: Consent[];
  enrolments: Enrolment[];
  dispatches: Dispatch[];
  acts: Act[];
  stops: { purpose: string; at: number; because: string }[];
  coupons: Coupon[];
}

/** All that is kept of somebody; of what the person did, the newest. */
export async function readPerson(
  { store, openPeople }: CommandContext,
  { id, addresses }: Person,
): Promise<PersonRecord> {
  const hands = await openPeople?.();
  const hashes = hands ? addresses.map((one) => hands.hashOf(keyOfAddress(one))) : [];
  const [consents, enrolments, dispatches, acts, stops, coupons] = await Promise.all([
    store.people.listConsents(id),
    store.people.listEnrolments({ person: id }),
    store.people.listDispatches({ person: id }),
    store.people.listActs({ person: id, limit: mostActs }),
    store.people.listSuppressions(hashes),
    store.people.listCoupons(id),
  ]);
  return { consents, enrolments, dispatches, acts, stops, coupons };
}

/** All that is known, for whoever asks for it; hashes of stops are nobody's data. */
const toAllJson = ({ clock }: CommandContext, one: Person, all: PersonRecord) => ({
  ...toJson(one, clock.now()),
  consents: all.consents.map(withIso),
  enrolments: all.enrolments.map(withIso),
  dispatches: all.dispatches.map(withIso),
  acts: all.acts.map(withIso),
  stops: all.stops.map(({ purpose, at, because }) => withIso({ purpose, at, because })),
  coupons: all.coupons.map(({ file, code, at }) => withIso({ file, code, at })),
});

function tell(context: CommandContext, one: Person, all: PersonRecord): string {
  const { clock, settings } = context;
  const at = (instant: number) => formatFar(instant, settings.zone, clock.now());
  const score = Math.round(scoreAt(one, clock.now()));
  const isShort = isInChat(context);
  return [
    `${one.id}  ${one.status}, score ${score}, since ${at(one.createdAt)}`,
    ...(one.takenBy === undefined ? [] : [`  ${one.takenBy} looks after this person`]),
    ...(isShort ? [] : all.coupons.map(({ file, code }) => `  coupon of ${file}: ${code}`)),
    ...one.addresses.map((address) => `  ${address.medium}: ${nameOfAddress(address)}`),
    ...(isShort ? [] : Object.entries(one.fields).map(([name, value]) => `  ${name}: ${value}`)),
    ...all.stops.map(
      (stop) => `  stopped for ${whatOf(stop.purpose)} on ${at(stop.at)}: ${stop.because}`,
    ),
    '',
    'Sequences',
    ...orNone(all.enrolments.map((enrolment) => tellEnrolment(enrolment, at))),
    ...(isShort ? [] : tellRecord(all, at)),
  ].join('\n');
}

/** What no chat needs. */
const tellRecord = (all: PersonRecord, at: At): string[] => [
  '',
  'Consents',
  ...orNone(all.consents.map((consent) => tellConsent(consent, at))),
  '',
  'Messages',
  ...orNone(
    all.dispatches.toSorted((a, b) => a.at - b.at).map((dispatch) => tellDispatch(dispatch, at)),
  ),
  '',
  'What the person did',
  ...orNone(all.acts.map((act) => `  ${at(act.at)}  ${tellAct(act)}`.trimEnd())),
];

const tellAct = ({ kind, name, url, verdict }: Act): string =>
  `${kind} ${name ?? url ?? ''}${verdict === 'unsure' ? ' (maybe a machine: not counted)' : ''}`;

type At = (instant: number) => string;

const whatOf = (purpose: string) => (purpose === '*' ? 'everything' : purpose);
const orNone = (lines: string[]) => (lines.length > 0 ? lines : ['  none']);

function tellConsent(consent: Consent, at: At): string {
  const { medium, purpose, way, from } = consent;
  const state = isConfirmed(consent)
    ? `confirmed ${at(consent.confirmedAt ?? consent.at)}`
    : 'not confirmed: nothing is sent';
  const where = from === undefined ? '' : ` (${from})`;
  return `  ${at(consent.at)}  ${medium} for ${whatOf(purpose)}, by ${way}${where}, ${state}`;
}

function tellEnrolment(one: Enrolment, at: At): string {
  const place = one.place ? `after ${one.place.step}` : 'at its beginning';
  const next = isLive(one)
    ? `${place}. ${one.nextAt === undefined ? '' : `Next look ${at(one.nextAt)}: `}${one.why ?? ''}`
    : (one.why ?? '');
  const holdout = one.isHoldout ? ' (holdout: gets nothing)' : '';
  return `  ${one.sequence}  ${one.state}${holdout}, ${next}`;
}

function tellDispatch(one: Dispatch, at: At): string {
  const when = one.sentAt ?? one.at;
  const why = one.reason ?? one.why;
  return `  ${at(when)}  ${titleOf(one)}, ${one.state} by ${one.medium}. ${why}`;
}
