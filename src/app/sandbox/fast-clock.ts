import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Instant, second } from '../../core/time.ts';
import type { Clock } from '../../ports/clock.ts';

/** A day of the sandbox takes 40 seconds. */
export const speed = 2160;

/** What stands in the file: an instant of the fast clock, and when that was. */
interface Mark {
  at: Instant;
  realAt: number;
  /** No instant behind this one has been told to anyone. */
  until: Instant;
}

export interface FastClock extends Clock, Disposable {}

const fileIn = (folder: string) => join(folder, 'clock.json');

export const hasFastClock = (folder: string): boolean => readMark(folder) !== undefined;

/** The clock stands until it is opened. */
export function setFastClock(folder: string, at: Instant): void {
  writeMark(folder, { at, realAt: Date.now(), until: at });
}

const ahead = second * speed;
const tick = second / 2;

/**
 * Runs from where it stopped; while no service runs it stands. The file is always ahead of what has
 * been told, so that after a kill it goes on behind every instant that was written somewhere.
 */
export function openFastClock(folder: string): FastClock {
  const startAt = readMark(folder)?.until ?? Date.now();
  const openedAt = performance.now();
  let until = -Infinity;
  let stoppedAt: Instant | undefined;
  const now = (): Instant => {
    if (stoppedAt !== undefined) return stoppedAt;
    const at = Math.floor(startAt + (performance.now() - openedAt) * speed);
    if (at <= until) return at;
    until = at + ahead;
    writeMark(folder, { at, realAt: Date.now(), until });
    return at;
  };
  now();
  // Whoever looks from outside has the same time, also while nothing happens here.
  const ticking = setInterval(() => {
    until = -Infinity;
    now();
  }, tick).unref();
  return {
    now,
    monotonic: () => performance.now(),
    speed,
    [Symbol.dispose]() {
      clearInterval(ticking);
      stoppedAt ??= now();
      setFastClock(folder, stoppedAt);
    },
  };
}

/** The same time for who looks from outside, beside a service or without one. */
export function readFastClock(folder: string): Clock {
  return {
    now() {
      const mark = readMark(folder);
      if (!mark) return Date.now();
      const passed = Math.max(0, Date.now() - mark.realAt);
      return Math.min(Math.floor(mark.at + passed * speed), mark.until);
    },
    monotonic: () => performance.now(),
    speed,
  };
}

function readMark(folder: string): Mark | undefined {
  try {
    const { at, realAt, until } = JSON.parse(readFileSync(fileIn(folder), 'utf8')) as Mark;
    return [at, realAt, until].every(Number.isFinite) ? { at, realAt, until } : undefined;
  } catch {
    return undefined;
  }
}

/** Whole or not at all. */
function writeMark(folder: string, mark: Mark): void {
  const file = fileIn(folder);
  writeFileSync(`${file}.part`, `${JSON.stringify(mark)}\n`, { mode: 0o600 });
  renameSync(`${file}.part`, file);
}
