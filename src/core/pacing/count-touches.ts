import { day, type Instant } from '../time.ts';

/** A release of a campaign; views where the network tells them. */
export interface Touch {
  at: Instant;
  views?: number;
}

export interface TouchesInput {
  releases: readonly Touch[];
  followers: number;
  now: Instant;
  /** What the campaign may come to for each follower; absent: no cap. */
  most?: number;
  mostAWeek?: number;
}

export interface Touches {
  /** How often the average follower has seen something of the campaign. */
  perFollower: number;
  /** In the last seven days. */
  lastWeek: number;
  /** Some of it is reckoned rather than counted. */
  isEstimated: boolean;
  /** Why nothing more of it should go out now; absent: go ahead. */
  heldBecause?: string;
  /** When a week's cap allows the next one. */
  heldUntil?: Instant;
}

/** Where nothing is known: one follower in ten sees a post. An assumption, said as such. */
const assumedReach = 0.1;
const week = 7 * day;
/** The old rule of how often people have to see something. */
export const usualTouches = 29;
/** Several exposures a week wear a message out; a few a month do not. */
export const usualMostAWeek = 3;

/**
 * Average exposures of a campaign for each follower. Releases without views are taken to be seen
 * like those with them, or by one follower in ten.
 */
export function touchesOf({
  releases,
  followers,
  now,
  most,
  mostAWeek = usualMostAWeek,
}: TouchesInput): Touches {
  const known = releases.flatMap(({ views }) => (views === undefined ? [] : [views]));
  const usual = known.length
    ? known.reduce((sum, one) => sum + one, 0) / known.length
    : assumedReach * followers;
  const reachOf = ({ views }: Touch) => (followers > 0 ? (views ?? usual) / followers : 0);
  const past = releases.filter(({ at }) => at <= now).sort((a, b) => a.at - b.at);
  const sum = (some: readonly Touch[]) => some.reduce((total, one) => total + reachOf(one), 0);
  const recent = past.filter(({ at }) => at > now - week);
  const [perFollower, lastWeek] = [sum(past), sum(recent)];
  const result = {
    perFollower,
    lastWeek,
    isEstimated: past.some(({ views }) => views === undefined),
  };
  if (most !== undefined && perFollower >= most)
    return {
      ...result,
      heldBecause: `each follower has seen the campaign ${round(perFollower)} times on average; its cap is ${most}`,
    };
  if (lastWeek < mostAWeek) return result;
  const until = recent
    .map(({ at }) => at + week)
    .find((at) => sum(recent.filter((one) => one.at > at - week)) < mostAWeek);
  return {
    ...result,
    heldBecause: `each follower has seen the campaign ${round(lastWeek)} times in seven days; the cap is ${mostAWeek} a week`,
    ...(until !== undefined && { heldUntil: until }),
  };
}

const round = (value: number) => Math.round(value * 10) / 10;
