import { ownCommand } from '../../core/text/own-command.ts';
import { networkNames } from '../../core/network/network.ts';
import { formatUsd } from '../../core/network/x-prices.ts';
import { formatBytes } from '../../core/text/format-bytes.ts';
import { plural } from '../../core/plural.ts';
import { formatDuration, formatLocal } from '../../core/time.ts';
import { overBudgetHint } from '../../flow/spend/forecast.ts';
import { monthName, stateClause } from '../publishing-words.ts';
import { tellResting } from '../people/resting.ts';
import { toTable } from '../table.ts';
import { tellConfigChange } from './service-facts.ts';
import type { AccountStatus, Status } from './status-read.ts';

export function tellStatus(status: Status, zone: string, now: number): string {
  return [
    tellService(status, zone),
    tellAccounts(status, zone, now),
    status.spend.flatMap(tellSpend),
    tellNeeds(status),
    tellTroubled(status, zone),
    tellProblems(status.problems),
  ]
    .filter((lines) => lines.length)
    .map((lines) => lines.join('\n'))
    .join('\n\n');
}

function tellService(status: Status, zone: string): string[] {
  const { paused, version, sandbox, store, running, services } = status;
  const state = running ? 'running' : 'not running';
  const pause = paused ? tellPause(paused, zone) : '';
  const lines = [`Dripline ${version}, ${sandbox ? 'sandbox, ' : ''}${store}: ${state}${pause}`];
  if (!running) lines.push('Nothing is published until Dripline is started: npm start');
  if (paused?.why) lines.push(`Dripline waits for \`resume\`: ${paused.why}.`);
  if (paused?.firstStart)
    lines.push(
      'First start with these accounts. Check `dripline queue`, then run `dripline resume`.',
    );
  for (const one of services) {
    const { heldBecause, web, silentFor, configChanged, configErrors, configErrorAt } = one;
    if (configChanged)
      lines.push(
        `! ${tellConfigChange({ faults: configErrors ?? 0, firstFault: configErrorAt ?? '' })}`,
      );
    if (silentFor !== undefined) {
      const what = `Dripline has not been heard for ${formatDuration(silentFor)}`;
      lines.push(`! ${what}. Look at its log, and at the space on its disk`);
    }
    if (web) lines.push(`Dashboard: ${web}`);
    if (heldBecause) lines.push(`! Publishing is on hold: ${heldBecause}`);
  }
  if (status.data) lines.push(tellData(status.data, store));
  return lines;
}

function tellData({ folder, bytes }: NonNullable<Status['data']>, store: Status['store']): string {
  const rest = store === 'mongodb' ? ', without what MongoDB holds' : '';
  return `Data: ${formatBytes(bytes)} in ${folder}${rest}`;
}

function tellPause({ by, until }: NonNullable<Status['paused']>, zone: string): string {
  const end = until === undefined ? '' : ` until ${formatLocal(Date.parse(until), zone)}`;
  return `, paused${end} by ${by}`;
}

function tellAccounts(
  { accounts, running, services }: Status,
  zone: string,
  now: number,
): string[] {
  if (!accounts.length && running && services.some((one) => one.configChanged))
    return ['The configuration has no accounts. Dripline works with those that it started with'];
  if (!accounts.length) return [`No accounts are configured: ${ownCommand('init')}`];
  const rows = accounts.map((one) => [
    one.name,
    networkNames[one.network],
    one.next ? `${formatLocal(Date.parse(one.next.at), zone)} ${one.next.delivery}` : '–',
    String(one.queued),
    tellAccount(one, zone, now),
  ]);
  return [toTable(['account', 'network', 'next', 'queued', ''], rows)];
}

function tellAccount(one: AccountStatus, zone: string, now: number): string {
  if (one.heldBecause !== undefined) return 'held';
  if (one.paused === true) return 'paused';
  if (one.paused !== undefined) return `paused until ${formatLocal(Date.parse(one.paused), zone)}`;
  if (one.retryAt !== undefined)
    return `retries in ${formatDuration(Date.parse(one.retryAt) - now)}`;
  return one.handle ?? 'not logged in yet';
}

function tellSpend(spend: Status['spend'][number]): string[] {
  const { account, month, usd, budgetUsd, plannedUsd, warning } = spend;
  const of = budgetUsd === undefined ? '' : ` of ${formatUsd(budgetUsd * 1e6)}`;
  const spent = `${account}: spent ${formatUsd(usd * 1e6)}${of} in ${monthName(month)}`;
  const ahead = `about ${formatUsd(plannedUsd * 1e6)} more for scheduled posts`;
  const line = plannedUsd ? `${spent}; ${ahead}` : spent;
  return warning === undefined ? [line] : [line, `! ${warning}:`, `  ${overBudgetHint}`];
}

function tellNeeds({ accounts, failures }: Status): string[] {
  const held = accounts.filter(({ heldBecause }) => heldBecause !== undefined);
  if (!held.length && !failures.length) return [];
  return [
    'Needs you:',
    ...held.map((one) => `  ${one.name} is held: ${one.heldBecause}`),
    ...failures.map((one) => `  ${one.delivery} ${stateClause(one.state)}: ${one.reason ?? ''}`),
  ];
}

function tellTroubled({ accounts, resting = [] }: Status, zone: string): string[] {
  const troubled = accounts.filter(
    ({ lastError, heldBecause }) => lastError !== undefined && heldBecause === undefined,
  );
  const lines = [
    ...troubled.map((one) => `  ${one.name}: ${one.lastError}`),
    ...resting.map((one) => `  ${tellResting(one, zone)}`),
  ];
  return lines.length ? ['Errors:', ...lines] : [];
}

const tellProblems = (count: number): string[] =>
  count ? [`${plural(count, 'problem')} in the posts folder. See \`dripline check\`.`] : [];
