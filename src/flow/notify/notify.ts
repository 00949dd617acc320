import { setTimeout as delay } from 'node:timers/promises';
import type { Window } from '../../core/schedule/cadence.ts';
import type { JournalEntry } from '../../core/journal.ts';
import { type Instant, localMinutes, minute, second, toIso } from '../../core/time.ts';
import { within } from '../../ports/deadline.ts';
import type { Notice, NoticeChannel } from '../../ports/notice-channel.ts';
import type { Fact } from '../../ports/store.ts';
import { type Context, makeEntry } from '../context.ts';
import { sendOrPlain } from './notify-refused.ts';
import { openStoreWatch } from './store-watch.ts';
import {
  openRefusals,
  type Refusals,
  tellInTurn,
  toGivenUp,
  toRefusedEntry,
} from './notify-stuck.ts';
import { isMuted } from './notify-mute.ts';
import { isForOperators, isUrgent, noticeTypes } from './notify-pick.ts';

export interface NoticeOptions {
  /** Hours of the day in which only what cannot wait is sent. */
  quiet?: Window[];
  /** Milliseconds between looks at the journal. */
  every?: number;
  /** Milliseconds within which notices are batched. */
  groupFor?: number;
}

type Notifying = Pick<Context, 'store' | 'clock' | 'settings' | 'log' | 'hold' | 'worker'>;

/**
 * How far a channel has come. What is newer than `at` was not sent; of what is up to `overlap`
 * older, `sent` tells.
 */
interface Cursor {
  /** Nothing older is sent. */
  since: Instant;
  at: Instant;
  sent: Record<string, Instant>;
  /** Who is sending now, where several processes share the work. */
  lease?: { by: string; until: Instant };
}

/** Entries of other processes may come so late. */
const overlap = 10 * minute;
const sendFor = 20 * second;
const leaseFor = minute;
const longestBackOff = 5 * minute;
/** After so many in ten minutes the next are gathered for two. */
const manyAt = { count: 5, within: 10 * minute, gatherFor: 2 * minute };

/**
 * Tells each channel what operators have to hear: at least once, together where it comes together,
 * and never a flood.
 */
export async function startNotices(
  context: Notifying,
  channels: readonly NoticeChannel[],
  options: NoticeOptions = {},
): Promise<AsyncDisposable> {
  const stopping = new AbortController();
  const { signal } = stopping;
  const every = options.every ?? second;
  // Whatever happens from here on is heard, also by a channel that is new.
  for (const channel of channels)
    await readCursor(context, channel.name).catch((error: unknown) =>
      report(context, channel.name, error),
    );
  const loops = channels.map((channel) =>
    repeat(openRound(context, channel, { ...options, signal }), every, signal),
  );
  if (channels.length)
    loops.push(
      repeat(openHoldWatch(context), every, signal),
      repeat(openStoreWatch(context, channels, signal), every, signal),
    );
  return {
    [Symbol.asyncDispose]: async () => {
      stopping.abort();
      await Promise.allSettled(loops);
    },
  };
}

async function repeat(
  round: () => Promise<void>,
  every: number,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await round();
    await delay(every, undefined, { signal }).catch(() => undefined);
  }
}

function report({ log }: Notifying, name: string, error: unknown) {
  const why = error instanceof Error ? error.message : String(error);
  log.warn(`notices to ${name} did not arrive: ${why}. They are sent as soon as it can be reached`);
}

/** A channel that is down is asked ever more rarely, and told of once. */
function openRound(
  context: Notifying,
  channel: NoticeChannel,
  { signal, ...options }: NoticeOptions & { signal: AbortSignal },
): () => Promise<void> {
  const { clock } = context;
  let [failures, nextAt] = [0, -Infinity];
  let sends: number[] = [];
  const refusals = openRefusals();
  const send = async (notice: Notice) => {
    await sendOrPlain(notice, (form) =>
      within({ signal, limitFor: sendFor }, (inTime) => channel.send(form, inTime)),
    );
    sends = [...sends.filter((at) => at > clock.monotonic() - manyAt.within), clock.monotonic()];
    failures = 0;
  };
  const isBusy = () =>
    sends.length >= manyAt.count &&
    clock.monotonic() - (sends.at(-1) ?? -Infinity) < manyAt.gatherFor;
  return async () => {
    if (clock.monotonic() < nextAt) return;
    try {
      await tellNew(context, channel.name, { ...options, isGathering: isBusy(), send, refusals });
    } catch (error) {
      if (signal.aborted) return;
      if (failures === 0) report(context, channel.name, error);
      failures++;
      nextAt = clock.monotonic() + Math.min(longestBackOff, second * 2 ** failures);
    }
  };
}

interface Telling extends NoticeOptions {
  /** Much is sent just now: only what is urgent goes out before the rest is gathered. */
  isGathering: boolean;
  send: (notice: Notice) => Promise<void>;
  refusals: Refusals;
}

