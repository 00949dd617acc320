import { setTimeout as delay } from 'node:timers/promises';
import { openStates } from '../core/delivery/delivery.ts';
import { unplaced } from '../core/delivery/moves.ts';
import type { EntryIn } from '../core/journal.ts';
import { pickDefined } from '../core/pick-defined.ts';
import { second } from '../core/time.ts';
import type { Alarm } from '../ports/alarms.ts';
import { type Context, makeEntry } from './context.ts';
import { finishForgetting } from './forget-old.ts';
import {
  accountNamesFact,
  changeFact,
  countNudges,
  pauseFact,
  readFact,
  readPause,
} from './facts.ts';
import {
  beat,
  beatEvery,
  removeDeadServices,
  removeService,
  type ServiceFact,
} from './service-fact.ts';
import { waitAfterRestore } from './moving/after-restore.ts';
import { queueMissingRuns } from './plan/evergreen.ts';
import { reportError } from './report-error.ts';
import { startAgain } from './start-again.ts';
import { openRounds, type Rounds } from './rounds.ts';
import { rescan } from './ingest/scan.ts';

export interface ServiceOptions extends Pick<ServiceFact, 'pid' | 'host' | 'version'> {
  web?: string;
  config?: string;
  /** No other process serves this store (SQLite's lock): foreign claims are dead. */
  isAlone: boolean;
}

export interface Service extends AsyncDisposable {
  /** The posts folder may have changed. */
  lookAtFolder(): void;
  /** Ends what is in hand, for three seconds at most, and begins nothing new. */
  stop(): Promise<void>;
}

const cutOffAfter = 3 * second;

/**
 * Runs the whole flow until it is stopped. Everything it does is started by an alarm, a command or
 * a sweep, and may run twice.
 */
export async function startService(context: Context, options: ServiceOptions): Promise<Service> {
  const { store, alarms, log } = context;
  const stopping = new AbortController();
  const cutOff = new AbortController();
  const signals = { stopping: stopping.signal, cutOff: cutOff.signal };
  const rounds = openRounds(context, signals, options.isAlone);
  const report = (what: string) => (error: unknown) => reportError(context, what, error);
  const again = { log, signal: stopping.signal };
  // Whatever is said from here on is heard.
  const nudged = await startAgain(() => countNudges(store), again);
  const text = `Dripline ${options.version} started`;
  const started = makeEntry(context, 'started', { text, data: { worker: context.worker } });
  await startAgain(() => prepare(context, rounds, { ...options, started }), again);
  await alarms.start((alarm) =>
    ringAlarm(rounds, alarm).catch(report(`${alarm.kind} ${alarm.id}`)),
  );
  for (const { url } of context.feeds)
    await startAgain(() => alarms.set('feed', url, context.clock.now()), again);
  const describe = openDescription(context, options);
  const listening = listen(context, rounds, { signal: stopping.signal, nudged, describe });
  log.info('running');

  const end = async () => {
    stopping.abort();
    const timer = setTimeout(() => cutOff.abort(), cutOffAfter);
    await Promise.allSettled([alarms.stop(), listening, rounds.idle()]);
    clearTimeout(timer);
    await sayStopped(context).catch(report('saying that it stopped'));
  };
  let stopped: Promise<void> | undefined;
  const stop = () => (stopped ??= end());
  return {
    lookAtFolder: () => void rounds.rescan().catch(report('rescan')),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** What stands before the first alarm. */
async function prepare(
  context: Context,
  rounds: Rounds,
  { started, isAlone }: ServiceOptions & { started: EntryIn<'started'> },
): Promise<void> {
  const { store } = context;
  await removeDeadServices(context, { isAlone });
  await store.appendJournal([started]);
  await prepareStart(context);
  // The networks' clocks are asked first: with a wrong clock of our own nothing else is begun.
  await rounds.checkAccounts();
  await meetAccounts(context);
  await rounds.rescan();
  if (context.hold.because === undefined) await queueMissingRuns(context);
  await rounds.planAll();
}

function openDescription(
  { worker, clock, hold }: Context,
  { pid, host, version, web, config }: ServiceOptions,
): () => ServiceFact {
  const startedAt = clock.now();
  return () =>
    pickDefined({
      worker,
      pid,
      host,
      version,
      startedAt,
      beatAt: clock.now(),
      web,
      config,
      heldBecause: hold.because,
    });
}

export async function ringAlarm(rounds: Rounds, { kind, id }: Alarm): Promise<void> {
  switch (kind) {
    case 'release':
      return rounds.release(id);
    case 'reconcile':
      return rounds.reconcile(id);
    case 'rescan':
      return rounds.rescan();
    case 'measure':
      return rounds.measure(id);
    case 'uploads':
      return rounds.upload(id);
    case 'people':
      return rounds.people(id);
    case 'feed':
      return rounds.lookAtFeed(id);
  }
}

/**
 * Commands write what they want and nudge; a second later it is done. Sweeps and heartbeats go
 * along.
 */
async function listen(
  context: Context,
  rounds: Rounds,
  {
    signal,
    nudged,
    describe,
  }: { signal: AbortSignal; nudged: number; describe: () => ServiceFact },
): Promise<void> {
  const { store, clock, timing } = context;
  let nudges = nudged;
  let [sweptAt, beatAt] = [-Infinity, -Infinity];
  while (!signal.aborted) {
    try {
      if (clock.monotonic() - beatAt >= beatEvery) {
        beatAt = clock.monotonic();
        await beat(context, describe);
      }
      const count = await countNudges(store);
      if (count !== nudges) await rounds.hurry();
      nudges = count;
      if (clock.monotonic() - sweptAt >= timing.sweepEvery) {
        sweptAt = clock.monotonic();
        await rounds.sweep();
      }
    } catch (error) {
      reportError(context, 'a round', error);
    }
    await delay(timing.listenEvery, undefined, { signal }).catch(() => undefined);
  }
}

async function sayStopped(context: Context) {
  const { store, worker } = context;
  await store.appendJournal([
    makeEntry(context, 'stopped', { text: 'Dripline stopped', data: { worker } }),
  ]);
  await removeService(context);
}

const notConfigured = {
  state: 'waiting',
  because: 'account-not-configured',
  reason: 'its account is not in the configuration',
} as const;

/** The first start with real accounts waits for a person. */
async function prepareStart({ store, settings, clock, log }: Context): Promise<void> {
  const names = settings.accounts.map(({ name }) => name);
  const pauses = await readPause(store);
  await waitAfterRestore({ store, clock });
  await finishForgetting({ store, log });
  if (!settings.isSandbox && pauses.isFirstStart === undefined && names.length) {
    await changeFact(store, pauseFact, (state) => ({
      ...state,
      isFirstStart: true,
      paused: { ...state.paused, '*': { since: clock.now(), by: 'dripline' } },
    }));
  }
}

/**
 * Posts meet accounts that are new; deliveries of accounts that were removed wait for them to come
 * back.
 */
export async function meetAccounts(context: Context): Promise<void> {
  const { store, settings, hold } = context;
  if (hold.because !== undefined) return;
  const names = settings.accounts.map(({ name }) => name).sort();
  for (const account of await store.listAccounts()) {
    if (names.includes(account)) continue;
    for (const before of await store.listDeliveries({ account, states: openStates }))
      if (before.because !== notConfigured.because)
        await store.changeDelivery(before, unplaced(before, notConfigured));
  }
  const before = await readFact(store, accountNamesFact);
  if (before && before.join() !== names.join()) await rescan(context, { isFresh: true });
  await changeFact(store, accountNamesFact, () => names);
}
