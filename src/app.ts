import { randomBytes, randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { basename, join } from 'node:path';
import type { ChatParts } from './chat/surface.ts';
import type { CommandContext } from './commands/command.ts';
import type { Config } from './config/config.ts';
import { Refusal } from './core/problem.ts';
import type { GuardedGet } from './io/guarded-get.ts';
import { type Context, defaultTiming, type Log, type Timing } from './flow/context.ts';
import type { Clock } from './ports/clock.ts';
import type { CostLedger } from './ports/cost-ledger.ts';
import type { Publisher } from './ports/publisher.ts';
import type { Rehearsal, RehearsalInput } from './rehearsal/rehearsal.ts';
import type { SandboxOptions } from './sandbox/open-sandbox.ts';
import { type Store, StoreError } from './ports/store.ts';
import { openStore } from './store/open-store.ts';

export const systemClock: Clock = { now: () => Date.now(), monotonic: () => performance.now() };

/**
 * Where the audience is in a hurry, so are the looks at it: who tries the sandbox out sees in
 * minutes what comes of a post in days.
 */
const timingFor = ({ audienceSpeed }: Pick<Config, 'audienceSpeed'>): Timing => ({
  ...defaultTiming,
  measureAges: defaultTiming.measureAges.map((age) => age / audienceSpeed),
  repliesEvery: defaultTiming.repliesEvery / Math.min(30, audienceSpeed),
});

export const version = (
  JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string;
  }
).version;

/** The names that posts may refer to. */
export const namesOf = (config: Config) => ({
  accounts: config.accounts.map(({ name, network }) => ({ name, network })),
  queues: Object.keys(config.queues),
  campaigns: Object.keys(config.campaigns),
});

export async function openFolderOf(config: Config, settleFor: number) {
  const { openFolder } = await import('./sources/folder/posts-folder.ts');
  const { posts, media } = config.folders;
  // Samples are for trying out: they never meet a real account.
  return openFolder({
    postsFolder: posts,
    mediaFolder: media,
    label: basename(posts),
    zone: config.zone,
    names: namesOf(config),
    settleFor,
    ...(config.isSandbox ? {} : { skip: ['samples'] }),
  });
}

/** What will be posted of a Markdown text. */
export async function openToPlain(): Promise<(markdown: string) => string> {
  const { toPlainText } = await import('./sources/folder/markdown.ts');
  return (markdown) => toPlainText(markdown).text;
}

/** For commands: beside a running service, through the store. Never migrates. */
export async function openCommands(
  config: Config,
  by: string,
  clock: Clock = systemClock,
): Promise<CommandContext & AsyncDisposable> {
  const { data } = config.folders;
  const store = await openStore({ uri: config.mongoUri, dataFolder: data, mode: 'beside' });
  const isServing = config.mongoUri
    ? undefined
    : async () => (await import('./store/serve-lock.ts')).isServing(data);
  return {
    store,
    clock,
    settings: config,
    by,
    version,
    isServing,
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  };
}

export interface ServeOptions {
  log: Log;
  clock?: Clock;
  timing?: Partial<Timing>;
  /** Milliseconds that a file has to be left alone before it is read. */
  settleFor?: number;
  hasWeb?: boolean;
  /**
   * Reads the pages of link cards. Default: one that reaches the public web alone; in the sandbox
   * this machine too.
   */
  guardedGet?: GuardedGet;
}

export interface Served extends AsyncDisposable {
  context: Context;
  web?: string;
  /** Of the dashboard, made just now: to be printed once. */
  madePassword?: string;
  /** Where the sandbox's networks show what they accepted. */
  sandboxPage?: string;
}

