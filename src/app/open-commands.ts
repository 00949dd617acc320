import type { CommandContext, DataSize } from '../commands/command.ts';
import { openConfigNow } from '../config/config-now.ts';
import type { Config } from '../config/config.ts';
import type { Clock } from '../ports/clock.ts';
import type { Connecting } from '../ports/connecting/connecting.ts';
import type { PostFiles } from '../ports/post-files.ts';
import { openStore } from '../store/open-store.ts';
import { clockOf } from './clock-of.ts';
import { systemClock } from './system-clock.ts';
import { version } from './version.ts';

/** For commands: beside a running service, through the store. Never migrates. */
export async function openCommands(
  config: Config,
  by: string,
  clock: Clock = clockOf(config),
): Promise<CommandContext & AsyncDisposable> {
  const { data } = config.folders;
  const store = await openStore({ uri: config.mongoUri, dataFolder: data, mode: 'beside' });
  const isServing = config.mongoUri
    ? undefined
    : async () => (await import('../store/serve-lock.ts')).isServing(data);
  return {
    ...toCommands(config, { store, clock, by }),
    isServing,
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  };
}

export const toCommands = (
  config: Config,
  parts: Pick<CommandContext, 'store' | 'clock' | 'by'>,
): CommandContext => ({
  ...parts,
  settings: config,
  version,
  dataSize: () => readDataSize(config),
  configNow: openConfigNow(config),
  openFiles: filesOf(config),
  lengthOf: async (medium) => (await import('../media/length-of.ts')).lengthOf(medium),
  openPeople: () => openPeopleOf(config, parts.store),
  openConnecting: () => openConnectingOf(config, parts.clock),
});

/** Opened with the first text that is written. */
function filesOf(config: Config): () => Promise<PostFiles> {
  let opened: Promise<PostFiles> | undefined;
  return () => (opened ??= openFilesOf(config));
}

/** Its code is loaded by the verbs about people. */
async function openPeopleOf(config: Config, store: CommandContext['store']) {
  const { openHandsOf } = await import('./people/open-people.ts');
  return openHandsOf(config, store);
}

/** Its code is loaded by those who connect an account. */
async function openConnectingOf(config: Config, clock: Clock): Promise<Connecting> {
  const { openConnecting } = await import('./connecting/open-connecting.ts');
  // Real accounts do not live in the sandbox's time.
  return openConnecting(config, { clock: config.isSandbox ? systemClock : clock });
}

async function openFilesOf(config: Config): Promise<PostFiles> {
  const { openPostFilesOf } = await import('./open-parts.ts');
  return openPostFilesOf(config);
}

async function readDataSize({ folders }: Config): Promise<DataSize> {
  const { sizeOf } = await import('./data-size.ts');
  return { folder: folders.data, bytes: await sizeOf(folders.data) };
}
