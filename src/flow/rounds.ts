import { hour, minute, second } from '../core/time.ts';
import type { AlarmKind } from '../ports/alarms.ts';
import { type ClockGuard, openClockGuard } from './clock-guard.ts';
import type { Context } from './context.ts';
import { readAccount } from './facts.ts';
import { lookAtFeed } from './ingest/look-at-feed.ts';
import { rescan } from './ingest/scan.ts';
import { type KeyedLock, openKeyedLock } from './keyed-lock.ts';
import { lookAtPeople } from './measure/find-replies.ts';
import { type Looking, measureDue, setMeasureAlarm } from './measure/measure.ts';
import { tellWhenDry } from './notify/dry-queue.ts';
import { queueMissingRuns } from './plan/evergreen.ts';
import { planAccount } from './plan/plan.ts';
import { learnPace } from './plan/weekly-lesson.ts';
import { checkAccount } from './release/meet-account.ts';
import { findLeft, type Observed, reconcile } from './release/reconcile.ts';
import { continueCorrected } from './release/rest-of-thread.ts';
import { releaseDue, type Signals } from './release/release.ts';

const accountsEvery = 10 * minute;
const heldAccountsEvery = minute;
const planEvery = hour;
const handOnAfter = 10 * second;

/**
 * What a running service does when an alarm rings or a sweep is due; one thing at a time for each
 * account.
 */
export interface Rounds {
  planAll(): Promise<void>;
  release(account: string): Promise<void>;
  reconcile(delivery: string): Promise<void>;
  rescan(): Promise<void>;
  lookAtFeed(url: string): Promise<void>;
  measure(account: string): Promise<void>;
  checkAccounts(): Promise<void>;
  /** Sets right whatever the alarms have missed. */
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
  /** On the monotonic clock. */
  checkedAt: number;
  plannedAt: number;
}

const namesOf = ({ context }: RoundsMemory) => context.settings.accounts.map(({ name }) => name);

export function openRounds(context: Context, signals: Signals, isAlone: boolean): Rounds {
  const exclusively = openKeyedLock();
  const names = context.settings.accounts.map(({ name }) => name);
  const memory: RoundsMemory = {
    context,
    signals,
    isAlone,
    exclusively,
    inHand: new Set(),
    observed: new Map(),
    guard: openClockGuard(context),
    looking: new Map(names.map((name) => [name, { until: 0, failures: 0 }])),
    checkedAt: -Infinity,
    plannedAt: -Infinity,
  };
  return {
    planAll: () => planAll(memory),
    checkAccounts: () => checkAccounts(memory),
    release: (account) => release(memory, account),
    reconcile: (id) => reconcileOne(memory, id),
    rescan: () => scan(memory),
    measure: (account) => measure(memory, account),
    lookAtFeed: (url) => readFeed(memory, url),
    sweep: () => sweep(memory),
    idle: () => exclusively.idle(),
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
  alarms.set(kind, id, clock.now() + handOnAfter);

async function planAll(memory: RoundsMemory): Promise<void> {
  const { context } = memory;
  if (isHolding(memory)) return;
  memory.plannedAt = context.clock.monotonic();
  await learnPace(context);
  for (const name of namesOf(memory)) {
    await withAccount(memory, name, () => planAccount(context, name));
    await tellWhenDry(context, name);
  }
}

async function checkAccounts(memory: RoundsMemory): Promise<void> {
  const { context, signals } = memory;
  memory.checkedAt = context.clock.monotonic();
  const wasHeld = isHolding(memory);
  for (const name of namesOf(memory)) await checkAccount(context, name, signals.cutOff);
  if (wasHeld && !isHolding(memory)) await planAll(memory);
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
    if (await hasReleased(context, account)) await lookAtPeople(context, account, signals.cutOff);
    await setMeasureAlarm(context, account, looking);
  });
}

async function hasReleased({ store }: Context, account: string): Promise<boolean> {
  const found = await store.listDeliveries({
    account,
    states: ['released'],
    order: '-startedAt',
    limit: 1,
  });
  return found.length > 0;
}

function scan(memory: RoundsMemory): Promise<void> {
  const { context } = memory;
  const { alarms, clock, timing } = context;
  return memory.exclusively('rescan', async () => {
    if (isHolding(memory)) return handOn(memory, 'rescan', 'folder');
    const { hasChanged, isUnsettled } = await rescan(context);
    const nextIn = isUnsettled ? second : timing.rescanEvery;
    await alarms.set('rescan', 'folder', clock.now() + nextIn);
    if (hasChanged) await continueCorrected(context);
    if (hasChanged) await planAll(memory);
  });
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
  const { context, signals, observed, inHand, isAlone } = memory;
  const { clock, log } = context;
  const isSuspect = memory.guard.hasJumped() || isHolding(memory);
  if (isSuspect || clock.monotonic() - memory.checkedAt > (await accountsDueIn(context)))
    await checkAccounts(memory);
  if (isHolding(memory)) return;
  for (const left of await findLeft(context, observed, { inHand, isAlone }))
    await withAccount(memory, left.account, () => reconcile(context, left.id, signals.cutOff));
  if (clock.monotonic() - memory.plannedAt >= planEvery) {
    await queueMissingRuns(context);
    await planAll(memory);
  }
  for (const name of namesOf(memory)) await release(memory, name);
  // Not waited for: the next sweep is about releases again.
  for (const name of namesOf(memory))
    measure(memory, name).catch((error: unknown) =>
      log.warn(`measuring ${name} did not work: ${String(error)}`),
    );
}

/** Held accounts are asked often whether they are well again, the others now and then. */
async function accountsDueIn({ store, settings }: Context): Promise<number> {
  const facts = await Promise.all(settings.accounts.map(({ name }) => readAccount(store, name)));
  const isWell = facts.every(
    ({ heldBecause, identity }) => heldBecause === undefined && identity !== undefined,
  );
  return isWell ? accountsEvery : heldAccountsEvery;
}
