import { learnHours } from '../../src/core/pacing/lesson.ts';
import { figuresOf } from '../../src/core/pacing/explain.ts';
import { tellHours } from '../../src/core/pacing/slots/hours.ts';
import type { SlotModel } from '../../src/core/pacing/slots/slot-model.ts';
import { expectedAt, typicalOf } from '../../src/core/pacing/typical-post.ts';
import { day, hour, type Instant } from '../../src/core/time.ts';
import { daysOf, zone } from './calendar.ts';
import { accounts, policies } from './policies.ts';
import { type Known, type Policy, simulate, valueAt } from './simulate.ts';
import { type Channel, createWorld, type Size, type Strength, type World } from './world.ts';

/** `none`: every hour is worth the same, so that whatever is called a difference is none. */
export type Difference = Strength | 'none';

export interface CoverageOptions {
  seed: number;
  size: Size;
  strength: Difference;
}

/** How often what was said held. */
export interface Coverage {
  /** Open hours, and those whose true worth lay in the stated 80 % range. */
  hours: number;
  hoursInside: number;
  /** Accounts that were told of their hours, of a real difference, and of one that there was. */
  told: number;
  claims: number;
  trueClaims: number;
  /** Ranges of the typical post, and those that held the middle of the next posts. */
  typical: number;
  typicalInside: number;
}

export const coverageWeeks = [8, 25];
/** The middle of so many posts after it was said. */
const nextWeeks = 2;

export function coverageWorld({ seed, size, strength }: CoverageOptions): Record<string, Coverage> {
  const weeks = Math.max(...coverageWeeks) + nextWeeks;
  const kind = strength === 'none' ? 'weak' : strength;
  const world = createWorld({ seed, size, strength: kind, weeks, posts: 320 });
  if (strength === 'none')
    for (const { before, after } of world.channels)
      for (const some of [before, after]) some.fill(1);
  const found: Record<string, Coverage> = {};
  const later: (() => void)[] = [];
  const play = (policies['Dripline'] as (typeof policies)[string])(world);
  const releases = simulate(world, watched);
  for (const check of later) check();
  return found;

  function watched(known: Known): ReturnType<Policy> {
    if (coverageWeeks.includes(known.week)) {
      const counts = emptyCoverage();
      found[known.week] = counts;
      judgeHours(world, known, counts);
      const typicals = readTypicals(known);
      later.push(() => judgeTypicals(world, { releases, typicals, week: known.week }, counts));
    }
    return play(known);
  }
}

const emptyCoverage = (): Coverage => ({
  hours: 0,
  hoursInside: 0,
  told: 0,
  claims: 0,
  trueClaims: 0,
  typical: 0,
  typicalInside: 0,
});

/** The middles of the hours that are open in a week. */
const openHours = (week: number): Instant[] =>
  daysOf(week).flatMap(({ openTimes }) =>
    openTimes.flatMap(({ from, to }) =>
      Array.from({ length: Math.round((to - from) / hour) }, (_, i) => from + (i + 0.5) * hour),
    ),
  );

function judgeHours(world: World, known: Known, counts: Coverage): void {
  const [posts, ages] = [known.observed(), known.ages()];
  const asked = { accounts, posts, zone, now: known.now, ages };
  const models = learnHours({ ...asked, audience: 'mostly-here' });
  for (const channel of world.channels) {
    const model = models[channel.id];
    if (model) judgeChannel(world, { channel, model, week: known.week }, counts);
  }
}

interface Judged {
  channel: Channel;
  model: SlotModel;
  week: number;
}

function judgeChannel(world: World, { channel, model, week }: Judged, counts: Coverage): void {
  const open = openHours(week);
  const truth = new Map(
    open.map((at) => [at, Math.log(valueAt(channel, world.changeWeek, { week, at }))]),
  );
  const average = [...truth.values()].reduce((sum, one) => sum + one, 0) / open.length;
  for (const at of open) {
    const times = Math.exp((truth.get(at) ?? 0) - average);
    const { low, high } = figuresOf(model, at, open);
    counts.hours++;
    if (times >= low && times <= high) counts.hoursInside++;
  }
  const said = tellHours(model, open);
  if (!said) return;
  counts.told++;
  if (!said.isReal) return;
  counts.claims++;
  const isMore = (truth.get(said.more.at) ?? 0) > average;
  const isLess = (truth.get(said.less.at) ?? 0) < average;
  const [more, less] = [said.more.text, said.less.text].map((one) => one.includes('confidence'));
  if ((!more || isMore) && (!less || isLess)) counts.trueClaims++;
}

/** What `stats` says of each account's typical post. */
function readTypicals({ now, observed, ages }: Known): Record<string, [number, number]> {
  const [posts, fitted] = [observed(), ages()];
  return Object.fromEntries(
    accounts.flatMap(({ id, network }): [string, [number, number]][] => {
      const asked = { account: id, network, posts, at: now, ages: fitted };
      const typical = typicalOf({ ...asked, echo: 'score' });
      if (!typical) return [];
      const { low, high } = expectedAt(typical, 30 * day);
      return [[id, [low, high]]];
    }),
  );
}

interface Later {
  releases: ReturnType<typeof simulate>;
  typicals: Record<string, [number, number]>;
  week: number;
}

function judgeTypicals(world: World, { releases, typicals, week }: Later, counts: Coverage): void {
  world.channels.forEach(({ id }, c) => {
    const range = typicals[id];
    const next = (releases[c] ?? []).filter(
      (one) => one.week >= week && one.week < week + nextWeeks,
    );
    if (!range || !next.length) return;
    const logs = next.map(({ expected }) => Math.log(expected));
    const middle = Math.exp(logs.reduce((sum, one) => sum + one, 0) / logs.length);
    counts.typical++;
    if (middle >= range[0] && middle <= range[1]) counts.typicalInside++;
  });
}

export function addCoverage(a: Coverage, b: Coverage): Coverage {
  return Object.fromEntries(
    Object.entries(a).map(([key, value]) => [key, value + b[key as keyof Coverage]]),
  ) as unknown as Coverage;
}
