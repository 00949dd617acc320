import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { openServed, type Served } from '../../src/app.ts';
import { openCommands } from '../../src/app/open-commands.ts';
import { commands } from '../../src/commands/all-commands.ts';
import { openPostFilesOf } from '../../src/app/open-parts.ts';
import { openHandsOf } from '../../src/app/people/open-people.ts';
import type { CommandContext } from '../../src/commands/command.ts';
import type { Config } from '../../src/config/config.ts';
import { openEnvironment } from '../../src/config/environment.ts';
import { loadConfig } from '../../src/config/load.ts';
import { pickDefined } from '../../src/core/pick-defined.ts';
import type { Timing } from '../../src/flow/context.ts';
import type { GuardedGet } from '../../src/io/guarded-get.ts';
import type { Clock } from '../../src/ports/clock.ts';
import { openSandbox, type Sandbox, type SandboxOptions } from '../../src/sandbox/open-sandbox.ts';
import { accountsYaml } from '../sandbox/accounts-yaml.ts';

/** A folder with a configuration, posts and three networks of its own. */
export interface World extends AsyncDisposable {
  folder: string;
  sandbox: Sandbox;
  clock: Clock;
  config: Config;
  /** Writes files below the folder: `posts/a.md`. */
  write(files: Record<string, string | Buffer>): void;
  serve(options?: {
    clock?: Clock;
    timing?: Partial<Timing>;
    guardedGet?: GuardedGet;
  }): Promise<Served>;
  /** Says a command as the command line would; the answer's JSON. */
  say<T = any>(line: string): Promise<T>;
  /** Texts that stand on a network, oldest first. */
  texts(network: string): string[];
}

/**
 * Soon wherever something is waited for; what cuts a request off or takes a claim away takes its
 * time, since a slow machine is no outage.
 */
export const quick: Partial<Timing> = {
  claimFor: 60_000,
  publishFor: 30_000,
  lookGapFor: 200,
  sweepEvery: 300,
  rescanEvery: 2000,
  listenEvery: 50,
};

/** A delivery is looked at within the first second, and often. */
export const measuredSoon: Partial<Timing> = {
  ...quick,
  measureAges: [300, 600, 900, 1200, 2000, 4000, 8000, 16_000],
  measureEvery: 50,
  repliesEvery: 200,
};

/** Everything may go out at any time, a second apart. */
export const denseCadence = 'cadence: { perDay: 80000, windows: ["00:00-24:00"], minGap: 1s }';

export interface WorldOptions {
  /** YAML below the accounts. */
  yaml?: string | ((sandbox: Sandbox) => string);
  files?: Record<string, string | Buffer>;
  mongoUri?: string | undefined;
  /**
   * Default: one that begins on a Tuesday, so that no test hangs on the date. Where a process of
   * its own takes part, whose clock is the machine's: that.
   */
  clock?: Clock;
  /** Who may write on the networks. */
  people?: SandboxOptions['people'];
  /** What the audience makes of a post. */
  imagine?: SandboxOptions['imagine'];
}

