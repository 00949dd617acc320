import { Agenda, type Job } from 'agenda';
import { minute } from '../core/time.ts';
import { alarmKinds, type Alarm, type AlarmKind, type Alarms } from '../ports/alarms.ts';
import { type Clock, reallyFor } from '../ports/clock.ts';
import { openAlarmStore, type AlarmStore, type OpenAlarmStore } from './alarm-store.ts';
import { withWakeUps, type WakingBackend } from './wake-up.ts';

export interface AlarmOptions {
  store: AlarmStore;
  /**
   * Stable over restarts and different for each process: at a start, jobs that are still locked by
   * this name are unlocked.
   */
  worker: string;
  clock: Clock;
  /** A handler's error, or trouble with the alarms' store. */
  report?: (error: Error) => void;
}

type Handle = (alarm: Alarm, signal: AbortSignal) => Promise<void>;
type Data = Pick<Alarm, 'id' | 'at'>;

/** Another worker may take the alarm after this; a running handler renews its lock before. */
const lockLifetime = 90 * 1000;
/** Nothing that an alarm starts takes this long; a handler that hangs must free its place. */
const handlerLimit = 10 * minute;
const concurrency = 10;

/** Alarms on Agenda. A job carries only an id; the store knows what is to be done. */
export async function openAlarms({
  store,
  worker,
  clock,
  report = () => undefined,
}: AlarmOptions): Promise<Alarms> {
  const opened = await openAlarmStore(store, report);
  await opened.freeLocks(worker, Date.now());
  const backend = withWakeUps(opened.backend);
  const agenda = new Agenda({
    backend,
    name: worker,
    processEvery: opened.scanEvery,
    defaultConcurrency: concurrency,
    maxConcurrency: concurrency * alarmKinds.length,
    defaultLockLimit: 3 * concurrency,
    defaultLockLifetime: lockLifetime,
    removeOnComplete: true,
  });
  agenda.on('error', (error) => {
    if (!isCancelled(error)) report(error);
  });
  await agenda.ready;
  return toAlarms({ agenda, backend, opened, clock, report });
}

/** Agenda reports this where an alarm was cancelled after it had been fetched: it does not ring. */
const isCancelled = (error: unknown) =>
  error instanceof Error && /cannot be updated/.test(error.message);

interface Parts {
  agenda: Agenda;
  backend: WakingBackend;
  opened: OpenAlarmStore;
  clock: Clock;
  report: (error: Error) => void;
}

function toAlarms(parts: Parts): Alarms {
  const { agenda, backend } = parts;
  const stopping = new AbortController();
  const turns = inTurns();
  const inHand = new Set<Promise<void>>();
  const set: Alarms['set'] = (kind, id, at) =>
    turns(`${kind} ${id}`, () => replaceAlarm(parts, { kind, id, at }));
  const begin = (kind: AlarmKind, job: Job<Data>, handle: Handle): Promise<void> => {
    const alarm: Alarm = { kind, id: job.attrs.data.id, at: job.attrs.data.at };
    // Fetched before the stop, begun after it: it is kept for the next start.
    const work = stopping.signal.aborted
      ? set(kind, alarm.id, alarm.at)
      : ring({ alarm, job, handle, stopping: stopping.signal, report: parts.report });
    return tracked(inHand, work);
  };
  const stop = once(async () => {
    stopping.abort();
    // Where the store cannot be reached, what is locked there rings again when the locks expire.
    await endAlarms(parts, inHand).catch((error: unknown) =>
      parts.report(error instanceof Error ? error : new Error(String(error))),
    );
  });
  return {
    set,
    cancel: (kind, id) =>
      turns(`${kind} ${id}`, async () => void (await agenda.cancel({ name: kind, data: { id } }))),
    start: async (handle) => {
      for (const kind of alarmKinds) {
        agenda.define<Data>(kind, (job) => begin(kind, job, handle));
        // More may be due than one scan fetches: each end makes room for the next.
        agenda.on(`complete:${kind}`, () => setImmediate(() => backend.wake(kind)));
      }
      await agenda.start();
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

async function replaceAlarm({ agenda, clock }: Parts, { kind, id, at }: Alarm): Promise<void> {
  await agenda.cancel({ name: kind, data: { id } });
  // Agenda uses the machine's clock: an alarm in the future by our clock must not be in the past by
  // that one, or it would ring at once, again and again.
  const ringAt = new Date(Date.now() + Math.max(0, reallyFor(clock, at - clock.now())));
  await agenda.create(kind, { id, at }).schedule(ringAt).save();
}

interface Ringing {
  alarm: Alarm;
  job: Job<Data>;
  handle: Handle;
  stopping: AbortSignal;
  report: (error: Error) => void;
}

/** Never rejects, since a failed job would stay in Agenda's store. */
async function ring({ alarm, job, handle, stopping, report }: Ringing): Promise<void> {
  const limit = new AbortController();
  // Held by its timer; AbortSignal.timeout within AbortSignal.any may be collected and never fire
  // (nodejs/node#57736).
  const timer = setTimeout(() => limit.abort(), handlerLimit);
  const renewing = setInterval(() => void job.touch().catch(() => undefined), lockLifetime / 3);
  try {
    await handle(alarm, AbortSignal.any([stopping, limit.signal]));
  } catch (error) {
    report(error instanceof Error ? error : new Error(String(error)));
  } finally {
    clearInterval(renewing);
    clearTimeout(timer);
  }
}

/** Agenda's own stop does not wait, and its drain leaves what it has fetched locked. */
async function endAlarms(
  { agenda, backend, opened }: Parts,
  inHand: ReadonlySet<Promise<void>>,
): Promise<void> {
  const unlocked = agenda.stop(false);
  unlocked.catch(() => undefined);
  // A handler that ends writes to the alarms' store, and what it writes may let another one begin.
  do {
    await Promise.allSettled(inHand);
    await backend.settle();
  } while (inHand.size > 0);
  backend.dispose();
  try {
    await unlocked;
  } finally {
    await opened.close();
  }
}

function tracked(inHand: Set<Promise<void>>, work: Promise<void>): Promise<void> {
  inHand.add(work);
  return work.finally(() => inHand.delete(work));
}

function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => (done ??= work());
}

/** Serializes the work on each key: two calls of `set` at once would leave two alarms. */
function inTurns(): (key: string, work: () => Promise<void>) => Promise<void> {
  const last = new Map<string, Promise<void>>();
  return async (key, work) => {
    const mine = (last.get(key) ?? Promise.resolve()).catch(() => undefined).then(work);
    last.set(key, mine);
    try {
      await mine;
    } finally {
      if (last.get(key) === mine) last.delete(key);
    }
  };
}
