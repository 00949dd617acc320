import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { openServed, type Served, version } from '../app.ts';
import { WrongUsage } from '../commands/command.ts';
import { noPause, type PauseState } from '../core/pause.ts';
import { formatLocal, second } from '../core/time.ts';
import type { Log } from '../flow/context.ts';
import { changeFact, keys, nudge, readPause } from '../flow/facts.ts';
import { openJsonLog, openPlainLog } from '../io/log.ts';
import type { CliContext } from './cli-context.ts';

/** Runs until a signal comes, which ends it in order. */
export async function serve(cli: CliContext): Promise<void> {
  const { config, options } = cli;
  const how = options['log'];
  if (how !== undefined && how !== 'plain' && how !== 'json')
    throw new WrongUsage('--log takes plain or json');
  const isPlain =
    how === 'plain' || (how === undefined && (config.isSandbox || process.stdout.isTTY === true));
  const log = isPlain ? openPlainLog(config.secrets) : openJsonLog(config.secrets);
  const stopped = waitForSignal(log);
  for (const { where, what, hint } of config.notes)
    log.warn(`${where} ${what}${hint ? `: ${hint}` : ''}`);
  const opening = openServed(config, { log });
  const isStopped = await Promise.race([opening.then(() => false), stopped.then(() => true)]);
  if (isStopped) return abandon(opening, log);
  await using served = await opening;
  if (options['yes']) await endFirstStart(served);
  await greet(cli, served, log);
  const following = new AbortController();
  const told = follow(served, log, following.signal);
  await stopped;
  log.info('Stopping: what is under way is finished.');
  following.abort();
  await told;
}

const patience = 3 * second;

/**
 * Stopped before it ran. A network that does not answer would keep the start for long; nothing has
 * been sent yet.
 */
async function abandon(opening: Promise<Served>, log: Log): Promise<void> {
  log.info('Stopped before it had started.');
  const closed = opening.then(
    (served) => served[Symbol.asyncDispose](),
    () => undefined,
  );
  await Promise.race([closed, delay(patience, undefined, { ref: false })]);
}

function waitForSignal(log: Log): Promise<void> {
  return new Promise((resolve) => {
    let count = 0;
    const heard = () => {
      count++;
      if (count === 1) resolve();
      // npm hands Ctrl-C on although the terminal has told everybody: one press may come twice.
      else if (count === 3) {
        log.warn('Stopped at once; what was under way is looked up at the next start.');
        process.exit(1);
      }
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, heard);
  });
}

/** The person's word that `resume` would have been. */
async function endFirstStart({ context: { store, clock } }: Served) {
  const at = clock.now();
  const before = await changeFact<PauseState>(store, keys.pause, noPause, (state) => {
    if (!state.isFirstStart) return undefined;
    const { '*': _all, ...paused } = state.paused;
    return { ...state, isFirstStart: false, paused, resumedAt: { ...state.resumedAt, '*': at } };
  });
  if (before.resumedAt['*'] !== at) return;
  await store.appendJournal([
    { id: randomUUID(), at, type: 'resumed', by: 'cli', text: 'everything goes on: serve --yes' },
  ]);
  await nudge(store);
}

async function greet({ config }: CliContext, served: Served, log: Log) {
  const { context, web, madePassword, sandboxPage } = served;
  log.info(
    `Dripline ${version}${config.isSandbox ? ', sandbox: three local networks, nothing leaves this machine' : ''}`,
  );
  if (web) log.info(`Dashboard: ${web}`);
  if (madePassword !== undefined)
    log.info(
      `Its password, told this once: ${madePassword} (set web.password for one of your own)`,
    );
  if (sandboxPage) log.info(`What the networks show: ${sandboxPage}`);
  if (config.isSandbox)
    log.info('Posts come from posts/. For your own accounts: npx dripline init. To stop: Ctrl-C.');
  if (!(await readPause(context.store)).isFirstStart) return;
  log.info('First start with these accounts: nothing goes out yet. First would be:');
  const first = await context.store.listDeliveries({ states: ['planned'], order: 'at', limit: 10 });
  for (const one of first) log.info(`  ${formatLocal(one.at ?? 0, config.zone)}  ${one.id}`);
  if (!first.length)
    log.info('  nothing: there are no posts yet, or all of them wait (npx dripline queue)');
  log.info('To go on: npx dripline resume (or start with serve --yes).');
}

/** Entries may come in a little late, from other processes. */
const lateBy = 5 * second;

/** The log is the journal, read as it grows. */
async function follow({ context: { store, clock } }: Served, log: Log, signal: AbortSignal) {
  const seen = new Map<string, number>();
  const begunAt = clock.now() - lateBy;
  while (!signal.aborted) {
    await delay(second / 2, undefined, { signal }).catch(() => undefined);
    const since = Math.max(begunAt, clock.now() - 2 * lateBy);
    try {
      for (const entry of await store.listJournal({ since })) {
        if (!seen.has(entry.id)) tell(entry, log);
        seen.set(entry.id, entry.at);
      }
    } catch {
      // The store's own trouble is told by the service.
    }
    for (const [id, at] of seen) if (at < since) seen.delete(id);
  }
}

const quiet = new Set(['intent', 'part', 'started', 'stopped', 'ingested']);
const loud = new Set(['failed', 'uncertain', 'missed', 'held', 'problem', 'notice', 'deferred']);

function tell(
  {
    type,
    text = type,
    id: _id,
    data: _data,
    at: _at,
    ...about
  }: Awaited<ReturnType<Served['context']['store']['listJournal']>>[number],
  log: Log,
) {
  if (quiet.has(type)) return;
  if (loud.has(type)) log.warn(text, { type, ...about });
  else log.info(text, { type, ...about });
}
