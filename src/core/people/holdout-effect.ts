/** How many reached the goal, of how many. */
export interface Arm {
  people: number;
  reached: number;
}

export interface Effect {
  /** What the sequence adds to the share that reaches the goal, from -1 to 1. */
  difference: number;
  /** 95 %, by Newcombe's method on Wilson's intervals. */
  low: number;
  high: number;
}

const z = 1.96;
/** Below this an interval says no more than that nobody knows. */
const fewest = 30;

/** Undefined: too few to tell. */
export function effectOf(treated: Arm, holdout: Arm): Effect | undefined {
  if (treated.people < fewest || holdout.people < fewest) return undefined;
  const [a, b] = [wilson(treated), wilson(holdout)];
  const difference = a.share - b.share;
  return {
    difference,
    low: difference - Math.hypot(a.share - a.low, b.high - b.share),
    high: difference + Math.hypot(a.high - a.share, b.share - b.low),
  };
}

function wilson({ people, reached }: Arm) {
  const share = reached / people;
  const middle = (share + z ** 2 / (2 * people)) / (1 + z ** 2 / people);
  const half =
    (z * Math.sqrt((share * (1 - share)) / people + z ** 2 / (4 * people ** 2))) /
    (1 + z ** 2 / people);
  return { share, low: middle - half, high: middle + half };
}
