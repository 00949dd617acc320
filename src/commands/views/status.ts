import { networkNames } from '../../core/network/network.ts';
import { type PauseState, pauseOf } from '../../core/pause-state.ts';
import type { Account } from '../../core/network/account.ts';
import { formatDuration, formatLocal, toIso } from '../../core/time.ts';
import { formatUsd } from '../../core/network/x-prices.ts';
import { problemsFact } from '../../flow/ingest/scan.ts';
import { readAccount, readPause, readFact } from '../../flow/facts.ts';
import { type Forecast, overBudgetHint, readForecasts, warnOf } from '../../flow/spend/forecast.ts';
import type { CommandContext } from '../command.ts';
import { toRow } from './rows.ts';
import { isRunning, listServices } from './service-facts.ts';
import { toTable } from '../table.ts';

export async function readStatus(context: CommandContext) {
  const { store, clock, settings, version } = context;
  const [running, services, pauses, problems, forecasts] = await Promise.all([
    isRunning(context),
    listServices(context),
    readPause(store),
    readFact(store, problemsFact),
    readForecasts(context),
  ]);
  const troubles = await store.listDeliveries({ states: ['failed', 'uncertain', 'missed'] });
  const paused = pauseOf(pauses, '', clock.now());
  return {
    version,
    store: store.kind,
    sandbox: settings.isSandbox,
    running,
    services: services.map(({ worker, pid, host, startedAt, web, heldBecause }) => ({
      worker,
      pid,
      host,
      startedAt: toIso(startedAt),
      ...(web ? { web } : {}),
      ...(heldBecause ? { heldBecause } : {}),
    })),
    paused:
      paused === undefined
        ? null
        : {
            by: paused.by,
            since: toIso(paused.since),
            ...(paused.until === undefined ? {} : { until: toIso(paused.until) }),
            ...(pauses.isFirstStart ? { firstStart: true } : {}),
          },
    accounts: await Promise.all(
      settings.accounts.map((account) => readAccountStatus(context, account, pauses)),
    ),
    spend: forecasts.map(toSpend),
    failures: troubles.map((one) => ({ ...toRow(one), at: undefined })),
    problems: Object.values(problems)
      .flat()
      .filter(({ severity }) => severity === 'error').length,
  };
}

function toSpend(forecast: Forecast) {
  const { account, month, microUsd, budget, plannedMicroUsd } = forecast;
  const warning = warnOf(forecast);
  return {
    account,
    month,
    usd: microUsd / 1e6,
    ...(budget === undefined ? {} : { budgetUsd: budget / 1e6 }),
    plannedUsd: plannedMicroUsd / 1e6,
    ...(warning === undefined ? {} : { warning }),
  };
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
  return {
    name,
    network,
    ...(fact.identity ? { handle: fact.identity.handle, url: fact.identity.url } : {}),
    ...(pause ? { paused: pause.until === undefined ? (true as const) : toIso(pause.until) } : {}),
    ...(fact.heldBecause === undefined ? {} : { heldBecause: fact.heldBecause }),
    ...((fact.backoffUntil ?? 0) > now ? { retryAt: toIso(fact.backoffUntil ?? 0) } : {}),
    ...(fact.lastError === undefined ? {} : { lastError: fact.lastError }),
    ...(upcoming?.at === undefined
      ? {}
      : { next: { delivery: upcoming.id, at: toIso(upcoming.at) } }),
    queued,
  };
}

export type Status = Awaited<ReturnType<typeof readStatus>>;
export type AccountStatus = Status['accounts'][number];

export function tellStatus(status: Status, zone: string, now: number): string {
  const { paused, version, sandbox, store, running } = status;
  const until =
    paused?.until === undefined ? '' : ` until ${formatLocal(Date.parse(paused.until), zone)}`;
  const lines = [
    `Dripline ${version}, ${sandbox ? 'sandbox, ' : ''}${store}: ${running ? 'running' : 'not running'}${paused ? `, paused${until} by ${paused.by}` : ''}`,
  ];
  if (!running) lines.push('Nothing goes out until it is started: npm start');
  if (paused?.firstStart)
    lines.push(
      'First start with these accounts: see `dripline queue`, then say `dripline resume`.',
    );
  for (const { heldBecause, web } of status.services) {
    if (web) lines.push(`Dashboard: ${web}`);
    if (heldBecause) lines.push(`! held: ${heldBecause}`);
  }
  if (status.accounts.length) {
    lines.push(
      '',
      toTable(
        ['account', 'network', 'next', 'queued', ''],
        status.accounts.map((one) => [
          one.name,
          networkNames[one.network],
          one.next ? `${formatLocal(Date.parse(one.next.at), zone)} ${one.next.delivery}` : '–',
          String(one.queued),
          tellAccount(one, zone, now),
        ]),
      ),
    );
  } else lines.push('', 'No accounts are configured: npx dripline init');
  if (status.spend.length) lines.push('', ...status.spend.flatMap(tellSpend));
  const held = status.accounts.filter(({ heldBecause }) => heldBecause !== undefined);
  if (held.length + status.failures.length)
    lines.push(
      '',
      'Needs you:',
      ...held.map((one) => `  ${one.name} is held: ${one.heldBecause}`),
      ...status.failures.map((one) => `  ${one.delivery} ${one.state}: ${one.reason ?? ''}`),
    );
  const troubled = status.accounts.filter(
    ({ lastError, heldBecause }) => lastError !== undefined && heldBecause === undefined,
  );
  if (troubled.length)
    lines.push('', 'In trouble:', ...troubled.map((one) => `  ${one.name}: ${one.lastError}`));
  if (status.problems)
    lines.push(
      '',
      `${status.problems} ${status.problems === 1 ? 'problem' : 'problems'} in the posts folder: see \`dripline check\`.`,
    );
  return lines.join('\n');
}

function tellSpend({
  account,
  month,
  usd,
  budgetUsd,
  plannedUsd,
  warning,
}: Status['spend'][number]): string[] {
  const of = budgetUsd === undefined ? '' : ` of ${formatUsd(budgetUsd * 1e6)}`;
  const line = `X costs of ${account} in ${month}: ${formatUsd(usd * 1e6)}${of}, and ${formatUsd(plannedUsd * 1e6)} for what is planned`;
  return warning === undefined ? [line] : [line, `! ${warning}:`, `  ${overBudgetHint}`];
}

function tellAccount(one: AccountStatus, zone: string, now: number): string {
  if (one.heldBecause !== undefined) return 'held';
  if (one.paused !== undefined)
    return one.paused === true
      ? 'paused'
      : `paused until ${formatLocal(Date.parse(one.paused), zone)}`;
  if (one.retryAt !== undefined)
    return `tried again in ${formatDuration(Date.parse(one.retryAt) - now)}`;
  return one.handle ?? 'not logged in yet';
}
