import { hoursOfWeek } from './week-clock.ts';

/**
 * Curves over the week as sums of features: a Gaussian process in few numbers. A feature's size is
 * its standard deviation in the prior. Together they give a squared exponential kernel over the day
 * with a length of two and a half hours, and a correlation of .9 between two days of one kind
 * (working day, weekend) and of .5 between different kinds, as in the logs at hand.
 */
const correlationHours = 2.5;
/** The kernel's spectrum: exp(-ω²l²/2) for each harmonic. */
const harmonics = [0, 1, 2, 3, 4].map((k) =>
  Math.exp(-(((2 * Math.PI * k * correlationHours) / 24) ** 2) / 2),
);
const total = harmonics.reduce((sum, share, k) => sum + (k === 0 ? 1 : 2) * share, 0);
/**
 * Standard deviation of a harmonic whose cosine and sine together have the share of one curve's
 * variance.
 */
const sizeOf = (k: number, part: number) =>
  Math.sqrt((part * (harmonics[k] ?? 0) * (k === 0 ? 1 : 2)) / total);

const stepsPerHour = 4;
const steps = hoursOfWeek * stepsPerHour;

/**
 * Of the curve that all accounts of a person share: every day, the weekend's difference, and each
 * day's own.
 */
export const sharedCount = 8 + 9 + 7 * 3;
/** Of what one account differs in. */
export const ownCount = 8 + 9;

/** The harmonics `from` to `most` of the day, with a part of the curve's variance. */
function daily(
  hour: number,
  { part, from, most }: { part: number; from: number; most: number },
): number[] {
  const values: number[] = [];
  for (let k = from; k <= most; k++) {
    const angle = (2 * Math.PI * k * hour) / 24;
    if (k === 0) values.push(sizeOf(0, part));
    else values.push(sizeOf(k, part) * Math.cos(angle), sizeOf(k, part) * Math.sin(angle));
  }
  return values;
}

function featuresAt(position: number): number[] {
  const weekday = Math.floor(position / 24);
  const hour = position % 24;
  const side = weekday >= 5 ? -1 : 1;
  // No feature that is the same all week: that is the account's level.
  const general = [
    ...daily(hour, { part: 0.7, from: 1, most: 4 }),
    ...daily(hour, { part: 0.2, from: 0, most: 4 }).map((value) => side * value),
  ];
  const own = Array.from({ length: 7 }, (_, one) =>
    one === weekday ? daily(hour, { part: 0.1, from: 0, most: 1 }) : [0, 0, 0],
  ).flat();
  return [...general, ...own];
}

const table = Float64Array.from(
  Array.from({ length: steps }, (_, i) => featuresAt((i + 0.5) / stepsPerHour)).flat(),
);

/**
 * Where in `featureTable` the features of this moment of the week begin: first those that an
 * account has of its own, then the rest of the shared ones.
 */
export function featureRow(position: number): number {
  return (Math.floor(position * stepsPerHour) % steps) * sharedCount;
}

export const featureTable: Float64Array = table;
