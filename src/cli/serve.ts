import { setTimeout as delay } from 'node:timers/promises';
import { openServed, type Served, version } from '../app.ts';
import { formatLocal } from '../core/time.ts';
import type { Log } from '../flow/context.ts';
import { changeFact, keys, readPause } from '../flow/facts.ts';
import { openJsonLog, openPlainLog } from '../io/log.ts';
import type { CliContext } from './program.ts';

/** Runs until a signal comes: one ends it in order, a second one at once. */
export async function serve(cli: CliContext): Promise<void> {
  const { config, options } = cli;
  const isPlain = options['log'] === 'plain' || (options['log'] === undefined && (config.isSandbox || process.stdout.isTTY === true));
  const log = isPlain ? openPlainLog(config.secrets) : openJsonLog(config.secrets);
  const stopped = waitForSignal(log);
  for (const { where, what, hint } of config.notes) log.warn(`${where} ${what}${hint ? `: ${hint}` : ''}`);
  await using served = await openServed(config, { log });
  if (options['yes']) await endFirstStart(served);
  await greet(cli, served, log);
  const following = new AbortController();
  const told = follow(served, log, following.signal);
  await stopped;
  following.abort();
  await told;
  log.info('Stopping: what is under way is finished.');
}

function waitForSignal(log: Log): Promise<void> {
  return new Promise((resolve) => {
    let count = 0;
    const heard = () => {
      count++;
      if (count === 1) resolve();
      else if (count === 3) {
        log.warn('Stopped at once; what was under way is looked up at the next start.');
        process.exit(1);
      }
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, heard);
  });
}

async function endFirstStart({ context: { store, clock } }: Served) {
  if (!(await readPause(store)).isFirstStart) return;
  await changeFact(store, keys.pause, await readPause(store), (state) => ({ ...state, isFirstStart: false, paused: {}, resumedAt: { ...state.resumedAt, '*': clock.now() } }));
}

async function greet({ config }: CliContext, served: Served, log: Log) {
  const { context, web, sandboxPage } = served;
  log.info(`Dripline ${version}${config.isSandbox ? ', sandbox: three local networks, nothing leaves this machine' : ''}`);
  if (web) log.info(`Dashboard: ${web}`);
  if (sandboxPage) log.info(`What the networks show: ${sandboxPage}`);
  if (config.isSandbox) log.info('Posts come from posts/. For your own accounts: npx dripline init. To stop: Ctrl-C.');
  if (!(await readPause(context.store)).isFirstStart) return;
  log.info('First start with these accounts: nothing goes out yet. First would be:');
  for (const one of await context.store.listDeliveries({ states: ['planned'], order: 'at', limit: 10 })) log.info(`  ${formatLocal(one.at ?? 0, config.zone)}  ${one.id}`);
  log.info('To go on: npx dripline resume (or start with serve --yes).');
}

/** The log is the journal, read as it grows. */
async function follow({ context }: Served, log: Log, signal: AbortSignal) {
  const { store, clock } = context;
  const seen = new Set<string>();
  let since = clock.now();
  while (!signal.aborted) {
    await delay(500, undefined, { signal }).catch(() => undefined);
    try {
      // Entries may come in a little late, from other processes.
      for (const entry of await store.listJournal({ since: since - 5000 })) {
        if (seen.has(entry.id) || entry.at < since - 5000) continue;
        seen.add(entry.id);
        tell(entry, log);
      }
    } catch {
      // The store's own trouble is told by the service.
    }
    if (seen.size > 5000) seen.clear();
    since = Math.max(since, clock.now() - 1000);
  }
}

const quiet = new Set(['intent', 'part', 'started', 'stopped', 'ingested']);
const loud = new Set(['failed', 'uncertain', 'missed', 'held', 'problem', 'notice', 'deferred']);

function tell({ type, text = type, id: _id, data: _data, at: _at, ...about }: Awaited<ReturnType<Served['context']['store']['listJournal']>>[number], log: Log) {
  if (quiet.has(type)) return;
  if (loud.has(type)) log.warn(text, { type, ...about });
  else log.info(text, { type, ...about });
}
