import { pickDefined } from '../../src/core/pick-defined.ts';
import { spread } from '../../src/core/schedule/cadence.ts';
import { learnLesson } from '../../src/core/pacing/lesson.ts';
import { dayNumber, day, type Instant } from '../../src/core/time.ts';
import { daysOf, zone } from './calendar.ts';
import { accounts } from './policies.ts';
import { type Known, type Policy, type Release, simulate } from './simulate.ts';
import { type Channel, createWorld, type Size, type World } from './world.ts';

/** What a post that is saved is worth, as a share of a usual one. */
const thrift = 0.25;
/** No one posts more than eleven times a day. */
const mostPosts = 2100;

/** The rate of one channel for the coming week. */
type Controller = (channel: Channel, known: Known, last: number | undefined) => number;

const fixed =
  (rate: number): Controller =>
  () =>
    rate;

/** Faster while the last two weeks hold what the six before them had, slower when they do not. */
const naive =
  (start: number): Controller =>
  (channel, { now, observed }, last = start) => {
    const mine = observed().filter(({ account }) => account === channel.id);
    const meanOver = (from: number, to: number) => {
      const some = mine.filter(({ at }) => at >= now - from * 7 * day && at < now - to * 7 * day);
      return some.length
        ? some.reduce((sum, { counts }) => sum + (counts.likes ?? 0), 0) / some.length
        : undefined;
    };
    const [recent, before] = [meanOver(2, 0), meanOver(8, 2)];
    if (recent === undefined || before === undefined) return last;
    return Math.min(6, Math.max(0.2, recent >= before ? last * 1.07 : last * 0.85));
  };

/** The product; the rate of the week before is kept by channel. */
function dripline(range: { min: number; max: number }, start?: number) {
  return (): Controller => {
    const rates = new Map<string, number>();
    return (channel, { now, observed, ages }) => {
      const { id: account, network } = channel;
      const learned = learnLesson(
        pickDefined({
          account,
          network,
          accounts,
          posts: observed(),
          zone,
          now,
          audience: 'mostly-here' as const,
          ages: ages(),
          range,
          openDays: 7,
          thrift,
          current: rates.get(account) ?? start,
        }),
      );
      const rate = learned?.rate ?? range.min;
      rates.set(account, rate);
      return rate;
    };
  };
}

const wide = { min: 0.2, max: 6 };

interface RateRow {
  name: string;
  create(): Controller;
  /** The prior is off by this factor: the world's followers tire so much later. */
  off?: number;
}

export const rateRows: RateRow[] = [
  ...[0.5, 1, 1.4, 2, 3].map((rate) => ({
    name: `fixed ${rate} a day`,
    create: () => fixed(rate),
  })),
  { name: 'naive "speed up if it holds", from 1', create: () => naive(1) },
  { name: 'naive, from 1.4', create: () => naive(1.4) },
  { name: 'Dripline', create: dripline(wide) },
  { name: 'Dripline, user starts at 1', create: dripline(wide, 1) },
  { name: 'Dripline, range 0.6–1.4', create: dripline({ min: 0.6, max: 1.4 }, 1) },
  { name: 'Dripline, range 1.2–2.8', create: dripline({ min: 1.2, max: 2.8 }, 2) },
  { name: 'fixed 1.4, followers tire twice as soon', create: () => fixed(1.4), off: 0.5 },
  { name: 'Dripline, followers tire twice as soon', create: dripline(wide), off: 0.5 },
  { name: 'fixed 1.4, followers tire half as soon', create: () => fixed(1.4), off: 2 },
  { name: 'Dripline, followers tire half as soon', create: dripline(wide), off: 2 },
];

function toPolicy({ channels }: World, controller: Controller): Policy {
  const last: (number | undefined)[] = channels.map(() => undefined);
  return (known) =>
    channels.map((channel, c) => {
      const rate = controller(channel, known, last[c]);
      last[c] = rate;
      return spreadWeek(known.week, rate, channel.id);
    });
}

function spreadWeek(week: number, rate: number, id: string): Instant[] {
  return daysOf(week).flatMap(({ date, openTimes }) => {
    const ordinal = dayNumber(date);
    const count = Math.floor(rate * (ordinal + 1) + 1e-9) - Math.floor(rate * ordinal + 1e-9);
    const slots = spread(openTimes, count, { minGapFor: 0, seed: `${id} ${date}` });
    return Array.from({ length: slots.count }, (_, i) => slots.at(i));
  });
}

const utilityOf = (releases: readonly Release[], weeks: number) =>
  releases.filter(({ week }) => week < weeks).reduce((sum, { worth }) => sum + worth - thrift, 0);

/**
 * For each row: by channel and horizon its utility as a share of that of the best constant rate.
 */
export function rateWorld(
  { seed, size }: { seed: number; size: Size },
  horizons: readonly number[],
  wanted: readonly string[] = rateRows.map(({ name }) => name),
): Record<string, number[]> {
  const weeks = Math.max(...horizons);
  const outcomes: Record<string, number[]> = {};
  for (const off of [1, 0.5, 2]) {
    const rows = rateRows.filter((row) => (row.off ?? 1) === off && wanted.includes(row.name));
    if (rows.length === 0) continue;
    const world = createWorld({ seed, size, strength: 'weak', weeks, posts: mostPosts });
    for (const channel of world.channels) channel.half *= off;
    const best = bestConstant(world, horizons);
    for (const { name, create } of rows) {
      const played = simulate(world, toPolicy(world, create()));
      outcomes[name] = horizons.map((horizon, h) => {
        const shares = played.map(
          (releases, c) => utilityOf(releases, horizon) / (best[c]?.[h] ?? 1),
        );
        return shares.reduce((sum, one) => sum + one, 0) / shares.length;
      });
    }
  }
  return outcomes;
}

/** By channel and horizon the utility of the constant rate that is best for it. */
function bestConstant(world: World, horizons: readonly number[]): number[][] {
  const best = world.channels.map(() => horizons.map(() => 0));
  for (let rate = 0.25; rate <= 7; rate *= 1.12) {
    simulate(world, toPolicy(world, fixed(rate))).forEach((releases, c) => {
      horizons.forEach(
        (horizon, h) =>
          ((best[c] as number[])[h] = Math.max(best[c]?.[h] ?? 0, utilityOf(releases, horizon))),
      );
    });
  }
  return best;
}
