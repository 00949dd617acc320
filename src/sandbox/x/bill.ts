import type { Clock } from '../../ports/clock.ts';
import { isObject, parseJson, type Answer, type Incoming } from '../http/routing.ts';
import { findXLinks } from '../world/link-rules.ts';
import { personId, type XPerson } from '../world/network-rows.ts';

/** X's price list of August 2026, in millionths of a USD. */
const prices = {
  created: 15_000,
  createdWithUrl: 200_000,
  interaction: 15_000,
  deleted: 10_000,
  mediaMetadata: 5_000,
  ownedRead: 1_000,
  read: 5_000,
  user: 10_000,
};
type Item = keyof typeof prices;

export interface XBill {
  microUsd: number;
  /** How many of each were billed. */
  counts: Partial<Record<Item, number>>;
}

export interface XBills {
  /** Looks at an answer and bills what it brought or did. Refusals are free. */
  charge(person: XPerson, route: string, exchange: { request: Incoming; answer: Answer }): void;
  of(handle: string): XBill;
  all(): ({ account: string } & XBill)[];
}

/**
 * What X would bill, on its own side: in memory, since a bill is for comparing. Posts and users are
 * billed once a UTC day.
 */
export function createXBills(clock: Clock): XBills {
  const bills = new Map<string, XBill>();
  const seen = new Map<string, Set<string>>();
  const add = (handle: string, item: Item, count: number) => {
    if (count === 0) return;
    const bill = bills.get(handle) ?? { microUsd: 0, counts: {} };
    bills.set(handle, {
      microUsd: bill.microUsd + count * prices[item],
      counts: { ...bill.counts, [item]: (bill.counts[item] ?? 0) + count },
    });
  };
  /** How many of these were not billed today yet. */
  const takeNew = (handle: string, resources: string[]): number => {
    const today = `${handle} ${new Date(clock.now()).toISOString().slice(0, 10)}`;
    const known = seen.get(today) ?? new Set<string>();
    seen.set(today, known);
    const before = known.size;
    for (const one of resources) known.add(one);
    return known.size - before;
  };
  return {
    charge(person, route, { request, answer }) {
      if (answer.status >= 300) return;
      const action = actions[route];
      if (action) return add(person.handle, action(parseJson(request.body)), 1);
      if (!route.startsWith('GET ') || route.includes('/media/')) return;
      const { posts, users } = resourcesIn(parseJson(answer.body));
      const isOwned =
        /^GET \/2\/users\/:id\/(tweets|mentions)$/.test(route) &&
        request.params.id === personId(person) &&
        person.ownsApp !== false;
      add(person.handle, isOwned ? 'ownedRead' : 'read', takeNew(person.handle, posts));
      add(person.handle, 'user', takeNew(person.handle, users));
    },
    of: (handle) => bills.get(handle) ?? { microUsd: 0, counts: {} },
    all: () => [...bills].map(([account, bill]) => ({ account, ...bill })),
  };
}

const actions: Record<string, (body: unknown) => Item> = {
  'POST /2/tweets': (body) =>
    isObject(body) && findXLinks(String(body.text ?? '')).length > 0 ? 'createdWithUrl' : 'created',
  'POST /2/users/:id/retweets': () => 'interaction',
  'DELETE /2/tweets/:id': () => 'deleted',
  'POST /2/media/metadata': () => 'mediaMetadata',
};

function resourcesIn(body: unknown): { posts: string[]; users: string[] } {
  const { data, includes } = isObject(body) ? body : {};
  const things = [data, ...(isObject(includes) ? Object.values(includes) : [])]
    .flat()
    .filter(isObject);
  const named = (isUser: boolean) =>
    things
      .filter((one) => 'username' in one === isUser)
      .map(({ id }) => `${isUser ? 'user' : 'post'} ${String(id)}`);
  return { posts: named(false), users: named(true) };
}
