import { addDays, atLocal, type Instant, localDate, second } from '../core/time.ts';
import type { Delivery } from '../core/delivery/delivery.ts';
import type { Context } from '../flow/context.ts';
import { openRounds, type Rounds } from '../flow/rounds.ts';
import { ringAlarm } from '../flow/service.ts';
import type { VirtualAlarms } from './virtual/virtual-alarms.ts';
import type { VirtualClock } from './virtual/virtual-clock.ts';

export interface Playing {
  context: Context;
  clock: VirtualClock;
  alarms: VirtualAlarms;
  until: Instant;
  /** Once a day of the rehearsal. */
  onDay: (at: Instant) => Promise<void>;
  /** Feeds are looked at too. Absent: what is known of them does not change. */
  hasFeeds?: boolean;
  /** What else happens in between, at its own times. */
  beside?: Beside;
}

export interface Beside {
  nextAt(): Instant;
  look(): Promise<void>;
}

/** The last release of each account whose queue became empty. */
export type Dry = Map<string, Instant>;

/**
 * The service's rounds, from the clock's instant until the end, without any waiting. A service
 * plans each hour and checks for missed alarms; here none is missed, so it plans once a day (the
 * night before Monday, the pace learns from the week), and whenever a release lets another post
 * follow.
 */
export async function play(playing: Playing): Promise<Dry> {
  const { context, clock, alarms, until, onDay, beside } = playing;
  const { settings } = context;
  const never = new AbortController().signal;
  const rounds = openRounds(context, { stopping: never, cutOff: never }, true);
  const dry: Dry = new Map();
  const looks = openLooks(context, rounds);
  await startAlarms(playing, rounds, looks);
  await plan(context, rounds, dry);
  for (const { name } of settings.accounts) await looks.note(name);
  let nightAt = nextNight(clock.now(), settings.zone);
  for (;;) {
    const [alarmAt, lookAt] = [alarms.nextAt() ?? Infinity, looks.nextAt()];
    const besideAt = beside?.nextAt() ?? Infinity;
    const next = Math.min(alarmAt, lookAt, nightAt, besideAt);
    if (next > until) break;
    clock.moveTo(next);
    if (alarmAt === next) await alarms.ringNext();
    else if (lookAt === next) await looks.look();
    else if (besideAt <= next) await beside?.look();
    else {
      await plan(context, rounds, dry);
      nightAt = nextNight(next, settings.zone);
      await onDay(next);
    }
  }
  clock.moveTo(until);
  await rounds.idle();
  return dry;
}

/** Schedules all accounts, and notes those whose queue is empty now. */
async function plan(context: Context, rounds: Rounds, dry: Dry): Promise<void> {
  await rounds.planAll();
  for (const { name } of context.settings.accounts)
    if (!dry.has(name) && !(await hasMore(context, name)))
      dry.set(name, (await findNewest(context, name))?.startedAt ?? context.clock.now());
}

async function startAlarms(
  { context, clock, alarms, hasFeeds = false }: Playing,
  rounds: Rounds,
  looks: Looks,
) {
  const all = await context.store.listDeliveries({});
  const waitedFor = new Set(all.flatMap(({ terms }) => terms.after?.post ?? []));
  const rungAt = new Map<string, Instant>();
  await alarms.start(async (alarm) => {
    // The folder does not change here, and `looks` measures.
    if (alarm.kind === 'feed' && hasFeeds) return ringAlarm(rounds, alarm);
    if (alarm.kind !== 'release' && alarm.kind !== 'reconcile') return;
    // An alarm that is set again at once rings a second later, as it would in a service.
    const key = `${alarm.kind} ${alarm.id}`;
    if (rungAt.get(key) === clock.now()) clock.moveTo(clock.now() + second);
    rungAt.set(key, clock.now());
    await ringAlarm(rounds, alarm);
    if (alarm.kind === 'reconcile') return;
    const newest = await findNewest(context, alarm.id);
    if (newest && waitedFor.has(newest.post) && newest.startedAt === clock.now())
      await rounds.planAll();
    await looks.note(alarm.id);
  });
}

/** Eleven in the evening. */
function nextNight(now: Instant, zone: string): Instant {
  const today = localDate(now, zone);
  const tonight = atLocal(today, 23 * 60, zone);
  return tonight > now ? tonight : atLocal(addDays(today, 1), 23 * 60, zone);
}

const hasMore = async ({ store }: Context, account: string): Promise<boolean> =>
  (await store.countDeliveries({ account, states: ['planned', 'queued'] })) > 0;

/** The account's last release. */
async function findNewest({ store }: Context, account: string): Promise<Delivery | undefined> {
  const [newest] = await store.listDeliveries({
    account,
    states: ['released'],
    order: '-startedAt',
    limit: 1,
  });
  return newest;
}

interface Looks {
  nextAt(): Instant;
  look(): Promise<void>;
  /** Reads again when this account's next measurement is due. */
  note(account: string): Promise<void>;
}

/** The sweeps of a service: measures each account when that is due. */
function openLooks(context: Context, rounds: Rounds): Looks {
  const { store, clock, timing } = context;
  const due = new Map<string, Instant>();
  const earliest = () =>
    [...due].reduce<[string, Instant]>(
      (first, one) => (one[1] < first[1] ? one : first),
      ['', Infinity],
    );
  const note = async (account: string, notBefore = -Infinity) => {
    const [next] = await store.listDeliveries({
      account,
      measureBy: Number.MAX_SAFE_INTEGER,
      order: 'measureAt',
      limit: 1,
    });
    due.set(account, Math.max(next?.measureAt ?? Infinity, notBefore));
  };
  return {
    nextAt: () => earliest()[1],
    async look() {
      const [account] = earliest();
      await rounds.measure(account);
      await note(account, clock.now() + timing.measureEvery);
    },
    note: (account) => note(account),
  };
}
