import { byNetwork, type Network } from '../../core/network/network.ts';
import type { Instant } from '../../core/time.ts';
import type { Clock } from '../../ports/clock.ts';
import { rowOf } from './network-rows.ts';

export interface Ids {
  /** Of a post or an upload; on Bluesky a record key. */
  next(network: Network): string;
  /**
   * An id that stands in the file already: later ones are larger, even if the clock ran backwards
   * meanwhile.
   */
  seen(network: Network, id: string): void;
}

/** Ids that carry the clock and always rise, as the networks' own do. */
export function createIds(clock: Clock): Ids {
  const last = byNetwork(() => 0n);
  return {
    next(network) {
      const { at, write } = rowOf(network).ids;
      const wanted = at(clock.now(), 0);
      last[network] = wanted > last[network] ? wanted : last[network] + 1n;
      return write(last[network]);
    },
    seen(network, id) {
      const value = rowOf(network).ids.read?.(id) ?? 0n;
      if (value > last[network]) last[network] = value;
    },
  };
}

/**
 * An id of that instant for something that no counter gave an id to: it is told apart by `mark`.
 */
export function idAt(network: Network, at: Instant, mark: number): string {
  const { ids } = rowOf(network);
  return ids.write(ids.at(at, mark));
}

/** Smaller first, of ids that are numbers too long for JavaScript. */
export function compareIds(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : Number(a > b));
}

export function isNumericId(text: unknown): text is string {
  return typeof text === 'string' && /^[0-9]{1,19}$/.test(text);
}
