import type { Delivery } from '../core/delivery/delivery.ts';
import { hour, second } from '../core/time.ts';
import type { AlarmKind } from '../ports/alarms.ts';
import { type ClockGuard, openClockGuard } from './clock-guard.ts';
import type { Context } from './context.ts';
import { inPatience } from './in-patience.ts';
import { reportError } from './report-error.ts';
import { forgetOld } from './forget-old.ts';
import { lookAtFeed } from './ingest/look-at-feed.ts';
import { rescan } from './ingest/scan.ts';
import { type KeyedLock, openKeyedLock } from './keyed-lock.ts';
import { lookAtPeople, mayBeAnswered } from './measure/find-replies.ts';
import { type Looking, measureDue, setMeasureAlarm } from './measure/measure.ts';
import { tellWhenDry } from './notify/dry-queue.ts';
import { queueMissingRuns } from './plan/evergreen.ts';
import { planAccount } from './plan/plan.ts';
import { openLearning } from './plan/learn-beside.ts';
import { accountsDueIn, tellTrouble } from './release/account-trouble.ts';
import { lookAtAccount } from './release/meet-account.ts';
import { judgeNetworkClocks } from './release/network-clocks.ts';
import { findLeft, type Observed, reconcile } from './release/reconcile.ts';
import { continueCorrected } from './release/rest-of-thread.ts';
import { openPeopleRounds, type PeopleRounds } from './people/people-rounds.ts';
import { uploadAhead } from './uploads/upload-ahead.ts';
import { releaseDue, type Signals } from './release/release.ts';
import { onClock } from '../ports/clock.ts';

const planEvery = hour;
const handOnAfter = 10 * second;

/**
 * What a running service does when an alarm rings or a sweep is due; one thing at a time for each
 * account.
 */
export interface Rounds {
  planAll(): Promise<void>;
  /** Plans, and publishes what is due; waits for no account that is busy. */
  hurry(): Promise<void>;
  release(account: string): Promise<void>;
  reconcile(delivery: string): Promise<void>;
  rescan(): Promise<void>;
  lookAtFeed(url: string): Promise<void>;
  measure(account: string): Promise<void>;
  /** What an alarm of sequences is for: a medium, or the enrolments. */
  people(id: string): Promise<void>;
  /** Sends ahead what moves, and looks how far it is. */
  upload(account: string): Promise<void>;
  checkAccounts(): Promise<void>;
  /** Sets right whatever the alarms have missed; what it begins goes on after it. */
  sweep(): Promise<void>;
  /** Resolves when nothing is in hand. */
  idle(): Promise<void>;
}

/** What the rounds of one process remember between them. */
interface RoundsMemory {
  context: Context;
  signals: Signals;
  /** No other process serves this store. */
  isAlone: boolean;
  /** One thing at a time for each key: an account, its measuring, the folder, a feed. */
  exclusively: KeyedLock;
  /** Accounts that something is being done on. */
  inHand: Set<string>;
  observed: Observed;
  guard: ClockGuard;
  looking: ReadonlyMap<string, Looking>;
  learn: () => Promise<void>;
  people: PeopleRounds;
  /** What nothing waits for, with its name. */
  background: Map<Promise<unknown>, string>;
  /** On the monotonic clock. */
  checkedAt: number;
  plannedAt: number;
  forgotAt: number;
}

const namesOf = (one: { context: Context }) =>
  one.context.settings.accounts.map(({ name }) => name);

export function openRounds(context: Context, signals: Signals, isAlone: boolean): Rounds {
  const exclusively = openKeyedLock();
  const background = new Map<Promise<unknown>, string>();
  const memory: RoundsMemory = {
    context,
    signals,
    isAlone,
    exclusively,
    inHand: new Set(),
    observed: new Map(),
    guard: openClockGuard(context),
    looking: new Map(namesOf({ context }).map((name) => [name, { until: 0, failures: 0 }])),
    learn: openLearning(context, { background, stopping: signals.stopping }),
    people: openPeopleRounds(context.people, { signal: signals.stopping, isAlone }),
    background,
    checkedAt: -Infinity,
    plannedAt: -Infinity,
    forgotAt: -Infinity,
  };
  return {
    planAll: () => planAll(memory),
    checkAccounts: () => checkAccounts(memory),
    release: (account) => release(memory, account),
    reconcile: (id) => reconcileOne(memory, id),
    rescan: () => scan(memory),
    measure: (account) => measure(memory, account),
    upload: (account) => upload(memory, account),
    people: async (id) => (isHolding(memory) ? undefined : memory.people.ring({ id })),
    lookAtFeed: (url) => readFeed(memory, url),
    sweep: () => sweep(memory),
    idle: async () => {
      await Promise.allSettled([exclusively.idle(), ...background.keys()]);
      await exclusively.idle();
      await memory.people.idle();
    },
    hurry: () => hurry(memory),
  };
}

