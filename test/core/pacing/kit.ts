import { createRandom, normal, poissonAt } from '../../../bench/pacing/random.ts';
import type { Network } from '../../../src/core/network/network.ts';
import type { Observed } from '../../../src/core/pacing/observed.ts';
import { day, hour, type Instant } from '../../../src/core/time.ts';

export const now = Date.parse('2026-11-24T00:00Z');
export const zone = 'Europe/Berlin';

export interface Imagined {
  account?: string;
  network?: Network;
  count: number;
  /** Expected likes of a post of middling quality at this instant. */
  middle: (at: Instant) => number;
  /** Standard deviation of the logarithm of how good posts are. */
  spread?: number;
  every?: number;
  seed?: number;
  /** The newest one's age. */
  age?: number;
}

/** An account's past, oldest first: posts whose quality is log-normal, at odd times of the day. */
export function imagine({
  account = 'x',
  network = 'x',
  count,
  middle,
  spread = 0.8,
  every = 16.8 * hour,
  seed = 1,
  age = 3 * day,
}: Imagined): Observed[] {
  const random = createRandom('past', seed, account);
  return Array.from({ length: count }, (_, i) => {
    const at = now - age - (count - 1 - i) * every;
    const likes = poissonAt(middle(at) * Math.exp(spread * normal(random)), random());
    return { account, network, post: `p${i}`, at, measuredAt: now, counts: { likes } };
  });
}
