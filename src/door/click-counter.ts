import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import type { ClickCount, ClickKind } from '../core/clicks/click.ts';
import { day, hour, type Instant, minute, second } from '../core/time.ts';
import { type Clock, onClock } from '../ports/clock.ts';
import { within } from '../ports/deadline.ts';
import type { Store } from '../ports/store.ts';
import { openBursts, type Waiting } from './bursts.ts';

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
  const bursts = openBursts<Settled & Waiting>(tally.add);
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
