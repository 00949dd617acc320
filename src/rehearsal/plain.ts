import { atLocal, type Instant } from '../core/time.ts';
import { type Crowd, expectEcho } from './crowd.ts';
import { byDate, type RehearsedRelease } from './outcome.ts';

/**
 * Where most people put their posts who choose no times: nine, two and seven o'clock; more than
 * three are spread between.
 */
export function plainMinutes(count: number): number[] {
  if (count <= 3) return [9, 14, 19].slice(0, count).map((hour) => hour * 60);
  return Array.from({ length: count }, (_, i) => Math.round(9 * 60 + (10 * 60 * i) / (count - 1)));
}

/**
 * The same releases of one account on the same dates, at plain times. `earlier`: what it had said
 * before, oldest first.
 */
export function toPlain(
  crowd: Crowd,
  releases: readonly RehearsedRelease[],
  earlier: readonly Instant[],
): RehearsedRelease[] {
  const times = [...earlier];
  return [...byDate(releases, crowd.zone)].flatMap(([date, some]) => {
    const minutes = plainMinutes(some.length);
    return some.map((one, i): RehearsedRelease => {
      const at = atLocal(date, minutes[i] ?? 0, crowd.zone);
      const echo = one.as === 'repost' ? 0 : expectEcho(crowd, at, times);
      times.push(at);
      return { ...one, at, echo };
    });
  });
}