async function tellNew(
  context: Notifying,
  name: string,
  { quiet = [], groupFor = 3 * second, isGathering, ...sending }: Telling,
): Promise<void> {
  const { store, clock, settings } = context;
  const now = clock.now();
  const fact = await readCursor(context, name);
  const { since, at, sent, lease } = fact.value;
  if (lease && lease.by !== context.worker && lease.until > now && lease.until < now + 2 * leaseFor)
    return;
  const found = await store.listJournal({
    since: Math.max(since, at - overlap),
    types: noticeTypes,
  });
  const waiting = found.filter((entry) => isForOperators(entry) && sent[entry.id] === undefined);
  if (!waiting.length) return;
  const isQuiet = isWithin(quiet, localMinutes(now, settings.zone)) || (await isMuted(store, now));
  const ready = isQuiet || isGathering ? waiting.filter(isUrgent) : waiting;
  if (!ready.length || isStillComing(ready, now, groupFor)) return;
  const held = await putCursor(context, fact, {
    ...fact.value,
    lease: { by: context.worker, until: now + leaseFor },
  });
  if (held) await tellReady(context, held, { ...sending, name, ready, waiting });
}

interface Tellable extends Pick<Telling, 'send' | 'refusals'> {
  name: string;
  ready: JournalEntry[];
  waiting: JournalEntry[];
}

async function tellReady(
  context: Notifying,
  fact: Fact<Cursor>,
  { send, refusals, name, ready, waiting }: Tellable,
): Promise<void> {
  let held: Fact<Cursor> | undefined = fact;
  let left = waiting;
  const keep = async (told: readonly JournalEntry[]) => {
    refusals.forget(told);
    left = left.filter((entry) => !told.includes(entry));
    held &&= await putCursor(context, held, moved(held.value, told, left));
  };
  await tellInTurn(ready, {
    refusals,
    tell: async (notice) => {
      if (!held) return;
      await send(notice);
      await keep(notice.entries);
    },
    noteStuck: async (stuck, error) => {
      const about = toRefusedEntry(name, stuck, error);
      if (about) await context.store.appendJournal([makeEntry(context, 'notice', about)]);
    },
    giveUp: async (entry, error) => {
      context.log.warn(toGivenUp(name, entry, error));
      await keep([entry]);
    },
  });
}

const isWithin = (windows: readonly Window[], minutes: number) =>
  windows.some(({ from, to }) => minutes >= from && minutes < to);

/**
 * More may come, but no notice waits for long, not even when the clock was set back.
 */
function isStillComing(entries: JournalEntry[], now: Instant, groupFor: number): boolean {
  const ages = entries.map(({ at }) => Math.abs(now - at));
  return Math.min(...ages) < groupFor && Math.max(...ages) < 3 * groupFor;
}

function moved(
  { at: before, sent, ...rest }: Cursor,
  told: readonly JournalEntry[],
  left: readonly JournalEntry[],
): Cursor {
  const all = { ...sent, ...Object.fromEntries(told.map((entry) => [entry.id, entry.at])) };
  const at = Math.max(
    before,
    Math.min(...left.map((entry) => entry.at), Math.max(...Object.values(all))),
  );
  return {
    ...rest,
    at,
    sent: Object.fromEntries(Object.entries(all).filter(([, told]) => told >= at - overlap)),
  };
}

/** A channel's cursor is written with the revision that was read: two processes never both send. */
const cursorKey = (channel: string) => `notices:${channel}`;

async function readCursor({ store, clock }: Notifying, name: string): Promise<Fact<Cursor>> {
  const key = cursorKey(name);
  const fact = await store.findFact<Cursor>(key);
  if (fact) return fact;
  const now = clock.now();
  await store.putFact(key, { since: now, at: now, sent: {} } satisfies Cursor, 0);
  return (
    (await store.findFact<Cursor>(key)) ?? {
      key,
      value: { since: now, at: now, sent: {} },
      revision: 0,
    }
  );
}

/** Undefined: another process was faster. */
async function putCursor(
  { store }: Notifying,
  { key, revision }: Fact<Cursor>,
  value: Cursor,
): Promise<Fact<Cursor> | undefined> {
  return (await store.putFact(key, value, revision))
    ? { key, value, revision: revision + 1 }
    : undefined;
}

/**
 * A clock that is wrong holds this process alone, and stands in no delivery: it is written down
 * here.
 */
function openHoldWatch(context: Notifying): () => Promise<void> {
  const { store, clock, hold } = context;
  let told: string | undefined;
  return async () => {
    const { because } = hold;
    if (because === told) return;
    const text = because ?? 'the clock agrees with the networks again: publishing resumes';
    const date = toIso(clock.now()).slice(0, 10);
    const id = `clock:${date}:${because ?? `well:${clock.now()}`}`;
    try {
      await store.appendJournal([
        makeEntry(context, because === undefined ? 'notice' : 'held', { id, text }),
      ]);
      told = because;
    } catch {
      // Tried again in a moment; the service reports the store's own trouble.
    }
  };
}
