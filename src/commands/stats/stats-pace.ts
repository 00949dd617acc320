import { openTimes, type Cadence } from '../../core/schedule/cadence.ts';
import type { Network } from '../../core/network/network.ts';
import { isPaceable } from '../../core/schedule/pace.ts';
import { type HoursSaid, tellHours } from '../../core/pacing/slots/hours.ts';
import { expectedAt, type Typical } from '../../core/pacing/typical-post.ts';
import { pickDefined } from '../../core/pick-defined.ts';
import {
  addDays,
  day,
  formatClock,
  hour,
  type Instant,
  localDate,
  localMinutes,
  minute,
  toIso,
  weekdayOf,
} from '../../core/time.ts';
import { type PaceFact, readPace } from '../../flow/plan/weekly-lesson.ts';
import { openTypical } from '../../flow/measure/typical-of-account.ts';
import type { CommandContext } from '../command.ts';

/** The score that the median post finally reaches, with its 80 % range. */
export interface TypicalRow {
  score: number;
  low: number;
  high: number;
  posts: number;
}

export interface PaceRow {
  mode: 'adaptive' | 'steady';
  /** Posts a day now, the brake included. */
  rate?: number;
  why: string;
  /** The rate without the bounds of the range. */
  suggested?: number;
  brake?: { factor: number; until: string; why: string };
}

interface Paced {
  pace: PaceRow;
  typical?: TypicalRow;
  hours?: number[];
  hoursSaid?: { isReal: boolean; text: string[] };
}

/** At this age the numbers are final. */
const finalAge = 30 * day;

export async function readPaceRow(
  context: CommandContext,
  { account, network }: { account: string; network: Network },
): Promise<Paced> {
  const { clock, settings } = context;
  const now = clock.now();
  const cadence = settings.cadences[account];
  const [fact, typical] = [
    await readPace(context, account),
    (await openTypical(context, account)).of({ network, startedAt: now }, 'score'),
  ];
  const known = { typical: typical && toTypicalRow(typical) };
  if (!cadence || !fact) return pickDefined({ ...known, pace: tellUnlearned(context, cadence) });
  const lesson = lessonNow(fact, localDate(now, cadence.zone));
  const said = lesson && tellHours(lesson.model, openHours(cadence, now));
  return pickDefined({
    ...known,
    pace: tellPace(fact, now, cadence.zone),
    hours: lesson?.model.scores.map((one) => short(Math.exp(one))),
    hoursSaid: said && { isReal: said.isReal, text: sayHours(said, cadence.zone) },
  });
}

function toTypicalRow(typical: Typical): TypicalRow {
  const { expected, low, high } = expectedAt(typical, finalAge);
  return { score: short(expected), low: short(low), high: short(high), posts: typical.count };
}

const short = (value = 0) => Number(value.toPrecision(3));

const lessonNow = ({ lessons }: PaceFact, today: string) =>
  lessons.findLast(({ from }) => from <= today) ?? lessons[0];

function tellUnlearned({ settings }: CommandContext, cadence: Cadence | undefined): PaceRow {
  if (settings.pacing.mode === 'steady') return tellSteady(cadence, whySteady(cadence));
  if (cadence && !isPaceable(cadence))
    return tellSteady(
      cadence,
      'the cadence is too dense for best times, so it stays as configured',
    );
  return {
    mode: 'adaptive',
    why: 'nothing is learned yet; a running service starts with general averages',
  };
}

const tellSteady = (cadence: Cadence | undefined, why: string): PaceRow =>
  pickDefined({ mode: 'steady' as const, rate: cadence?.perDay.min, why });

function whySteady(cadence: Cadence | undefined): string {
  const isRange = cadence !== undefined && cadence.perDay.min < cadence.perDay.max;
  const end = isRange ? '; the lower end of the range applies' : '';
  return `you chose a fixed cadence${end}`;
}

function tellPace(fact: PaceFact, now: Instant, zone: string): PaceRow {
  const lesson = lessonNow(fact, localDate(now, zone));
  const brake = fact.brake && fact.brake.until > now ? fact.brake : undefined;
  const { rate, suggested, why = '' } = lesson ?? {};
  return pickDefined({
    mode: 'adaptive' as const,
    rate: rate === undefined ? undefined : short(rate * (brake?.factor ?? 1)),
    why,
    suggested: suggested === undefined ? undefined : short(suggested),
    brake: brake && { factor: brake.factor, until: toIso(brake.until), why: brake.why },
  });
}

/** The middle of each hour of the next seven days in which the cadence allows posts. */
function openHours({ windows, days, zone }: Cadence, now: Instant): Instant[] {
  const dates = Array.from({ length: 7 }, (_, i) => addDays(localDate(now, zone), i)).filter(
    (date) => days.includes(weekdayOf(date)),
  );
  return dates
    .flatMap((date) => openTimes(windows, date, zone))
    .flatMap(({ from, to }) =>
      Array.from({ length: Math.max(1, Math.floor((to - from) / hour)) }, (_, i) =>
        Math.min(from + i * hour + 30 * minute, to),
      ),
    );
}

function sayHours({ isReal, more, less }: HoursSaid, zone: string): string[] {
  const at = (instant: Instant) => {
    const weekday = weekdayOf(localDate(instant, zone));
    const name = `${weekday.charAt(0).toUpperCase()}${weekday.slice(1)}`;
    return `${name} ${formatClock(localMinutes(instant, zone))}`;
  };
  if (!isReal) return [`Hours: ${at(more.at)} is ahead, ${more.text}`];
  return [`Worth more: ${at(more.at)}, ${more.text}`, `Worth less: ${at(less.at)}, ${less.text}`];
}
