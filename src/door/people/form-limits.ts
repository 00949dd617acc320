import { hour, type Instant } from '../../core/time.ts';

/** In an hour, at most: from one network, to one domain, and over all. */
const most = { network: 10, hidden: 100, domain: 300, all: 1000 };
/** Of these, where the browser has not worked for it. */
const mostWithout = { network: 5, hidden: 50, domain: 100, all: 500 };
/** More keys than this are not told apart: the oldest is forgotten. */
const mostKeys = 20_000;

export interface Attempt {
  /** Of the caller; absent: a proxy hides it. */
  network: string | undefined;
  domain: string;
  /** The browser has worked for it. */
  hasWorked: boolean;
}

/** What an attempt runs against; undefined: it may go on. */
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
  const keysOf = ({ network, domain, hasWorked }: Attempt) => [
    ...limitsFor('', most, { network, domain }),
    ...(hasWorked ? [] : limitsFor('without ', mostWithout, { network, domain })),
  ];
  /** Counts nothing. */
  const look = (attempt: Attempt): Limit | undefined =>
    keysOf(attempt).find(({ key, size }) => (countOf(key)?.count ?? 0) >= size)?.limit;
  return {
    look,
    take(attempt: Attempt): Limit | undefined {
      const limit = look(attempt);
      if (limit === undefined) for (const { key } of keysOf(attempt)) add(key);
      return limit;
    },
  };
}

interface Sized {
  limit: Limit;
  key: string;
  size: number;
}

const limitsFor = (
  kind: string,
  size: typeof most,
  { network, domain }: Pick<Attempt, 'network' | 'domain'>,
): Sized[] => [
  {
    limit: 'network',
    key: `${kind}n ${network ?? 'hidden'}`,
    size: network === undefined ? size.hidden : size.network,
  },
  { limit: 'domain', key: `${kind}d ${domain}`, size: size.domain },
  { limit: 'all', key: `${kind}all`, size: size.all },
];

/** Neighbours share it: a /24; of IPv6 it is a /64 already. */
export const networkOf = (address: string): string =>
  /^\d+\.\d+\.\d+\./.exec(address)?.[0] ?? address;
