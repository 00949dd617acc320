import { pickDefined } from '../pick-defined.ts';
import { day, type Instant } from '../time.ts';

/** A release of a campaign; views where the network reports them. */
export interface Touch {
  at: Instant;
  views?: number;
}

export interface TouchesInput {
  releases: readonly Touch[];
  followers: number;
  now: Instant;
  /** The cap on `perFollower`; absent: none. */
  most?: number;
  mostAWeek?: number;
}

export interface Touches {
  /** How often the average follower has seen something of the campaign. */
  perFollower: number;
  /** In the last seven days. */
  lastWeek: number;
  /** Some of it is estimated rather than counted. */
  isEstimated: boolean;
  /** Why no more of it should be published now; absent: nothing is against it. */
  heldBecause?: string;
  /** When the weekly cap allows the next one. */
  heldUntil?: Instant;
}

/** An assumption where no views are known: one follower in ten sees a post. */
const assumedReach = 0.1;
const week = 7 * day;
/** An old rule of advertising about how often people have to see something. */
export const usualTouches = 29;
/** More exposures a week wear a message out. */
export const usualMostAWeek = 3;

/**
 * Average exposures of a campaign for each follower. A release without views counts as the average
 * of those with views, or as one follower in ten.
 */
export function touchesOf(input: TouchesInput): Touches {
  const { now, mostAWeek = usualMostAWeek } = input;
  const reachOf = reachBy(input);
  const past = input.releases.filter(({ at }) => at <= now).sort((a, b) => a.at - b.at);
  const sum = (some: readonly Touch[]) => some.reduce((total, one) => total + reachOf(one), 0);
  const recent = past.filter(({ at }) => at > now - week);
  const touches = {
    perFollower: sum(past),
    lastWeek: sum(recent),
    isEstimated: past.some(({ views }) => views === undefined),
  };
  const heldBecause = tellCap(touches, input);
  if (heldBecause === undefined || isOverCap(touches, input))
    return pickDefined({ ...touches, heldBecause });
  const heldUntil = recent
    .map(({ at }) => at + week)
    .find((at) => sum(recent.filter((one) => one.at > at - week)) < mostAWeek);
  return pickDefined({ ...touches, heldBecause, heldUntil });
}

/** How often the average follower sees one release. */
function reachBy({ releases, followers }: TouchesInput): (touch: Touch) => number {
  const known = releases.flatMap(({ views }) => (views === undefined ? [] : [views]));
  const usual = known.length
    ? known.reduce((sum, one) => sum + one, 0) / known.length
    : assumedReach * followers;
  return ({ views }) => (followers > 0 ? (views ?? usual) / followers : 0);
}

type Counted = Pick<Touches, 'perFollower' | 'lastWeek'>;

const isOverCap = ({ perFollower }: Counted, { most = Infinity }: TouchesInput): boolean =>
  perFollower >= most;

function tellCap(touches: Counted, input: TouchesInput): string | undefined {
  const { most, mostAWeek = usualMostAWeek } = input;
  const seen = (times: number) => `each follower has seen the campaign ${round(times)} times`;
  if (isOverCap(touches, input))
    return `${seen(touches.perFollower)} on average; its cap is ${most}`;
  if (touches.lastWeek < mostAWeek) return undefined;
  return `${seen(touches.lastWeek)} in seven days; the cap is ${mostAWeek} a week`;
}

const round = (value: number) => Math.round(value * 10) / 10;
