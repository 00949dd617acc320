import { pickDefined } from '../../core/pick-defined.ts';
import { type Brake, brakeOf } from '../../core/pacing/brake.ts';
import { fitAgeCurves } from '../../core/pacing/age-curve.ts';
import { type Observed, toObserved } from '../../core/pacing/observed.ts';
import { learnHours, learnLesson } from '../../core/pacing/lesson.ts';
import type { AudiencePlace } from '../../core/pacing/prior.ts';
import type { Rate } from '../../core/pacing/rate.ts';
import type { SlotModel } from '../../core/pacing/slots/slot-model.ts';
import { isPaceable, type Lesson, type Pace } from '../../core/schedule/pace.ts';
import {
  addDays,
  atLocal,
  day,
  formatLocal,
  hour,
  type Instant,
  localDate,
  mondayOf,
  offsetOf,
} from '../../core/time.ts';
import { type Context, makeEntry } from '../context.ts';
import { changeFact, factKey, readFact } from '../facts.ts';
import { readPeople } from '../measure/find-replies.ts';
import { ageCurvesFact, rememberFor } from '../measure/typical-of-account.ts';
import { ownTurn } from '../../ports/own-turn.ts';

/** What is known of an account's pace. */
export interface PaceFact {
  /** Oldest first: the one that holds, and the one of the week before. */
  lessons: (Lesson & Pick<Rate, 'why' | 'suggested' | 'belief'>)[];
  brake?: Brake & { from: Instant };
}

type Learning = Pick<Context, 'store' | 'clock' | 'settings'>;

const paceFact = (account: string) => factKey<PaceFact>(`pace:${account}`, { lessons: [] });

/**
 * Undefined where the cadence is kept as it is written: `steady`, or too dense to have better
 * hours.
 */
export async function readPace(
  { store, settings }: Pick<Context, 'store' | 'settings'>,
  account: string,
): Promise<PaceFact | undefined> {
  const cadence = settings.cadences[account];
  if (settings.pacing.mode === 'steady' || !cadence || !isPaceable(cadence)) return undefined;
  const fact = await readFact(store, paceFact(account));
  return fact.lessons.length ? fact : undefined;
}

export const toPace = ({ lessons, brake }: PaceFact): Pace => pickDefined({ lessons, brake });

/**
 * Learns what the last weeks have taught, once a week for each account, from the next Monday on;
 * the first lesson, which is the prior alone, holds at once. Brakes are looked at each time. All
 * accounts are learned together: they share most of their audience's week.
 */
export async function learnPace(context: Learning): Promise<void> {
  const { settings, clock } = context;
  if (settings.pacing.mode === 'steady') return;
  const now = clock.now();
  const names = settings.accounts
    .map(({ name }) => name)
    .filter((name) => settings.cadences[name] && isPaceable(settings.cadences[name]));
  const due: { account: string; from: string }[] = [];
  for (const account of names) {
    await brake(context, account);
    const from = nextLesson(
      (await readPace(context, account))?.lessons.at(-1)?.from,
      now,
      settings.zone,
    );
    if (from !== undefined) due.push({ account, from });
  }
  if (!due.length) return;
  const samples = await context.store.listSamples({ releasedSince: now - rememberFor });
  const [posts, ages] = [toObserved(samples), fitAgeCurves(samples)];
  await changeFact(context.store, ageCurvesFact, () => ages);
  const hours = new Map<string, Record<string, SlotModel>>();
  for (const { account, from } of due) {
    await learn(context, account, { from, posts, ages, hours });
    // Each takes a while, and releases and pages wait for none.
    await ownTurn();
  }
}

/**
 * The date from which a new lesson would hold; undefined: the one that is there is young enough.
 */
function nextLesson(last: string | undefined, now: Instant, zone: string): string | undefined {
  const today = localDate(now, zone);
  if (last === undefined) return today;
  const monday = mondayOf(addDays(today, 7));
  // Learned in the night before it begins: what the week has brought counts.
  if (last < monday && now >= atLocal(addDays(monday, -1), 22 * 60, zone)) return monday;
  return last < mondayOf(today) ? addDays(today, 1) : undefined;
}

