import { hourOfWeek } from '../../src/core/pacing/slots/week-clock.ts';
import type { Observed } from '../../src/core/pacing/observed.ts';
import type { OpenTime } from '../../src/core/schedule/cadence.ts';
import { scoreOf } from '../../src/core/engagement.ts';
import { hour, type Instant } from '../../src/core/time.ts';
import { daysOf, rules, zone } from './calendar.ts';
import { planWeek } from './planner.ts';
import { createRandom, gamma, type Random } from './random.ts';
import type { Known, Policy } from './simulate.ts';
import type { Channel, World } from './world.ts';

type Cell = (hourOfWeek: number) => number;
/** Each hour of the week on its own, or each hour of the day, working days and weekends apart. */
const each: Cell = (i) => i;
const daily: Cell = (i) => (i >= 120 ? 24 : 0) + (i % 24);

interface Sums {
  posts: number[];
  echo: number[];
  mean: number;
}

function sumUp(observed: readonly Observed[], channel: Channel, cell: Cell): Sums {
  const [posts, echo] = [
    Array.from({ length: 168 }, () => 0),
    Array.from({ length: 168 }, () => 0),
  ];
  let [count, total] = [0, 0];
  for (const { account, at, counts } of observed) {
    if (account !== channel.id) continue;
    const i = cell(Math.floor(hourOfWeek(at, zone)));
    const y = scoreOf(counts);
    posts[i] = (posts[i] ?? 0) + 1;
    echo[i] = (echo[i] ?? 0) + y;
    count++;
    total += y;
  }
  return { posts, echo, mean: count ? total / count : 1 };
}

interface Bandit {
  cell: Cell;
  /** Weeks of random times before it uses what it learned. */
  warmUp: number;
  probes?: number;
  worth(sums: Sums, cell: number, random: Random): number;
}

function play({ cell, warmUp, probes = 0, worth }: Bandit) {
  return (world: World): Policy =>
    (known) =>
      world.channels.map((channel, c) => {
        const random = createRandom('bandit', world.seed, channel.id, known.week);
        const sums = sumUp(known.observed(), channel, cell);
        const cells = Array.from({ length: 168 }, (_, i) =>
          known.week < warmUp ? random() : worth(sums, i, random),
        );
        const scores = Array.from({ length: 168 }, (_, i) => cells[cell(i)] ?? 0);
        return planWeek({
          scores,
          week: known.week,
          earlier: known.releases[c] ?? [],
          seed: `${world.seed} ${channel.id}`,
          probes,
        });
      });
}

const meanOf = ({ posts, echo, mean }: Sums, cell: number) =>
  Math.log(0.01 + (posts[cell] ? (echo[cell] ?? 0) / posts[cell] : mean));
const draw = ({ posts, echo, mean }: Sums, cell: number, random: Random) =>
  Math.log(1e-9 + gamma(random, 1 + (echo[cell] ?? 0)) / (1 / mean + (posts[cell] ?? 0)));

/**
 * A chance at each half hour that grows with what others have posted since; the factor is corrected
 * each week so that it meets the budget.
 */
function redQueen(world: World): Policy {
  const factors = world.channels.map(() => 0.02);
  return ({ week, releases }: Known) =>
    world.channels.map((channel, c) => {
      const random = createRandom('red queen', world.seed, channel.id, week);
      const last = releases[c]?.at(-1)?.at ?? 0;
      const factor = factors[c] ?? 0;
      const { times, all, wished } = drawWeek({ week, factor, last }, random);
      const isShort = times.length < rules.perWeek;
      const met = Math.max(1, isShort ? times.length : wished);
      factors[c] = factor * Math.sqrt(rules.perWeek / met);
      return topUp(times, { all, last }, random);
    });
}

interface Drawing {
  week: number;
  factor: number;
  /** The last release before the week. */
  last: Instant;
}

function drawWeek({ week, factor, last: before }: Drawing, random: Random) {
  const times: Instant[] = [];
  const halfHours = daysOf(week).map(({ openTimes }) => openTimes.flatMap(toHalfHours));
  let [others, wished, last] = [3, 0, before];
  for (const some of halfHours) {
    let today = 0;
    for (const at of some) {
      others += 0.5 * othersAt(at);
      const chance = factor * others;
      wished += chance;
      const isFull = today >= rules.perDay || times.length >= rules.perWeek;
      if (random() >= chance || at - last < rules.minGapFor || isFull) continue;
      times.push(at);
      [last, others] = [at, 0];
      today++;
    }
    others += 8 * 0.7;
  }
  return { times, all: halfHours.flat(), wished };
}

const toHalfHours = ({ from, to }: OpenTime): Instant[] =>
  Array.from({ length: Math.ceil((to - from) / (hour / 2)) }, (_, i) => from + (i * hour) / 2);

/** How much others post, mean 1: most in the afternoon. */
const othersAt = (at: Instant): number =>
  1 + 0.45 * Math.cos((2 * Math.PI * ((hourOfWeek(at, zone) % 24) - 16)) / 24);

/** Spends the rest of the budget at random. */
function topUp(
  times: Instant[],
  { all, last }: { all: readonly Instant[]; last: Instant },
  random: Random,
): Instant[] {
  for (let tries = 0; times.length < rules.perWeek && tries < 5000; tries++) {
    const at = all[Math.floor(random() * all.length)] ?? 0;
    const isSameDay = (other: Instant) => Math.abs(other - at) < 16 * hour;
    const isFree = [last, ...times].every((other) => Math.abs(other - at) >= rules.minGapFor);
    if (isFree && times.filter(isSameDay).length < 3) times.push(at);
  }
  return times.sort((a, b) => a - b);
}

export const bandits = {
  random: play({ cell: each, warmUp: Infinity, worth: () => 0 }),
  heatmap: play({ cell: daily, warmUp: 3, worth: meanOf }),
  epsilonGreedy: play({ cell: daily, warmUp: 0, probes: 0.1, worth: meanOf }),
  thompsonHour: play({ cell: daily, warmUp: 0, worth: draw }),
  thompson168: play({ cell: each, warmUp: 0, worth: draw }),
  redQueen,
};
