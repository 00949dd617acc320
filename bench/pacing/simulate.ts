import type { Sample } from '../../src/core/engagement.ts';
import { type AgeCurves, fitAgeCurves, shareByAge } from '../../src/core/pacing/age-curve.ts';
import { pickDefined } from '../../src/core/pick-defined.ts';
import { type Observed, toObserved } from '../../src/core/pacing/observed.ts';
import { hourOfWeek } from '../../src/core/pacing/slots/week-clock.ts';
import { day, hour, type Instant, minute } from '../../src/core/time.ts';
import { stepsPerHour, weekSteps } from './audience.ts';
import { startOf, zone } from './calendar.ts';
import { createRandom, poissonAt } from './random.ts';
import { ages, type Channel, type World } from './world.ts';

export interface Release {
  at: Instant;
  week: number;
  post: number;
  /** Of a post of middling quality: what schedules are scored by. */
  expected: number;
  /** The same without the account's level: of a usual post. */
  worth: number;
  count: number;
  views: number;
}

/** What a policy knows when it plans a week; never the world itself. */
export interface Known {
  week: number;
  now: Instant;
  /** By channel. */
  releases: readonly (readonly Release[])[];
  /** Of all channels: what the polls have seen by now. */
  observed(): Observed[];
  /** How the echo of posts comes in, as learned from these polls. */
  ages(): AgeCurves;
}

/** The times of one week for each channel, oldest first. */
export type Policy = (known: Known) => Instant[][];

interface Moment {
  week: number;
  at: Instant;
}

export function valueAt(
  { before, after }: Channel,
  changeWeek: number,
  { week, at }: Moment,
): number {
  const step = Math.floor(hourOfWeek(at, zone) * stepsPerHour) % weekSteps;
  return (week >= changeWeek ? after : before)[step] as number;
}

/**
 * What is left of a post's echo after the posts before it: a short memory of the last hours, and a
 * long one of three days.
 */
export function shareAfter(
  at: Instant,
  earlier: readonly Pick<Release, 'at'>[],
  half: number,
): number {
  let [short, long] = [0, 0];
  for (let i = earlier.length - 1; i >= 0; i--) {
    const apart = at - (earlier[i] as Release).at;
    if (apart > 21 * day) break;
    short += Math.exp(-apart / (3 * hour));
    long += Math.exp(-apart / (72 * hour)) / 3;
  }
  return Math.exp(-0.15 * short) / (1 + (long / half) ** 2);
}

export const pollAges = [
  15 * minute,
  30 * minute,
  ...[1, 2, 3, 6, 12, 24, 48].map((hours) => hours * hour),
  7 * day,
];

/** Plays a policy through a world, week by week. */
export function simulate(world: World, policy: Policy, weeks = world.weeks): Release[][] {
  const releases: Release[][] = world.channels.map(() => []);
  const watch = openWatch(world, releases);
  for (let week = 0; week < weeks; week++) {
    const now = startOf(week);
    const times = policy({
      week,
      now,
      releases,
      observed: () => watch.see(now),
      ages: () => watch.fit(now),
    });
    world.channels.forEach((channel, c) => {
      for (const at of times[c] ?? [])
        (releases[c] as Release[]).push(release({ world, channel, releases, c }, { week, at }));
    });
  }
  return releases;
}

interface Stage {
  world: World;
  channel: Channel;
  releases: readonly (readonly Release[])[];
  /** The channel's index. */
  c: number;
}

function release({ world, channel, releases, c }: Stage, { week, at }: Moment): Release {
  const earlier = releases[c] ?? [];
  const post = earlier.length;
  const worth =
    valueAt(channel, world.changeWeek, { week, at }) * shareAfter(at, earlier, channel.half);
  const expected = worth * (channel.level[week] as number);
  const count = poissonAt(
    expected * Math.exp(channel.quality[post] as number),
    channel.luck[post] as number,
  );
  const seen = Math.round(40 * expected * Math.exp(channel.viewsNoise[post] as number));
  const views = channel.network === 'x' ? seen : 0;
  return { at, week, post, expected, worth, count, views };
}

/** How many of `total` have come when this share is expected to; grows with the share. */
export function arrivedBy(total: number, share: number, words: (string | number)[]): number {
  if (total > 200) return Math.round(total * share);
  const random = createRandom('arrival', ...words);
  let count = 0;
  for (let i = 0; i < total; i++) if (random() < share) count++;
  return count;
}

export function pollAt(
  { world, channel, curves }: { world: World; channel: Channel; curves: AgeCurves },
  { post, count, views }: Release,
  age: number,
): Observed['counts'] {
  const share = shareByAge(channel.network, age, curves);
  return pickDefined({
    likes: arrivedBy(count, share, [world.seed, channel.id, post]),
    views: channel.network === 'x' ? Math.round(views * share) : undefined,
  });
}

/** Caches what was seen, so that only young posts are measured again. */
function openWatch(world: World, releases: readonly (readonly Release[])[]) {
  const curves = ages(world);
  const seen = world.channels.map((): Sample[][] => []);
  const look = (now: Instant) =>
    world.channels.forEach((channel, c) => {
      const mine = seen[c] as Sample[][];
      const all = releases[c] as Release[];
      for (let i = Math.max(0, mine.length - 30); i < all.length; i++) {
        const one = all[i] as Release;
        const passed = pollAges.filter((poll) => one.at + poll <= now);
        const known = mine[i] ?? [];
        const fresh = passed.slice(known.length).map((age): Sample => ({
          delivery: `${i}@${channel.id}`,
          post: `${i}`,
          account: channel.id,
          network: channel.network,
          releasedAt: one.at,
          at: one.at + age,
          counts: pollAt({ world, channel, curves }, one, age),
        }));
        mine[i] = [...known, ...fresh];
      }
    });
  return {
    see(now: Instant): Observed[] {
      look(now);
      return toObserved(seen.flatMap((mine) => mine.flatMap((polls) => polls.at(-1) ?? [])));
    },
    fit(now: Instant): AgeCurves {
      look(now);
      return fitAgeCurves(seen.flat(2));
    },
  };
}
