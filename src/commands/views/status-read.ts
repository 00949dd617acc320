import type { Account } from '../../core/network/account.ts';
import { traitsOf } from '../../core/network/traits-of.ts';
import { pickDefined } from '../../core/pick-defined.ts';
import { type PauseState, pauseOf } from '../../core/pause-state.ts';
import { type Instant, toIso } from '../../core/time.ts';
import { problemsFact, readAccount, readFact, readPause } from '../../flow/facts.ts';
import type { ServiceFact } from '../../flow/service-fact.ts';
import type { Forecast } from '../../flow/spend/forecast.ts';
import { budgetOf, readSpend } from '../../flow/spend/spend.ts';
import type { CommandContext } from '../command.ts';
import { readResting } from '../people/resting.ts';
import { toRow } from './rows.ts';
import { isRunning, listServices, readConfigChange, silentAfter } from './service-facts.ts';
import { reallyFor } from '../../ports/clock.ts';

export async function readStatus(context: CommandContext) {
  const { store, settings, version } = context;
  const [running, services, pauses, problems, spend, data] = await Promise.all([
    isRunning(context),
    listServices(context),
    readPause(store),
    readFact(store, problemsFact),
    readSpending(context),
    context.dataSize?.(),
  ]);
  const troubles = await store.listDeliveries({ states: ['failed', 'uncertain', 'missed'] });
  const resting = await readResting(context);
  return {
    version,
    store: store.kind,
    data,
    sandbox: settings.isSandbox,
    running,
    services: services.map((one) => toService(one, context)),
    paused: toPause(pauses, context.clock.now()),
    accounts: await Promise.all(
      settings.accounts.map((account) => readAccountStatus(context, account, pauses)),
    ),
    spend,
    resting: resting.length ? resting : undefined,
    failures: troubles.map((one) => ({ ...toRow(one), at: undefined })),
    problems: Object.values(problems)
      .flat()
      .filter(({ severity }) => severity === 'error').length,
  };
}

/** What can be said at any time without a look at history or at a plan. */
export async function readVitals(context: CommandContext) {
  const { store, clock, settings } = context;
  const now = clock.now();
  const [running, pauses] = await Promise.all([isRunning(context), readPause(store)]);
  const accounts = settings.accounts.map(async ({ name, network }) => ({
    name,
    isHeld: (await readAccount(store, name)).heldBecause !== undefined,
    ...(traitsOf(network).billing && {
      spend: {
        microUsd: (await readSpend(store, name, now)).microUsd,
        budget: budgetOf(settings, name),
      },
    }),
  }));
  return {
    running,
    isPaused: pauseOf(pauses, '', now) !== undefined,
    accounts: await Promise.all(accounts),
  };
}

const toService = (
  { worker, pid, host, startedAt, beatAt, web, config, heldBecause }: ServiceFact,
  { clock, configNow }: CommandContext,
) => {
  const age = reallyFor(clock, clock.now() - beatAt);
  const change = readConfigChange(pickDefined({ config }), { configNow });
  return pickDefined({
    silentFor: age >= silentAfter ? age : undefined,
    configChanged: change ? (true as const) : undefined,
    configErrors: change?.faults,
    configErrorAt: change?.firstFault || undefined,
    worker,
    pid,
    host,
    startedAt: toIso(startedAt),
    web: web || undefined,
    heldBecause: heldBecause || undefined,
  });
};

function toPause(pauses: PauseState, now: Instant) {
  const pause = pauseOf(pauses, '', now);
  if (!pause) return null;
  return pickDefined({
    by: pause.by,
    why: pause.why,
    since: toIso(pause.since),
    until: isoOf(pause.until),
    firstStart: pauses.isFirstStart ? (true as const) : undefined,
  });
}

const isoOf = (at: Instant | undefined) => (at === undefined ? undefined : toIso(at));

/** Where no network bills, nothing has to be planned for it. */
async function readSpending(context: CommandContext) {
  if (!context.settings.accounts.some(({ network }) => traitsOf(network).billing)) return [];
  const { readForecasts, warnOf } = await import('../../flow/spend/forecast.ts');
  return (await readForecasts(context)).map((one) => toSpend(one, warnOf(one)));
}

function toSpend(forecast: Forecast, warning: string | undefined) {
  const { account, month, microUsd, budget, plannedMicroUsd } = forecast;
  return pickDefined({
    account,
    month,
    usd: microUsd / 1e6,
    budgetUsd: budget === undefined ? undefined : budget / 1e6,
    plannedUsd: plannedMicroUsd / 1e6,
    warning,
  });
}

export async function readAccountStatus(
  { store, clock }: CommandContext,
  { name, network }: Account,
  pauses: PauseState,
) {
  const now = clock.now();
  const [fact, [upcoming], queued] = await Promise.all([
    readAccount(store, name),
    store.listDeliveries({ account: name, states: ['planned'], order: 'at', limit: 1 }),
    store.countDeliveries({ account: name, states: ['planned', 'queued', 'waiting'] }),
  ]);
  const pause = pauseOf(pauses, name, now);
  const { identity, heldBecause, backoffUntil = 0, lastError } = fact;
  return pickDefined({
    name,
    network,
    handle: identity?.handle,
    url: identity?.url,
    paused: pause && (isoOf(pause.until) ?? (true as const)),
    heldBecause,
    retryAt: backoffUntil > now ? toIso(backoffUntil) : undefined,
    lastError,
    next:
      upcoming?.at === undefined ? undefined : { delivery: upcoming.id, at: toIso(upcoming.at) },
    queued,
  });
}

export type Status = Awaited<ReturnType<typeof readStatus>>;
export type AccountStatus = Status['accounts'][number];