interface Known {
  from: string;
  posts: Observed[];
  ages: ReturnType<typeof fitAgeCurves>;
  /** By zone: all accounts of one are learned together. */
  hours: Map<string, Record<string, SlotModel>>;
}

async function learn(context: Learning, account: string, known: Known): Promise<void> {
  const { store, settings } = context;
  const cadence = settings.cadences[account];
  const network = settings.accounts.find(({ name }) => name === account)?.network;
  if (!cadence || !network) return;
  const configured = new Set(settings.accounts.map(({ name }) => name));
  const { from, ages } = known;
  const now = context.clock.now();
  const before = (await readPace(context, account))?.lessons.at(-1);
  const { zone } = cadence;
  const all = {
    accounts: settings.accounts.map(({ name: id, network: of }) => ({ id, network: of })),
    posts: known.posts.filter((one) => configured.has(one.account)),
    zone,
    now,
    audience: placeOf(settings.pacing.audience, zone, now),
    ages,
  };
  const hours = known.hours.get(zone) ?? learnHours(all);
  known.hours.set(zone, hours);
  const { perDay: range, days } = cadence;
  const learned = learnLesson(
    pickDefined({
      ...all,
      account,
      network,
      hours,
      range,
      openDays: days.length,
      current: before?.rate,
    }),
  );
  if (!learned) return;
  const lesson = { from, ...learned, model: rounded(learned.model) };
  await changeFact(store, paceFact(account), (fact) => ({
    ...fact,
    lessons: [...fact.lessons.filter((one) => one.from < from).slice(-1), lesson],
  }));
  if (before) await tellLesson(context, account, { from, why: learned.why });
}

async function tellLesson(
  context: Learning,
  account: string,
  { from, why }: { from: string; why: string },
): Promise<void> {
  await context.store.appendJournal([
    makeEntry(context, 'paced', {
      id: `paced:${account}:${from}`,
      account,
      text: `the pace of ${account} from ${from} on: ${why}`,
    }),
  ]);
}

/** Four digits are more than is known; the fact stays small. */
function rounded(model: SlotModel): SlotModel {
  const short = (values: number[]) => values.map((one) => Number(one.toPrecision(4)));
  return {
    ...model,
    scores: short(model.scores),
    a: short(model.a),
    b: short(model.b),
    prior: short(model.prior),
  };
}

function placeOf(audience: string, zone: string, now: Instant): AudiencePlace {
  if (audience === 'mostly-here' || audience === 'worldwide') return audience;
  return (offsetOf(now, audience) - offsetOf(now, zone)) / hour;
}

/** At once, not once a week: whoever loses followers, or was warned, slows down today. */
async function brake(context: Learning, account: string): Promise<void> {
  const { store, clock, settings } = context;
  const now = clock.now();
  const { followers } = await readPeople(context, account);
  const warnings = (await store.listJournal({ since: now - 7 * day, types: ['deferred'] })).filter(
    (one) => one.account === account && one.type === 'deferred' && one.data?.isWarning === true,
  );
  const found = brakeOf({
    now,
    followers: followers.map(({ date, count }) => ({
      at: atLocal(date, 12 * 60, settings.zone),
      count,
    })),
    warnings: warnings.map(({ at }) => ({
      at,
      text: 'it was asked too often, or took our posts for spam',
    })),
  });
  const { brake: known } = await readFact(store, paceFact(account));
  if (!found || (known && known.until > now)) return;
  await changeFact(store, paceFact(account), (before) => ({
    ...before,
    brake: { ...found, from: now },
  }));
  const text = `${account}: ${found.why}, until ${formatLocal(found.until, settings.zone)}`;
  await store.appendJournal([
    makeEntry(context, 'notice', {
      id: `brake:${account}:${localDate(found.until, settings.zone)}`,
      account,
      text,
    }),
  ]);
}
