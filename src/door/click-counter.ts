import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import type { ClickCount, ClickKind } from '../core/clicks/click.ts';
import { burstLinks } from '../core/clicks/judge-click.ts';
import { day, hour, type Instant, minute, second } from '../core/time.ts';
import { type Clock, onClock } from '../ports/clock.ts';
import { within } from '../ports/deadline.ts';
import type { Store } from '../ports/store.ts';

export interface Hit {
  delivery: string;
  code: string;
  kind: ClickKind;
  /** Absent: a proxy hides it. */
  client?: Client | undefined;
}

export interface Client {
  address: string;
  agent: string;
}

export interface ClickCounter extends AsyncDisposable {
  hit(hit: Hit): void;
  /** Writes what is judged. A write that fails is kept for the next time. */
  flush(): Promise<void>;
}

export interface CounterParts {
  store: Pick<Store, 'putClicks'>;
  clock: Clock;
  warn(text: string): void;
  /** For so long the hits of a client are looked at together, in milliseconds. */
  burstFor?: number | undefined;
  flushEvery?: number | undefined;
}

const mostWaiting = 20_000;
const mostCounts = 100_000;
const mostPeople = 200_000;
const lastTryFor = 5 * second;

/**
 * Counts in memory and writes behind: each number only rises, and is written as it stands, so that
 * a write whose answer was lost can be made again.
 */
export function openClickCounter(parts: CounterParts): ClickCounter {
  const { clock, burstFor = 10 * second, flushEvery = 5 * second } = parts;
  const tally = openTally(parts);
  const bursts = openBursts(tally.add);
  const settle = (until: number) => bursts.settle(until);
  const timer = setInterval(
    () => {
      settle(clock.monotonic() - burstFor);
      void tally.flush();
    },
    Math.min(flushEvery, Math.max(50, burstFor)),
  ).unref();
  return {
    hit({ client, ...hit }) {
      const now = clock.now();
      const key = client && tally.keysOf(client, now);
      const settled = { ...hit, now, person: key?.network };
      if (hit.kind === 'machine' || key === undefined) tally.add(settled);
      else bursts.put({ ...settled, client: key.client, since: clock.monotonic() });
    },
    async flush() {
      settle(clock.monotonic() - burstFor);
      await tally.flush();
    },
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      settle(Infinity);
      const signal = new AbortController().signal;
      await within({ signal, limitFor: lastTryFor }, tally.flush).catch(() => undefined);
    },
  };
}

interface Settled {
  delivery: string;
  kind: ClickKind;
  now: Instant;
  /** Absent: nobody knows whether it is somebody new. */
  person: string | undefined;
}

interface Waiting extends Settled {
  code: string;
  client: string;
  since: number;
}

interface Recent {
  codes: Map<string, number>;
  hits: Set<Waiting>;
  isBurst: boolean;
}

/** A client that opens several links at once is told by what comes after: each hit waits for it. */
function openBursts(add: (hit: Settled) => void) {
  let waiting: Waiting[] = [];
  const clients = new Map<string, Recent>();
  return {
    put(hit: Waiting): void {
      if (waiting.length >= mostWaiting) return add(hit);
      const recent = clients.get(hit.client) ?? {
        codes: new Map(),
        hits: new Set(),
        isBurst: false,
      };
      clients.set(hit.client, recent);
      waiting.push(hit);
      recent.hits.add(hit);
      recent.codes.set(hit.code, (recent.codes.get(hit.code) ?? 0) + 1);
      if (recent.isBurst) hit.kind = 'unsure';
      else if (recent.codes.size >= burstLinks) {
        recent.isBurst = true;
        for (const one of recent.hits) one.kind = 'unsure';
      }
    },
    settle(until: number): void {
      const first = waiting.findIndex(({ since }) => since > until);
      const ready = first < 0 ? waiting : waiting.slice(0, first);
      if (ready.length === 0) return;
      waiting = first < 0 ? [] : waiting.slice(first);
      for (const hit of ready) {
        leave(clients, hit);
        add(hit);
      }
    },
  };
}

function leave(clients: Map<string, Recent>, hit: Waiting): void {
  const recent = clients.get(hit.client);
  if (!recent) return;
  recent.hits.delete(hit);
  const left = (recent.codes.get(hit.code) ?? 1) - 1;
  if (left > 0) recent.codes.set(hit.code, left);
  else recent.codes.delete(hit.code);
  if (recent.hits.size === 0) clients.delete(hit.client);
}

function openTally(parts: CounterParts) {
  const people = openPeople();
  const counts = openCounts(parts);
  return {
    keysOf: people.keysOf,
    add({ delivery, kind, now, person }: Settled): void {
      counts.raise(delivery, now - (now % hour), kind);
      if (kind === 'person' && person !== undefined && people.isNew(delivery, person))
        counts.raise(delivery, now - (now % day), 'unique');
    },
    flush: counts.flush,
  };
}

function openCounts({ store, clock, warn }: CounterParts) {
  const counter = randomUUID();
  const counts = new Map<string, ClickCount>();
  const unwritten = new Set<string>();
  let isWarned = false;
  let running: Promise<void> | undefined;
  const forget = () => {
    const before = clock.now() - Math.max(2 * hour, onClock(clock, minute));
    for (const [key, { at, kind }] of counts)
      if (!unwritten.has(key) && at + (kind === 'unique' ? day : 0) < before) counts.delete(key);
  };
  const write = async () => {
    const keys = [...unwritten];
    if (keys.length === 0) return;
    unwritten.clear();
    try {
      await store.putClicks(keys.flatMap((key) => counts.get(key) ?? []));
      isWarned = false;
      forget();
    } catch (error) {
      for (const key of keys) unwritten.add(key);
      if (!isWarned) warn(`clicks cannot be written yet, and are kept: ${String(error)}`);
      isWarned = true;
    }
  };
  return {
    raise(delivery: string, at: Instant, kind: ClickCount['kind']): void {
      const key = `${kind} ${at} ${delivery}`;
      if (counts.size >= mostCounts && !counts.has(key)) return;
      const count = counts.get(key)?.count ?? 0;
      counts.set(key, { delivery, at, kind, counter, count: count + 1 });
      unwritten.add(key);
    },
    async flush(): Promise<void> {
      await running;
      running = write().finally(() => (running = undefined));
      await running;
    },
  };
}

/** Nobody can be found again the day after: the secret of the day is in no file. */
function openPeople() {
  let today = -1;
  let secret = randomBytes(32);
  let size = 0;
  const seen = new Map<string, Set<string>>();
  const digest = (text: string) =>
    createHmac('sha256', secret).update(text).digest('base64').slice(0, 16);
  return {
    keysOf({ address, agent }: Client, now: Instant): { client: string; network: string } {
      const date = Math.floor(now / day);
      if (date !== today) {
        [today, secret, size] = [date, randomBytes(32), 0];
        seen.clear();
      }
      const network = address.replace(/^(\d+\.\d+\.\d+)\.\d+$/, '$1');
      return { client: digest(`${address} ${agent}`), network: digest(`/24 ${network} ${agent}`) };
    },
    isNew(delivery: string, person: string): boolean {
      const known = seen.get(delivery) ?? new Set();
      if (known.has(person) || size >= mostPeople) return false;
      seen.set(delivery, known.add(person));
      size += 1;
      return true;
    },
  };
}
