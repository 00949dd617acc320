import { day, hour, minute, second } from '../core/time.ts';
import { plural } from '../core/plural.ts';
import { type Clock, reallyFor } from '../ports/clock.ts';

const units: [size: number, word: string][] = [
  [day, 'day'],
  [hour, 'hour'],
  [minute, 'minute'],
  [second, 'second'],
];

/** `40 seconds`, `about 5 minutes`: how long a stretch of this clock really takes. */
export function tellReally(clock: Pick<Clock, 'speed'>, stretch: number): string {
  const real = Math.max(0, reallyFor(clock, stretch));
  const [size, word] = units.find(([one]) => real >= 1.5 * one || one === second) ?? [
    second,
    'second',
  ];
  const count = Math.max(1, Math.round(real / size));
  const isExact = Math.abs(real - count * size) < second / 2;
  return `${isExact ? '' : 'about '}${plural(count, word)}`;
}

/** A sentence for whoever waits, where the clock is not that of people; else nothing. */
export const noteReally = (clock: Clock, until: number | undefined): string =>
  clock.speed === undefined || until === undefined
    ? ''
    : ` The sandbox's clock is fast: that is in ${tellReally(clock, until - clock.now())}.`;
