import { ownCommand } from '../core/text/own-command.ts';
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { openServed, type Served } from '../app.ts';
import { version } from '../app/version.ts';
import { WrongUsage } from '../commands/command.ts';
import { pickDefined } from '../core/pick-defined.ts';
import { formatLocal, second, tellSpeed } from '../core/time.ts';
import type { Log } from '../flow/context.ts';
import { changeFact, nudge, readPause, pauseFact } from '../flow/facts.ts';
import { onClock } from '../ports/clock.ts';
import { openJsonLog, openPlainLog } from '../io/log.ts';
import type { CliContext } from './cli-context.ts';

/** Runs until a signal comes, then stops in order. */
export async function serve(cli: CliContext): Promise<void> {
  // What the service writes is for its own user, whichever library writes it.
  process.umask(0o077);
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
  log.info('Stopping. What is in progress is finished first.');
  following.abort();
  await told;
}

const patience = 3 * second;

/**
 * Stopped while it was starting. Nothing has been sent yet, and a network that does not answer
 * would delay the end, so the wait is short.
 */
async function abandon(opening: Promise<Served>, log: Log): Promise<void> {
  log.info('Stopped during the start. Nothing was sent.');
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
      // npm forwards Ctrl-C although the terminal sends it to every process: one press may count
      // twice.
      else if (count === 3) {
        log.warn('Stopped at once. The next start finds out what became of posts in progress.');
        process.exit(1);
      }
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, heard);
  });
}

/** `--yes` does what `resume` would do. */
async function endFirstStart({ context: { store, clock } }: Served) {
  const at = clock.now();
  const before = await changeFact(store, pauseFact, (state) => {
    if (!state.isFirstStart) return undefined;
    const { '*': _all, ...paused } = state.paused;
    return { ...state, isFirstStart: false, paused, resumedAt: { ...state.resumedAt, '*': at } };
  });
  if (before.resumedAt['*'] !== at) return;
  await store.appendJournal([
    { id: randomUUID(), at, type: 'resumed', by: 'cli', text: 'everything resumes: serve --yes' },
  ]);
  await nudge(store);
}

async function greet(cli: CliContext, served: Served, log: Log) {
  for (const line of await greetingOf(cli, served)) log.info(line);
}

async function greetingOf({ config }: CliContext, served: Served): Promise<string[]> {
  const { web, madePassword, sandboxPage, door } = served;
  const mode = config.isSandbox
    ? ', sandbox: three local networks, nothing leaves this machine'
    : '';
  const lines = [`Dripline ${version}${mode}`];
  if (web) lines.push(`Dashboard: ${web}`);
  if (madePassword !== undefined)
    lines.push(
      `Dashboard password, shown only once: ${madePassword} (to choose your own, set web.password)`,
    );
  if (sandboxPage) lines.push(`What the networks show: ${sandboxPage}`);
  if (door) lines.push(`Forms and links, for everybody: ${door}`);
  const { speed } = served.context.clock;
  if (speed !== undefined) lines.push(tellSpeed(speed));
  if (config.isSandbox)
    lines.push(
      `Posts come from posts/. For your own accounts: ${ownCommand('init')}. To stop: Ctrl-C.`,
    );
  return [...lines, ...(await tellFirstStart(served, config.zone))];
}

async function tellFirstStart({ context }: Served, zone: string): Promise<string[]> {
  if (!(await readPause(context.store)).isFirstStart) return [];
  const first = await context.store.listDeliveries({ states: ['planned'], order: 'at', limit: 10 });
  return [
    'First start with these accounts. Nothing is published yet. The first posts would be:',
    ...first.map((one) => `  ${formatLocal(one.at ?? 0, zone)}  ${one.id}`),
    ...(first.length
      ? []
      : [`  none: there are no posts yet, or all of them are waiting (${ownCommand('queue')})`]),
    `To start posting: ${ownCommand('resume')} (or start with serve --yes).`,
  ];
}

/** Other processes' entries may arrive a little late. */
const lateBy = 5 * second;

/** The log is the journal, read as it grows. */
async function follow({ context: { store, clock } }: Served, log: Log, signal: AbortSignal) {
  const seen = new Map<string, number>();
  const late = onClock(clock, lateBy);
  const begunAt = clock.now() - late;
  while (!signal.aborted) {
    await delay(second / 2, undefined, { signal }).catch(() => undefined);
    const since = Math.max(begunAt, clock.now() - 2 * late);
    try {
      for (const entry of await store.listJournal({ since })) {
        if (!seen.has(entry.id)) tell(entry, log);
        seen.set(entry.id, entry.at);
      }
    } catch {
      // The service reports the store's errors.
    }
    for (const [id, at] of seen) if (at < since) seen.delete(id);
  }
}

const quiet = new Set(['intent', 'part', 'started', 'stopped', 'ingested']);
const loud = new Set(['failed', 'uncertain', 'missed', 'held', 'problem', 'notice', 'deferred']);

type Entry = Awaited<ReturnType<Served['context']['store']['listJournal']>>[number];

function tell(entry: Entry, log: Log) {
  const { type, text = type, by, delivery, post, account, network, url } = entry;
  if (quiet.has(type)) return;
  const about = pickDefined({ type, by, delivery, post, account, network, url });
  if (loud.has(type)) log.warn(text, about);
  else log.info(text, about);
}
