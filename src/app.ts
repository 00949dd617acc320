import { hostname } from 'node:os';
import { join } from 'node:path';
import { makeFolder } from './app/data-folder.ts';
import { openContext, timingFor } from './app/open-context.ts';
import { agentDoorOf } from './app/open-agents.ts';
import { toCommands } from './app/open-commands.ts';
import { openFolderOf } from './app/open-parts.ts';
import { type DoorTiming, openPublicOf } from './app/public/open-public.ts';
import { recordSettings } from './app/settings-in-use.ts';
import { clockOf } from './app/clock-of.ts';
import { openFastClock } from './app/sandbox/fast-clock.ts';
import { systemClock } from './app/system-clock.ts';
import { version } from './app/version.ts';
import type { ChatParts } from './chat/surface.ts';
import type { CommandContext } from './commands/command.ts';
import { markOf } from './config/config-now.ts';
import type { Config } from './config/config.ts';
import { pickDefined } from './core/pick-defined.ts';
import type { Context, Log, Timing } from './flow/context.ts';
import { assertOurs } from './flow/moving/moved.ts';
import { startAgain } from './flow/start-again.ts';
import { callAgentFor } from './io/outgoing-proxy.ts';
import type { GuardedGet } from './io/guarded-get.ts';
import type { Clock } from './ports/clock.ts';
import { type Store, StoreError } from './ports/store.ts';
import type { SequencesRehearsal } from './rehearsal/people/rehearse-sequences.ts';
import type { Rehearsal, RehearsalInput } from './rehearsal/rehearsal.ts';
import type { Sandbox, SandboxOptions } from './sandbox/open-sandbox.ts';
import { openStore } from './store/open-store.ts';

/** What will be posted of a Markdown text. */
export async function openToPlain(): Promise<(markdown: string) => string> {
  const { toPlainText } = await import('./io/markdown/markdown.ts');
  return (markdown) => toPlainText(markdown).text;
}

export async function openHtmlToText(): Promise<(html: string) => string> {
  const { htmlToText } = await import('./sources/feed/feed-text.ts');
  return (html) => htmlToText(html).text;
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
  /** How the public door counts. */
  counting?: DoorTiming;
}

export interface Served extends AsyncDisposable {
  context: Context;
  web?: string;
  /** Where links of posts are counted, as people reach it. */
  door?: string;
  /** Of the dashboard, made just now: to be printed once. */
  madePassword?: string;
  /** Where the sandbox's networks show what they accepted. */
  sandboxPage?: string;
}

/** A MongoDB that starts beside Dripline is waited for; one that is not there ends the start. */
const firstTries = 4;

const openOwnStore = ({ mongoUri: uri, folders }: Config, log: Log): Promise<Store> =>
  startAgain(() => openStore({ uri, dataFolder: folders.data, mode: 'serve' }), {
    log,
    tries: firstTries,
  });

