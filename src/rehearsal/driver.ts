import { addDays, atLocal, type Instant, localDate, second } from '../core/time.ts';
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
}

/** From when on an account has nothing that could go out, for each that comes to that. */
export type Dry = Map<string, Instant>;

/**
 * The service's rounds, from the clock's instant until the end, without waiting for any of it. A
 * service plans each hour and looks for what the alarms have missed; here none is missed, so it is
 * planned once a day (in the night before Monday the pace learns what the week has taught), and
 * whenever a release lets another post go.
 */
export async function play({ context, clock, alarms, until, onDay }: Playing): Promise<Dry> {
  const { store, settings } = context;
  const names = settings.accounts.map(({ name }) => name);
  const never = new AbortController().signal;
  const rounds = openRounds(context, { stopping: never, cutOff: never }, true);
  const dry: Dry = new Map();
  const waitedFor = new Set(
    (await store.listDeliveries({})).flatMap(({ terms }) => terms.after?.post ?? []),
  );
  const looks = openLooks(context, rounds);
  const rungAt = new Map<string, Instant>();
  await alarms.start(async (alarm) => {
    // Folder and feeds stand still, and numbers have looks of their own.
    if (alarm.kind !== 'release' && alarm.kind !== 'reconcile') return;
    // One that asks to ring again at once gets a moment, as it would out there.
    const key = `${alarm.kind} ${alarm.id}`;
    if (rungAt.get(key) === clock.now()) clock.moveTo(clock.now() + second);
    rungAt.set(key, clock.now());
    await ringAlarm(rounds, alarm);
    if (alarm.kind === 'reconcile') return;
    const [newest] = await store.listDeliveries({
      account: alarm.id,
      states: ['released'],
      order: '-startedAt',
      limit: 1,
    });
    if (newest && waitedFor.has(newest.post) && newest.startedAt === clock.now())
      await rounds.planAll();
    await looks.note(alarm.id);
  });
  const plan = async () => {
    await rounds.planAll();
    for (const name of names)
      if (!dry.has(name) && !(await hasMore(context, name)))
        dry.set(name, await newestOf(context, name));
  };
  await plan();
  for (const name of names) await looks.note(name);
  let nightAt = nextNight(clock.now(), settings.zone);
  for (;;) {
    const [alarmAt, lookAt] = [alarms.nextAt() ?? Infinity, looks.nextAt()];
    const next = Math.min(alarmAt, lookAt, nightAt);
    if (next > until) break;
    clock.moveTo(next);
    if (alarmAt === next) await alarms.ringNext();
    else if (lookAt === next) await looks.look();
    else {
      await plan();
      nightAt = nextNight(next, settings.zone);
      await onDay(next);
    }
  }
  clock.moveTo(until);
  await rounds.idle();
  return dry;
}

/** Eleven in the evening. */
function nextNight(now: Instant, zone: string): Instant {
  const today = localDate(now, zone);
  const tonight = atLocal(today, 23 * 60, zone);
  return tonight > now ? tonight : atLocal(addDays(today, 1), 23 * 60, zone);
}

const hasMore = async ({ store }: Context, account: string): Promise<boolean> =>
  (await store.countDeliveries({ account, states: ['planned', 'queued'] })) > 0;

/** When the account spoke last; now, where it never did. */
async function newestOf({ store, clock }: Context, account: string): Promise<Instant> {
  const [newest] = await store.listDeliveries({
    account,
    states: ['released'],
    order: '-startedAt',
    limit: 1,
  });
  return newest?.startedAt ?? clock.now();
}

interface Looks {
  nextAt(): Instant;
  look(): Promise<void>;
  /** Something of this account is to be measured at another time now. */
  note(account: string): Promise<void>;
}

/** What the sweeps do in a service: each account's numbers are looked at when they are due. */
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