/** Everything, from the configuration. What was opened last is closed first. */
export async function openServed(
  config: Config,
  { log, clock = systemClock, timing, settleFor = 500, hasWeb = true, guardedGet }: ServeOptions,
): Promise<Served> {
  await using opened = new AsyncDisposableStack();
  const { data, posts, media } = config.folders;
  makeFolder(data);
  if (!config.mongoUri) {
    const { lockServe } = await import('./store/serve-lock.ts');
    opened.use(
      await lockServe(data, { pid: process.pid, host: hostname(), startedAt: clock.now() }),
    );
  }
  const sandbox = config.isSandbox ? opened.use(await openSandboxFor(config, clock)) : undefined;
  const store = opened.use(
    await openStore({ uri: config.mongoUri, dataFolder: data, mode: 'serve' }),
  );
  const context = await openContext(config, {
    store,
    log,
    clock,
    timing: { ...timingFor(config), ...timing },
    settleFor,
    guardedGet,
  });
  opened.use(context.alarms);
  const { openWeb } = await import('./web/web-server.ts');
  const commands: CommandContext = { store, clock, settings: config, by: 'web', version };
  const web = hasWeb
    ? opened.use(
        await openWeb(commands, {
          ...config.web,
          dataFolder: data,
          sandboxPage: sandbox?.page,
          warn: log.warn,
        }),
      )
    : undefined;
  // Before the service: what its start has to say is heard.
  opened.use(await openMouths(config, context, commands));
  const { startService } = await import('./flow/service.ts');
  const service = opened.use(
    await startService(context, {
      pid: process.pid,
      host: hostname(),
      version,
      isAlone: !config.mongoUri,
      ...(web ? { web: web.url } : {}),
    }),
  );
  const { watchFolders } = await import('./sources/folder/watch-folder.ts');
  opened.use(watchFolders([posts, media], () => service.lookAtFolder()));
  const all = opened.move();
  return {
    context,
    ...(web ? { web: web.url } : {}),
    ...(web?.madePassword === undefined ? {} : { madePassword: web.madePassword }),
    ...(sandbox ? { sandboxPage: sandbox.page } : {}),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

/**
 * The chats, and notices to them and to the webhook. Nothing is loaded where nothing is configured.
 */
async function openMouths(
  { chat, notices: { webhook, quiet } }: Config,
  context: Context,
  commands: ChatParts['context'],
): Promise<AsyncDisposable> {
  await using opening = new AsyncDisposableStack();
  if (!webhook && !chat) return opening.move();
  const [{ startNotices }, { openChats }] = await Promise.all([
    import('./flow/notify/notify.ts'),
    import('./chat/open-chats.ts'),
  ]);
  const { store, clock, images, log, worker } = context;
  const isAlone = store.kind === 'sqlite';
  const chats = await openChats(
    { store, clock, images, log, worker, isAlone, context: commands },
    { ...chat, webhook },
  );
  opening.use(chats);
  opening.use(await startNotices(context, chats.channels, { quiet }));
  return opening.move();
}

function makeFolder(folder: string) {
  try {
    mkdirSync(folder, { recursive: true });
    const probe = join(folder, `.probe-${randomBytes(4).toString('hex')}`);
    writeFileSync(probe, '');
    rmSync(probe, { force: true });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOSPC')
      throw new StoreError('full', `the disk that holds ${folder} is full: make room`);
    throw new Refusal(
      `the data folder ${folder} cannot be written (${code ?? 'error'}): mend its rights, or set DRIPLINE_DATA to another`,
    );
  }
}

export async function openSandboxFor(
  config: Pick<Config, 'folders' | 'audienceSpeed'>,
  clock: Clock = systemClock,
) {
  return openNetworks({
    file: join(config.folders.data, 'networks.jsonl'),
    clock,
    audienceSpeed: config.audienceSpeed,
  });
}

/** The three local networks. */
export async function openNetworks(options: SandboxOptions) {
  const { openSandbox } = await import('./sandbox/open-sandbox.ts');
  return openSandbox(options);
}

export type RehearseOptions = Pick<RehearsalInput, 'weeks' | 'seed' | 'onProgress'> & {
  clock?: Clock;
};

/**
 * Plays the queue in virtual time, on a copy of the store where there is one. Nothing is released,
 * and nothing written.
 */
export async function rehearse(
  config: Config,
  { clock = systemClock, ...options }: RehearseOptions,
): Promise<Rehearsal> {
  const { rehearseQueue } = await import('./rehearsal/rehearsal.ts');
  const { openMemoryStore } = await import('./store/memory-store.ts');
  await using own = config.isSandbox ? undefined : await openStoreIfThere(config);
  const folder = await openFolderOf(config, 0);
  // Awaited here: the store is closed when this ends.
  return await rehearseQueue({
    ...options,
    settings: config,
    folder,
    own,
    openStore: openMemoryStore,
    now: clock.now(),
  });
}

async function openStoreIfThere({ mongoUri, folders }: Config): Promise<Store | undefined> {
  try {
    return await openStore({ uri: mongoUri, dataFolder: folders.data, mode: 'beside' });
  } catch (error) {
    if (error instanceof StoreError && error.kind === 'absent') return undefined;
    throw error;
  }
}

export async function openImagesFor(config: Pick<Config, 'folders'>) {
  const { openImages } = await import('./media/images.ts');
  return openImages({ dataFolder: config.folders.data });
}

interface Parts {
  store: Store;
  log: Log;
  clock: Clock;
  timing: Timing;
  settleFor: number;
  guardedGet: GuardedGet | undefined;
}

async function openContext(
  config: Config,
  { store, log, clock, timing, settleFor, guardedGet }: Parts,
): Promise<Context> {
  const { data } = config.folders;
  const { openCostLedger } = await import('./flow/spend/spend.ts');
  const [{ openAlarms }, { openImages }, publishers, folder, feeds] = await Promise.all([
    import('./jobs/open-alarms.ts'),
    import('./media/images.ts'),
    openPublishers(config, clock, {
      timeoutFor: timing.publishFor,
      guardedGet,
      ledger: openCostLedger({ store, clock, settings: config }),
    }),
    openFolderOf(config, settleFor),
    openFeeds(config),
  ]);
  const alarms = await openAlarms({
    store: config.mongoUri
      ? { kind: 'mongodb', uri: config.mongoUri }
      : { kind: 'sqlite', file: join(data, 'alarms.db') },
    worker: workerName(data),
    clock,
    report: (error) => log.warn(`an alarm did not work: ${error.message}`),
  });
  return {
    store,
    clock,
    alarms,
    images: openImages({ dataFolder: data }),
    publishers,
    folder,
    feeds,
    settings: config,
    timing,
    worker: randomUUID(),
    hold: {},
    met: new Set(),
    unsent: new Map(),
    log,
  };
}

export interface PublisherParts {
  /** For one request, in milliseconds. */
  timeoutFor?: number;
  guardedGet?: GuardedGet | undefined;
  /** Where calls that are billed are written down: only where there is a store. */
  ledger?: CostLedger;
}

export async function openPublishers(
  config: Config,
  clock: Clock = systemClock,
  { timeoutFor = defaultTiming.publishFor, guardedGet, ledger }: PublisherParts = {},
): Promise<Map<string, Publisher>> {
  if (!config.accounts.length) return new Map();
  const { openPublisher } = await import('./networks/open-publisher.ts');
  const { shrink } = await import('./media/encode.ts');
  const get = guardedGet ?? (await openCardGet(config));
  return new Map(
    await Promise.all(
      config.accounts.map(async (account): Promise<[string, Publisher]> => [
        account.name,
        await openPublisher(account, {
          clock,
          dataFolder: config.folders.data,
          shrink,
          timeoutFor,
          guardedGet: get,
          ...(ledger ? { ledger } : {}),
        }),
      ]),
    ),
  );
}

/**
 * The sandbox's own pages lie on this machine; whoever publishes for real must not be led to its
 * neighbours.
 */
async function openCardGet({ isSandbox }: Config): Promise<GuardedGet> {
  const { guardedGet } = await import('./io/guarded-get.ts');
  return (url, options) => guardedGet(url, { ...options, allowLoopback: isSandbox });
}

async function openFeeds(config: Config) {
  if (!config.feeds.length) return [];
  const { openFeed } = await import('./sources/feed/feed-source.ts');
  return config.feeds.map((feed) =>
    openFeed(feed, { mediaFolder: join(config.folders.data, 'feed-media') }),
  );
}

/** The same after a restart, so that alarms that the last run held ring at once. */
function workerName(data: string): string {
  const file = join(data, 'worker');
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    const name = `${hostname()}-${randomBytes(4).toString('hex')}`;
    writeFileSync(file, `${name}\n`);
    return name;
  }
}
