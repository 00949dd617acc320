import type { Sample } from '../../core/engagement.ts';
import type { Account } from '../../core/network/account.ts';
import { pickDefined } from '../../core/pick-defined.ts';
import { type Brake, brakeOf } from '../../core/pacing/brake.ts';
import type { Learned } from '../../core/pacing/lesson.ts';
import type { AudiencePlace } from '../../core/pacing/prior.ts';
import type { Rate } from '../../core/pacing/rate.ts';
import type { SlotModel } from '../../core/pacing/slots/slot-model.ts';
import type { Cadence } from '../../core/schedule/cadence.ts';
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
import { StoreError } from '../../ports/store.ts';
import { type Context, makeEntry } from '../context.ts';
import { changeFact, factKey, readFact } from '../facts.ts';
import { readPeople } from '../measure/find-replies.ts';
import { ageCurvesFact, rememberFor } from '../measure/typical-of-account.ts';
import type { Pupil, Taught, Teaching } from './teach.ts';

/** What is known of an account's pace. */
export interface PaceFact {
  /** Oldest first: the one that holds, and the one of the week before. */
  lessons: (Lesson & Pick<Rate, 'why' | 'suggested' | 'belief'>)[];
  brake?: Brake & { from: Instant };
}

type Learning = Pick<Context, 'store' | 'clock' | 'settings' | 'aside'> & {
  stopping?: AbortSignal;
};

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
  const due: Due[] = [];
  for (const account of settings.accounts) {
    const cadence = settings.cadences[account.name];
    if (!cadence || !isPaceable(cadence)) continue;
    await brake(context, account.name);
    const before = (await readPace(context, account.name))?.lessons.at(-1);
    const from = nextLesson(before?.from, now, settings.zone);
    if (from !== undefined)
      due.push(
        pickDefined({ from, before, pupil: toPupil(context, account, { cadence, before }) }),
      );
  }
  if (!due.length) return;
  const samples = await context.store.listSamples({ releasedSince: now - rememberFor });
  await learn(context, due, samples);
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

interface Due {
  from: string;
  before?: PaceFact['lessons'][number];
  pupil: Pupil;
}

function toPupil(
  { settings, clock }: Learning,
  { name: id, network }: Account,
  { cadence, before }: { cadence: Cadence; before: Lesson | undefined },
): Pupil {
  const { zone, perDay: range, days } = cadence;
  const audience = placeOf(settings.pacing.audience, zone, clock.now());
  const current = before?.rate;
  return pickDefined({ id, network, zone, audience, range, openDays: days.length, current });
}

async function learn(
  context: Learning,
  due: readonly Due[],
  samples: readonly Sample[],
): Promise<void> {
  const { settings, clock } = context;
  const accounts = settings.accounts.map(({ name: id, network }) => ({ id, network }));
  const pupils = due.map(({ pupil }) => pupil);
  const input: Teaching = { now: clock.now(), samples, accounts, pupils };
  try {
    const { ages, lessons } = await teachAside(context, input);
    await changeFact(context.store, ageCurvesFact, () => ages);
    for (const [index, one] of due.entries()) await keep(context, one, lessons[index]);
  } catch (error) {
    if (error instanceof StoreError || context.stopping?.aborted) throw error;
    await standIn(context, due, input);
    await tellStanding(context, due, error);
  }
}

/** What takes longer than some 50 ms is learned beside everything else: it may take minutes. */
const isShort = ({ samples, accounts }: Teaching) =>
  samples.length <= 1000 && accounts.length <= (samples.length ? 3 : 10);
const deadlineMs = 120_000;

const teachAside = async (
  { aside, stopping: signal }: Learning,
  input: Teaching,
): Promise<Taught> => {
  const { teach, teaching } = await loadTeacher();
  return !aside || isShort(input)
    ? teach(input)
    : aside(teaching, input, pickDefined({ deadlineMs, signal }));
};

/** Once a week: whoever only plans does without it. */
const loadTeacher = () => import('./teach.ts');

const standing = 'nothing could be learned this week, so the last pace stands';

/** The last lesson stands for one more week; what is known without any post where there is none. */
async function standIn(context: Learning, due: readonly Due[], input: Teaching): Promise<void> {
  const { teach } = await loadTeacher();
  const { lessons } = teach({ ...input, samples: [] });
  for (const [index, one] of due.entries()) {
    const lesson = one.before ?? lessons[index];
    if (lesson) await keep(context, one, { ...lesson, why: standing });
  }
}

async function tellStanding(context: Learning, due: readonly Due[], error: unknown): Promise<void> {
  const why = error instanceof Error ? error.message : String(error);
  await context.store.appendJournal(
    due.map(({ from, pupil: { id: account } }) =>
      makeEntry(context, 'notice', {
        id: `unlearned:${account}:${from}`,
        account,
        text: `${account}: ${standing}. Dripline will try again next week (${why})`,
      }),
    ),
  );
}

async function keep(
  context: Learning,
  { pupil: { id: account }, from, before }: Due,
  learned: Learned | undefined,
): Promise<void> {
  if (!learned) return;
  const lesson = { ...learned, from, model: rounded(learned.model) };
  await changeFact(context.store, paceFact(account), (fact) => ({
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