function withAccount(
  memory: RoundsMemory,
  account: string,
  work: () => Promise<void>,
): Promise<void> {
  return memory.exclusively(account, async () => {
    memory.inHand.add(account);
    try {
      await work();
    } finally {
      memory.inHand.delete(account);
    }
  });
}

/**
 * A machine that holds decides nothing: its plan would be as wrong as its clock. It hands alarms
 * on, which may have been meant for another.
 */
const isHolding = ({ context }: RoundsMemory) => context.hold.because !== undefined;

const handOn = ({ context: { alarms, clock } }: RoundsMemory, kind: AlarmKind, id: string) =>
  alarms.set(kind, id, clock.now() + onClock(clock, handOnAfter));

/** Waits for no account that is busy, as with a network that hangs: it comes last. */
async function planEach(
  memory: RoundsMemory,
  afterEach: (account: string) => Promise<void> = async () => undefined,
): Promise<{ rest: Promise<unknown> }> {
  const { context, exclusively } = memory;
  if (isHolding(memory)) return { rest: Promise.resolve() };
  memory.plannedAt = context.clock.monotonic();
  await memory.learn();
  const later: Promise<void>[] = [];
  for (const name of namesOf(memory)) {
    const isBusy = exclusively.isBusy(name);
    const planned = planOne(memory, name);
    if (!isBusy) await planned;
    later.push(planned.then(() => afterEach(name)));
  }
  const rest = Promise.all(later);
  // Whoever does not wait for it has it reported elsewhere.
  rest.catch(() => undefined);
  return { rest };
}

async function planOne(memory: RoundsMemory, name: string): Promise<void> {
  const { context } = memory;
  await withAccount(memory, name, () => planAccount(context, name));
  await tellWhenDry(context, name);
}

async function planAll(memory: RoundsMemory): Promise<void> {
  const { rest } = await planEach(memory);
  await rest;
}

/** A command wants something: everything is planned and what is due goes out. */
async function hurry(memory: RoundsMemory): Promise<void> {
  const { rest } = await planEach(memory, (name) => release(memory, name));
  inBackground(memory, 'hurry', () => rest);
  inBackground(memory, 'people', async () => memory.people.sweep());
}

/** Reported where it fails, and waited for at the end. Nothing where the same is under way. */
function inBackground(memory: RoundsMemory, key: string, work: () => Promise<unknown>): void {
  const { background, context } = memory;
  const running = work()
    .catch((error: unknown) => reportError(context, 'a round', error))
    .finally(() => background.delete(running));
  background.set(running, key);
}

const isUnderWay = ({ background }: RoundsMemory, key: string) =>
  [...background.values()].includes(key);

/**
 * All accounts at once. It waits for a while, and goes on with what has answered by then: a network
 * that hangs delays no other.
 */
async function checkAccounts(memory: RoundsMemory): Promise<void> {
  const { context, signals } = memory;
  memory.checkedAt = context.clock.monotonic();
  const checks = namesOf(memory).map((name) => checkOne(memory, name));
  const all = Promise.all(checks);
  const isAnswered = await inPatience(all, context.timing.meetFor, signals.stopping);
  if (!isAnswered)
    inBackground(memory, 'late checks', async () => {
      await all;
      await judge(memory);
    });
  await judge(memory);
}

async function checkOne(memory: RoundsMemory, name: string): Promise<void> {
  const { context, signals } = memory;
  const key = `check ${name}`;
  if (memory.exclusively.isBusy(key)) return;
  await memory.exclusively(key, () => lookAtAccount(context, name, signals.cutOff));
}

async function judge(memory: RoundsMemory): Promise<void> {
  if (await judgeNetworkClocks(memory.context)) await planAll(memory);
}

async function release(memory: RoundsMemory, account: string): Promise<void> {
  const { context, signals, guard } = memory;
  if (guard.hasJumped()) await checkAccounts(memory);
  if (isHolding(memory)) return handOn(memory, 'release', account);
  await withAccount(memory, account, () => releaseDue(context, account, signals));
}