/** Everything, from the configuration. What was opened last is closed first. */
export async function openServed(
  given: Config,
  { log, timing, settleFor = 500, hasWeb = true, guardedGet, ...options }: ServeOptions,
): Promise<Served> {
  await using opened = new AsyncDisposableStack();
  const { data, posts, media } = given.folders;
  makeFolder(data);
  const startedWith = markOf(given);
  if (!given.mongoUri) opened.use(await lockStore(data, systemClock));
  const clock = options.clock ?? (await openClock(given, { log, opened }));
  const sandbox = given.isSandbox ? opened.use(await openSandboxFor(given, clock)) : undefined;
  const store = opened.use(await openOwnStore(given, log));
  await assertOurs(store);
  const { config, door } = await openPublicOf(given, { store, clock, log, hasWeb, ...options });
  if (door) opened.use(door);
  if (sandbox && config.links) opened.use(sandbox.readLinks(config.links.url));
  const times = { timing: { ...timingFor(config), ...timing }, settleFor };
  const context = await openContext(config, { store, log, clock, ...times, guardedGet });
  opened.use(context.alarms);
  await addPeople(withMailOf(sandbox, config), { context, sandbox, opened });
  const commands = toCommands(config, { store, clock, by: 'web' });
  const web = hasWeb
    ? opened.use(await openPages(config, commands, { sandboxPage: sandbox?.page, warn: log.warn }))
    : undefined;
  // Before the service: what its start has to say is heard.
  opened.use(await openMouths(config, context, commands));
  const service = opened.use(
    await openService(config, context, pickDefined({ web: web?.url, config: startedWith })),
  );
  await startAgain(() => recordSettings(store, config), { log, tries: 10 });
  const { watchFolders } = await import('./sources/folder/watch-folder.ts');
  const changed = () => service.lookAtFolder();
  opened.use(watchFolders([posts, media], { changed, warn: log.warn }));
  const all = opened.move();
  const { url, madePassword } = web ?? {};
  return {
    context,
    ...pickDefined({ web: url, door: door?.url, madePassword, sandboxPage: sandbox?.page }),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

/** The sandbox's days are short, and it has some weeks behind it when it first opens. */
async function openClock(
  config: Config,
  { log, opened }: { log: Log; opened: AsyncDisposableStack },
): Promise<Clock> {
  if (!config.isSandbox) return systemClock;
  const { data } = config.folders;
  const { preparePast } = await import('./app/sandbox/own-folder.ts');
  await preparePast(data, {
    log,
    play: async (folder) =>
      (await import('./app/sandbox/play-past.ts')).playPast(config, { folder }),
  });
  return opened.use(openFastClock(data));
}

/** The sandbox's mail server may listen elsewhere than is usual. */
const withMailOf = (sandbox: { mail: { port: number } } | undefined, config: Config): Config =>
  sandbox && config.mail
    ? { ...config, mail: { ...config.mail, port: sandbox.mail.port } }
    : config;

/** Sequences for single people, where there are any; in the sandbox people read what comes. */
async function addPeople(
  config: Config,
  { context, sandbox, opened }: { context: Context; sandbox?: Sandbox | undefined } & Opening,
) {
  const { openPeopleRoom } = await import('./app/people/open-people.ts');
  const postbox = sandbox && (await import('./app/sandbox/people/postbox.ts')).openPostbox();
  const people = await openPeopleRoom(config, { ...context, openMailbox: postbox?.open });
  if (!people) return;
  context.people = opened.use(people);
  if (!sandbox || !postbox || !config.public) return;
  const { openLivePeople } = await import('./app/sandbox/people/live-people.ts');
  const door = config.public.url;
  opened.use(openLivePeople(people, { sandbox, door, postbox, token: config.events?.token }));
}

interface Opening {
  opened: AsyncDisposableStack;
}

/** One service for each SQLite store. */
async function lockStore(data: string, clock: Clock) {
  const { lockServe } = await import('./store/serve-lock.ts');
  return lockServe(data, { pid: process.pid, host: hostname(), startedAt: clock.now() });
}

async function openPages(
  config: Config,
  commands: CommandContext,
  around: { sandboxPage: string | undefined; warn: Log['warn'] },
) {
  const { openWeb } = await import('./web/web-server.ts');
  const { web, folders } = config;
  const agents = agentDoorOf(config, commands, around.warn);
  return openWeb(commands, { ...web, dataFolder: folders.data, agents, ...around });
}

async function openService(
  { mongoUri }: Config,
  context: Context,
  own: { web?: string; config?: string },
) {
  const { startService } = await import('./flow/service.ts');
  const isAlone = !mongoUri;
  return startService(
    context,
    pickDefined({ pid: process.pid, host: hostname(), version, isAlone, ...own }),
  );
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
  const [{ startNotices }, { describingLeads }, { openChats }] = await Promise.all([
    import('./flow/notify/notify.ts'),
    import('./flow/people/leads/describe-leads.ts'),
    import('./chat/open-chats.ts'),
  ]);
  const { store, clock, images, log, worker } = context;
  const isAlone = store.kind === 'sqlite';
  const chats = await openChats(
    { store, clock, images, log, worker, isAlone, context: commands, agentFor: callAgentFor },
    { ...chat, webhook },
  );
  opening.use(chats);
  const channels = chats.channels.map((channel) => describingLeads({ store, clock }, channel));
  opening.use(await startNotices(context, channels, { quiet }));
  return opening.move();
}

export async function openSandboxFor(
  config: Pick<Config, 'folders' | 'zone'>,
  clock: Clock = systemClock,
) {
  return openNetworks({
    file: join(config.folders.data, 'networks.jsonl'),
    clock,
    zone: config.zone,
  });
}

/** The three local networks. */
export async function openNetworks(options: SandboxOptions) {
  const { openSandbox } = await import('./sandbox/open-sandbox.ts');
  return openSandbox(options);
}

export type RehearseOptions = Pick<RehearsalInput, 'weeks' | 'seed' | 'onProgress'> & {
  clock?: Clock;
  /** How many enter each sequence a day; absent: as many as lately. */
  entering?: number | undefined;
};

/** The queue, and the sequences if there are any. */
export type Rehearsed = Rehearsal & { people?: SequencesRehearsal };

/**
 * Plays the queue in virtual time, on a copy of the store where there is one. Nothing is released,
 * and nothing written.
 */
export async function rehearse(
  config: Config,
  { clock = clockOf(config), entering, ...options }: RehearseOptions,
): Promise<Rehearsed> {
  const { rehearseQueue } = await import('./rehearsal/rehearsal.ts');
  const { openMemoryStore } = await import('./store/memory-store.ts');
  await using own = await openStoreIfThere(config);
  const folder = await openFolderOf(config, 0);
  const now = clock.now();
  const openStore = openMemoryStore;
  // Awaited here: the store is closed when this ends.
  const queue = await rehearseQueue({
    ...options,
    settings: config,
    folder,
    own,
    openStore,
    now,
  });
  const { rehearsePeople } = await import('./app/people/rehearse-people.ts');
  const span = { from: now, until: queue.until };
  const people = await rehearsePeople(config, { own, openStore, entering, ...span });
  return { ...queue, ...pickDefined({ people }) };
}

async function openStoreIfThere({ mongoUri, folders }: Config): Promise<Store | undefined> {
  try {
    return await openStore({ uri: mongoUri, dataFolder: folders.data, mode: 'beside' });
  } catch (error) {
    if (error instanceof StoreError && error.kind === 'absent') return undefined;
    throw error;
  }
}

export async function openImagesFor(config: Pick<Config, 'folders' | 'keep'>) {
  const { openImages } = await import('./media/images.ts');
  return openImages({ dataFolder: config.folders.data, keepFor: config.keep.picturesFor });
}
