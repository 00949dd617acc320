import { hour, minute, second } from '../core/time.ts';
import { checkAccount } from './release/meet-account.ts';
import { openClockGuard } from './clock-guard.ts';
import type { AlarmKind } from '../ports/alarms.ts';
import type { Context } from './context.ts';
import { readAccount } from './facts.ts';
import { tellWhenDry } from './notify/dry-queue.ts';
import { measureDue, type Looking, setMeasureAlarm } from './measure/measure.ts';
import { lookAtFeed } from './ingest/look-at-feed.ts';
import { openKeyedLock } from './keyed-lock.ts';
import { learnPace } from './plan/weekly-lesson.ts';
import { lookAtPeople } from './measure/find-replies.ts';
import { queueMissingRuns } from './plan/evergreen.ts';
import { planAccount } from './plan/plan.ts';
import { findLeft, type Observed, reconcile } from './release/reconcile.ts';
import { releaseDue, type Signals } from './release/release.ts';
import { rescan } from './ingest/scan.ts';

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

export function openRounds(context: Context, signals: Signals, isAlone: boolean): Rounds {
  const { store, clock, alarms, settings, timing } = context;
  const exclusively = openKeyedLock();
  const inHand = new Set<string>();
  const observed: Observed = new Map();
  const guard = openClockGuard(context);
  const names = settings.accounts.map(({ name }) => name);
  const looking = new Map<string, Looking>(names.map((name) => [name, { until: 0, failures: 0 }]));
  let checkedAt = -Infinity;
  let plannedAt = -Infinity;

  const withAccount = (account: string, work: () => Promise<void>) =>
    exclusively(account, async () => {
      inHand.add(account);
      try {
        await work();
      } finally {
        inHand.delete(account);
      }
    });

  // A machine that holds decides nothing: its plan would be as wrong as its clock. It hands alarms
  // on, which may have been meant for another.
  const isHolding = () => context.hold.because !== undefined;
  const handOn = (kind: AlarmKind, id: string) => alarms.set(kind, id, clock.now() + handOnAfter);

  const planAll = async () => {
    if (isHolding()) return;
    plannedAt = clock.monotonic();
    await learnPace(context);
    for (const name of names) {
      await withAccount(name, () => planAccount(context, name));
      await tellWhenDry(context, name);
    }
  };

  const checkAccounts = async () => {
    checkedAt = clock.monotonic();
    const wasHeld = context.hold.because;
    for (const name of names) await checkAccount(context, name, signals.cutOff);
    if (wasHeld !== undefined && context.hold.because === undefined) await planAll();
  };

  const release = async (account: string) => {
    if (guard.hasJumped()) await checkAccounts();
    if (isHolding()) return handOn('release', account);
    await withAccount(account, () => releaseDue(context, account, signals));
  };

  // Apart from releases: a network that is slow to tell numbers must not hold up what is due.
  const measure = (account: string) =>
    exclusively(`measure ${account}`, async () => {
      const its = looking.get(account);
      if (isHolding() || !its) return;
      await measureDue(context, account, {
        looking: its,
        signal: signals.cutOff,
        withAccount: (work) => withAccount(account, work),
      });
      if (await hasReleased(account)) await lookAtPeople(context, account, signals.cutOff);
      await setMeasureAlarm(context, account, its);
    });

  const hasReleased = async (account: string) =>
    (await store.listDeliveries({ account, states: ['released'], order: '-startedAt', limit: 1 }))
      .length > 0;

  const scan = () =>
    exclusively('rescan', async () => {
      if (isHolding()) return handOn('rescan', 'folder');
      const { hasChanged, isUnsettled } = await rescan(context);
      await alarms.set(
        'rescan',
        'folder',
        clock.now() + (isUnsettled ? second : timing.rescanEvery),
      );
      if (hasChanged) await planAll();
    });

  return {
    planAll,
    checkAccounts,
    release,
    rescan: scan,
    measure,
    async reconcile(id) {
      const left = await store.findDelivery(id);
      if (left) await withAccount(left.account, () => reconcile(context, id, signals.cutOff));
    },
    async lookAtFeed(url) {
      if (isHolding()) return handOn('feed', url);
      const feed = context.feeds.find((one) => one.url === url);
      if (
        feed &&
        (await exclusively(`feed ${url}`, () => lookAtFeed(context, feed, signals.cutOff)))
      )
        await planAll();
    },
    async sweep() {
      const isSuspect = guard.hasJumped() || isHolding();
      if (isSuspect || clock.monotonic() - checkedAt > (await accountsDueIn(context)))
        await checkAccounts();
      if (isHolding()) return;
      for (const left of await findLeft(context, observed, { inHand, isAlone })) {
        await withAccount(left.account, () => reconcile(context, left.id, signals.cutOff));
      }
      if (clock.monotonic() - plannedAt >= planEvery) {
        await queueMissingRuns(context);
        await planAll();
      }
      for (const name of names) await release(name);
      // Not waited for: the next sweep is about releases again.
      for (const name of names)
        measure(name).catch((error: unknown) =>
          context.log.warn(`measuring ${name} did not work: ${String(error)}`),
        );
    },
    idle: () => exclusively.idle(),
  };
}

/** Held accounts are asked often whether they are well again, the others now and then. */
async function accountsDueIn({ store, settings }: Context): Promise<number> {
  const facts = await Promise.all(settings.accounts.map(({ name }) => readAccount(store, name)));
  const isWell = facts.every(
    ({ heldBecause, identity }) => heldBecause === undefined && identity !== undefined,
  );
  return isWell ? accountsEvery : heldAccountsEvery;
}
