import { hour, type Instant } from '../../core/time.ts';

/** In an hour, at most: from one network, to one domain, and over all. */
const most = { network: 10, hidden: 100, domain: 300, all: 1000 };
/** More keys than this are not told apart: the oldest is forgotten. */
const mostKeys = 20_000;

export interface Attempt {
  /** Of the caller; absent: a proxy hides it. */
  network: string | undefined;
  domain: string;
}

/** What an attempt runs against; undefined: it counts, and may go on. */
export type Limit = 'network' | 'domain' | 'all';

interface Counted {
  since: Instant;
  count: number;
}

/** How many forms are taken: in memory, since it is about this hour alone. */
export function openFormLimits(now: () => Instant) {
  const counts = new Map<string, Counted>();
  const countOf = (key: string) => {
    const known = counts.get(key);
    return known && now() - known.since < hour && now() >= known.since ? known : undefined;
  };
  const add = (key: string) => {
    const known = countOf(key);
    if (known) {
      known.count += 1;
      return;
    }
    counts.delete(key);
    counts.set(key, { since: now(), count: 1 });
    for (const oldest of counts.keys()) {
      if (counts.size <= mostKeys) return;
      counts.delete(oldest);
    }
  };
  return ({ network, domain }: Attempt): Limit | undefined => {
    const keys = [
      ['network', `n ${network ?? 'hidden'}`, network === undefined ? most.hidden : most.network],
      ['domain', `d ${domain}`, most.domain],
      ['all', 'all', most.all],
    ] as const;
    for (const [limit, key, size] of keys) if ((countOf(key)?.count ?? 0) >= size) return limit;
    for (const [, key] of keys) add(key);
    return undefined;
  };
}

/** Neighbours share it: a /24; of IPv6 it is a /64 already. */
export const networkOf = (address: string): string =>
  /^\d+\.\d+\.\d+\./.exec(address)?.[0] ?? address;
