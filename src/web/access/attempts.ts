import { hour, minute, second } from '../../core/time.ts';
import type { Clock } from '../../ports/clock.ts';
import { openTurns } from './turns.ts';

/** This many wrong passwords are free. Each further one doubles the wait. */
const freeTries = 3;
const longestWait = 15 * minute;
const forgottenAfter = hour;
/** From all addresses together, in a minute, against someone who has many addresses. */
const mostInAll = 20;
const mostRemembered = 10_000;

interface Tries {
  count: number;
  lastAt: number;
  /** With those that were sent away. */
  knocks: number;
}

/** Who tries. */
export interface Knocker {
  /** The address, or the device if it has logged in before. */
  name: string;
  /** Has logged in before, so is not kept waiting by strangers. */
  isKnown: boolean;
  /** Aborted if the sender does not wait for the answer. */
  gone?: AbortSignal | undefined;
}

export interface Attempt {
  /** Milliseconds to wait, if it comes too early. */
  wait: number;
  /** The password was right. */
  succeed(): void;
}

export interface Attempts extends Disposable {
  /**
   * Counts an attempt as wrong. One that comes too early queues for a turn, so that a right
   * password gets in at any time: those who knocked least come first, and a full queue
   * sends away whoever knocked most.
   */
  begin(knocker: Knocker): Promise<Attempt>;
}

export function openAttempts(clock: Clock, turnEvery: number): Attempts {
  const tries = openTries(clock);
  const turns = openTurns(clock, turnEvery);
  let latest: { at: number }[] = [];
  const isFree = ({ name, isKnown }: Knocker) => {
    const now = clock.monotonic();
    latest = latest.filter(({ at }) => now - at < minute);
    return tries.waitOf(name) <= 0 && (isKnown || tries.isKnown(name) || latest.length < mostInAll);
  };
  return {
    async begin(knocker) {
      const { name, gone } = knocker;
      const begun = { at: clock.monotonic() };
      if (isFree(knocker)) latest.push(begun);
      else if (!(await turns.next({ name, tries: tries.knock(name), gone })))
        return { wait: turns.wait(), succeed: () => undefined };
      tries.add(name);
      return {
        wait: 0,
        succeed() {
          tries.forgive(name);
          latest = latest.filter((one) => one !== begun);
        },
      };
    },
    [Symbol.dispose]: () => turns.end(),
  };
}

function openTries(clock: Clock) {
  const tries = new Map<string, Tries>();
  // People who have logged in before are not kept out by the attempts of others.
  const known = new Set<string>();
  const read = (name: string): Tries => {
    const now = clock.monotonic();
    const before = tries.get(name);
    return before && now - before.lastAt < forgottenAfter
      ? before
      : { count: 0, knocks: 0, lastAt: now };
  };
  const keep = (name: string, value: Tries) => {
    tries.delete(name);
    tries.set(name, value);
    if (tries.size > mostRemembered) tries.delete(tries.keys().next().value ?? '');
  };
  return {
    /** Returns how often this one has knocked before. */
    knock(name: string) {
      const before = read(name);
      keep(name, { ...before, knocks: before.knocks + 1 });
      return before.count + before.knocks;
    },
    isKnown: (name: string) => known.has(name),
    waitOf(name: string) {
      const { count, lastAt } = read(name);
      return waitAfter(count) - (clock.monotonic() - lastAt);
    },
    add(name: string) {
      const before = read(name);
      keep(name, { ...before, count: before.count + 1, lastAt: clock.monotonic() });
    },
    forgive(name: string) {
      tries.delete(name);
      known.add(name);
    },
  };
}

const waitAfter = (count: number) =>
  count < freeTries ? 0 : Math.min(longestWait, second * 2 ** (count - freeTries));