/** Apart from releases: a network that is slow to tell numbers must not hold up what is due. */
function measure(memory: RoundsMemory, account: string): Promise<void> {
  const { context, signals } = memory;
  return memory.exclusively(`measure ${account}`, async () => {
    const looking = memory.looking.get(account);
    if (isHolding(memory) || !looking) return;
    await measureDue(context, account, {
      looking,
      signal: signals.cutOff,
      withAccount: (work) => withAccount(memory, account, work),
    });
    if (await mayBeAnswered(context, account)) await lookAtPeople(context, account, signals.cutOff);
    await setMeasureAlarm(context, account, looking);
  });
}

/** Apart from releases: a large file holds up nothing else. */
function upload(memory: RoundsMemory, account: string): Promise<void> {
  const { context, signals } = memory;
  return memory.exclusively(`upload ${account}`, async () => {
    if (!isHolding(memory)) await uploadAhead(context, account, signals.stopping);
  });
}

async function scan(memory: RoundsMemory): Promise<void> {
  const { context } = memory;
  const { alarms, clock, timing } = context;
  const hasChanged = await memory.exclusively('rescan', async () => {
    if (isHolding(memory)) return handOn(memory, 'rescan', 'folder').then(() => false);
    const found = await rescan(context);
    const nextIn = found.isUnsettled ? second : timing.rescanEvery;
    await alarms.set('rescan', 'folder', clock.now() + onClock(clock, nextIn));
    if (found.hasChanged) await continueCorrected(context);
    return found.hasChanged;
  });
  if (await context.people?.refresh()) await memory.people.reread();
  // The next scan does not wait for an account that is busy.
  if (hasChanged) await planAll(memory);
}

async function reconcileOne(memory: RoundsMemory, id: string): Promise<void> {
  const { context, signals } = memory;
  const left = await context.store.findDelivery(id);
  if (left) await withAccount(memory, left.account, () => reconcile(context, id, signals.cutOff));
}

async function readFeed(memory: RoundsMemory, url: string): Promise<void> {
  const { context, signals } = memory;
  if (isHolding(memory)) return handOn(memory, 'feed', url);
  const feed = context.feeds.find((one) => one.url === url);
  if (!feed) return;
  const hasNew = await memory.exclusively(`feed ${url}`, () =>
    lookAtFeed(context, feed, signals.cutOff),
  );
  if (hasNew) await planAll(memory);
}

async function sweep(memory: RoundsMemory): Promise<void> {
  const { context, observed, inHand, isAlone } = memory;
  const { clock } = context;
  const isSuspect = memory.guard.hasJumped() || isHolding(memory);
  if (isSuspect || clock.monotonic() - memory.checkedAt > (await accountsDueIn(context)))
    await checkAccounts(memory);
  if (isHolding(memory)) return;
  const left = await findLeft(context, observed, { inHand, isAlone });
  const byAccount = Map.groupBy(left, ({ account }) => account);
  if (clock.monotonic() - memory.plannedAt >= planEvery) {
    await queueMissingRuns(context);
    const { rest } = await planEach(memory);
    inBackground(memory, 'plan', () => rest);
  }
  if (clock.monotonic() - memory.forgotAt >= planEvery) {
    memory.forgotAt = clock.monotonic();
    inBackground(memory, 'forget', () => forgetOld(context, memory.signals.stopping));
  }
  inBackground(memory, 'people', async () => memory.people.sweep());
  // None is waited for: one network that hangs delays no other, nor the next sweep.
  for (const name of new Set([...namesOf(memory), ...byAccount.keys()])) {
    if (!isUnderWay(memory, name))
      inBackground(memory, name, () => sweepAccount(memory, name, byAccount.get(name) ?? []));
    if (!memory.exclusively.isBusy(`measure ${name}`))
      inBackground(memory, `measure ${name}`, () => measure(memory, name));
    if (!memory.exclusively.isBusy(`upload ${name}`))
      inBackground(memory, `upload ${name}`, () => upload(memory, name));
  }
}

async function sweepAccount(
  memory: RoundsMemory,
  name: string,
  left: readonly Delivery[],
): Promise<void> {
  const { context, signals } = memory;
  for (const { id } of left)
    if (!signals.stopping.aborted)
      await withAccount(memory, name, () => reconcile(context, id, signals.cutOff));
  if (!signals.stopping.aborted) await release(memory, name);
  await tellTrouble(context, name);
}
