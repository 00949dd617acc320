import { atLocal, type Instant } from '../core/time.ts';
import { type Crowd, expectEcho } from './audience/crowd.ts';
import { byDate, type RehearsedRelease } from './outcome.ts';

/** Fixed hours as many people use them: nine, two and seven o'clock; more are spread between. */
export function plainMinutes(count: number): number[] {
  if (count <= 3) return [9, 14, 19].slice(0, count).map((hour) => hour * 60);
  return Array.from({ length: count }, (_, i) => Math.round(9 * 60 + (10 * 60 * i) / (count - 1)));
}

/** The same releases of one account on the same dates, at fixed hours. `earlier`: oldest first. */
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
