import type { Instant } from '../../core/time.ts';
import type { Clock } from '../../ports/clock.ts';

/** When X began to count, in milliseconds since 1970. */
const xEpoch = 1288834974657;
const tidAlphabet = '234567abcdefghijklmnopqrstuvwxyz';

export interface Ids {
  x(): string;
  mastodon(): string;
  /** A record key of Bluesky: microseconds in a base 32 that sorts. */
  tid(): string;
  /**
   * An id that stands in the file already: later ones are larger, even if the clock ran backwards
   * meanwhile.
   */
  seen(network: 'x' | 'mastodon', id: string): void;
}

/** Ids that carry the clock and always rise, as the networks' own do. */
export function createIds(clock: Clock): Ids {
  const last = { x: 0n, mastodon: 0n, tid: 0n };
  const next = (kind: keyof typeof last, wanted: bigint): bigint => {
    last[kind] = wanted > last[kind] ? wanted : last[kind] + 1n;
    return last[kind];
  };
  return {
    x: () => String(next('x', BigInt(clock.now() - xEpoch) << 22n)),
    mastodon: () => String(next('mastodon', BigInt(clock.now()) << 16n)),
    tid: () => toTid(next('tid', (BigInt(clock.now()) * 1000n) << 10n)),
    seen(network, id) {
      if (BigInt(id) > last[network]) last[network] = BigInt(id);
    },
  };
}

function toTid(value: bigint): string {
  let text = '';
  for (let rest = value, i = 0; i < 13; i++, rest >>= 5n)
    text = tidAlphabet[Number(rest & 31n)] + text;
  return text;
}

/**
 * An id of that instant for something that no counter gave an id to: it is told apart by `mark`.
 */
export function idAt(network: 'x' | 'mastodon' | 'bluesky', at: Instant, mark: number): string {
  switch (network) {
    case 'x':
      return String((BigInt(at - xEpoch) << 22n) | BigInt(mark & 0x3fffff));
    case 'mastodon':
      return String((BigInt(at) << 16n) | BigInt(mark & 0xffff));
    case 'bluesky':
      return toTid((BigInt(at) * 1000n + BigInt(mark % 1000)) << 10n);
  }
}

export function isTid(text: string): boolean {
  return /^[234567abcdefghij][234567a-z]{12}$/.test(text);
}

/** Smaller first, of ids that are numbers too long for JavaScript. */
export function compareIds(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);
}

export function isNumericId(text: unknown): text is string {
  return typeof text === 'string' && /^[0-9]{1,19}$/.test(text);
}