export async function openWorld({
  yaml = denseCadence,
  files = {},
  mongoUri,
  clock = openMovableClock(tuesday),
  imagine,
  people,
}: WorldOptions = {}): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'dripline-world-'));
  const write: World['write'] = (some) => {
    for (const [path, content] of Object.entries(some)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), content);
    }
  };
  mkdirSync(join(folder, 'posts'));
  mkdirSync(join(folder, 'media'));
  const sandbox = await openSandbox({
    file: join(folder, 'networks.jsonl'),
    clock,
    ports: { page: 0, x: 0, bluesky: 0, mastodon: 0 },
    limitScale: 1000,
    imagine,
    ...pickDefined({ people }),
  });
  write({
    'config/dripline.yaml': `timezone: Europe/Berlin
${accountsYaml({ ...sandbox.baseUrls, page: sandbox.page })}${toYaml(yaml, sandbox)}
`,
    ...files,
  });
  const config = {
    ...loadConfig(
      folder,
      openEnvironment(folder, mongoUri === undefined ? {} : { MONGODB_URI: mongoUri }),
    ),
    web: { host: '127.0.0.1', port: 0 },
  };
  const opened = new AsyncDisposableStack();
  opened.defer(() => rmSync(folder, { recursive: true, force: true }));
  opened.use(sandbox);
  let running: Served | undefined;
  const contextOf = (): CommandContext => {
    if (!running) throw new Error('nothing is served');
    const { store, clock: itsClock } = running.context;
    const openFiles = () => openPostFilesOf(config);
    const openPeople = () => openHandsOf(config, store);
    const own = { by: 'cli', version: 'test', openFiles, openPeople };
    return { store, clock: itsClock, settings: config, ...own };
  };
  return {
    folder,
    sandbox,
    clock,
    config,
    write,
    async serve({ clock: itsClock = clock, timing = quick, guardedGet } = {}) {
      running = await openServed(config, {
        log: { info: () => undefined, warn: () => undefined },
        clock: itsClock,
        timing,
        settleFor: 0,
        counting: { burstFor: 200, flushEvery: 100 },
        ...pickDefined({ guardedGet }),
      });
      const served = running;
      return { ...served, [Symbol.asyncDispose]: () => served[Symbol.asyncDispose]() };
    },
    say: async (line) => (await sayIn(contextOf(), line)) as never,
    texts: (network) =>
      sandbox
        .accepted()
        .filter((post) => post.network === network)
        .map(({ text }) => text),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

const toYaml = (yaml: string | ((sandbox: Sandbox) => string), sandbox: Sandbox) =>
  typeof yaml === 'string' ? yaml : yaml(sandbox);

async function sayIn(context: CommandContext, line: string): Promise<unknown> {
  const [verb, ...words] = line.split(' ');
  const command = commands.find(({ name }) => name === verb);
  if (!command) throw new Error(`no command ${verb}`);
  const options: Record<string, string | boolean> = {};
  const args = words.filter((word) => {
    const match = /^--([^=]+)(?:=(.*))?$/.exec(word);
    if (match?.[1]) options[match[1]] = match[2] ?? true;
    return !match;
  });
  return (await command.run(context, { args, options })).json;
}

/**
 * Commands beside services that run in processes of their own, through the store as the command
 * line does it.
 */
export async function openTestCommands(
  world: Pick<World, 'config' | 'clock'>,
): Promise<CommandContext & AsyncDisposable & { say(line: string): Promise<any> }> {
  const context = await openCommands(world.config, 'cli', world.clock);
  return { ...context, say: (line) => sayIn(context, line) };
}

/**
 * Waits for a condition, looking often; says what it waited for when it never came. The limit is
 * for what hangs, not for a machine that is slow.
 */
export async function until<T>(
  what: string,
  look: () => T | Promise<T>,
  within = 120_000,
): Promise<NonNullable<T>> {
  const end = performance.now() + within;
  for (;;) {
    const seen = await look();
    if (seen) return seen;
    if (performance.now() > end) throw new Error(`waited ${within} ms in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

export interface MovableClock extends Clock {
  move(by: number): void;
}

/** A date on which no clock is changed and nothing ends, in the middle of a Tuesday. */
export const tuesday = Date.parse('2026-11-24T10:20:00Z');

/**
 * A clock that runs as the machine's, and can be set; from an instant on where the date matters to
 * what is expected.
 */
export function openMovableClock(from = Date.now()): MovableClock {
  let moved = from - Date.now();
  return {
    now: () => Date.now() + moved,
    monotonic: () => performance.now(),
    move: (by) => {
      moved += by;
    },
  };
}

interface QueueRow {
  state: string;
  at?: string;
}

/** Whatever is due by now has come to its end. */
export function untilQuiet(world: World, clock: Clock): Promise<boolean> {
  const isOver = ({ state, at }: QueueRow) =>
    state !== 'releasing' && (state !== 'planned' || Date.parse(at ?? '') > clock.now());
  return until('nothing is due', async () => (await world.say<QueueRow[]>('queue')).every(isOver));
}
