import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { openAlarms } from '../../src/jobs/open-alarms.ts';
import type { AlarmStore } from '../../src/jobs/alarm-store.ts';
import type { Alarm, Alarms } from '../../src/ports/alarms.ts';
import { makePlace } from '../store/kit.ts';

export const wallClock = { now: () => Date.now(), monotonic: () => performance.now() };

export interface AlarmPlace extends AsyncDisposable {
  store: AlarmStore;
  open(worker?: string, report?: (error: Error) => void): Promise<Alarms>;
}

export async function makeAlarmPlace(mongoUri?: string): Promise<AlarmPlace> {
  const place = await makePlace(mongoUri);
  const store: AlarmStore = place.target.uri
    ? { kind: 'mongodb', uri: place.target.uri }
    : { kind: 'sqlite', file: join(place.target.dataFolder, 'alarms.db') };
  return {
    store,
    open: (worker = 'worker', report) =>
      openAlarms({ store, worker, clock: wallClock, ...(report && { report }) }),
    [Symbol.asyncDispose]: () => place[Symbol.asyncDispose](),
  };
}

/** Remembers what was heard, and lets a test wait for it. */
export class Heard<T> {
  readonly all: T[] = [];
  #waiting: { isMet: () => boolean; resolve: () => void }[] = [];

  add(item: T): void {
    this.all.push(item);
    this.#waiting = this.#waiting.filter(({ isMet, resolve }) => !isMet() || resolve());
  }

  until(condition: (all: T[]) => boolean): Promise<void> {
    if (condition(this.all)) return Promise.resolve();
    return new Promise((resolve) =>
      this.#waiting.push({ isMet: () => condition(this.all), resolve }),
    );
  }

  count(number: number): Promise<void> {
    return this.until((all) => all.length >= number);
  }
}

export interface Rung extends Alarm {
  rangAt: number;
}

export function listenTo(heard: Heard<Rung>): (alarm: Alarm) => Promise<void> {
  return async (alarm) => heard.add({ ...alarm, rangAt: Date.now() });
}

export interface Ringer {
  child: ChildProcess;
  heard: Heard<string>;
  ended: Promise<unknown>;
}

/** A process of its own that rings; resolves once it has begun. */
export async function startRinger(
  store: AlarmStore,
  worker: string,
  holds = false,
): Promise<Ringer> {
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, 'children/ring.ts'), JSON.stringify({ store, worker, holds })],
    {
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  );
  const heard = new Heard<string>();
  createInterface({ input: child.stdout }).on('line', (line) => heard.add(line));
  const ended = new Promise((resolve) => child.once('exit', resolve));
  await heard.until((all) => all.includes('started'));
  return { child, heard, ended };
}
