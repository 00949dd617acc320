import { dirname } from 'node:path';
import { defaultFile, loadConfig } from '../config/load.ts';
import { type Config, ConfigError } from '../config/config.ts';
import { errorAt, type Problem, Refusal } from '../core/problem.ts';
import { StoreError } from '../ports/store.ts';

export interface UsableConfig {
  config: Config;
  /** Why the file could not be used; empty: it is. */
  faults: readonly Problem[];
}

/**
 * For commands that need the store alone: a fault in the file must not take the brake away. They
 * work with what the last service was started with.
 */
export async function loadUsableConfig(folder: string): Promise<UsableConfig> {
  try {
    const config = loadConfig(folder);
    await assertNotGone(config);
    return { config, faults: [] };
  } catch (error) {
    if (error instanceof Refusal) return openLastConfig(folder, error);
    throw error;
  }
}

/** Without a file there is a sandbox, but not where a service was started with a file. */
async function assertNotGone({ isSandbox, folders }: Config): Promise<void> {
  if (!isSandbox || !(await isServed(dirname(folders.data)))) return;
  const hint = 'put it back. Dripline is running, and was started with one';
  throw new ConfigError([errorAt(defaultFile, 'does not exist', hint)]);
}

const isServed = async (data: string) => (await import('../store/serve-lock.ts')).isServing(data);

async function openLastConfig(folder: string, refused: Refusal): Promise<UsableConfig> {
  const { readInDoubt } = await import('./config-in-doubt.ts');
  const { config, faults, isPlaceUnsure } = readInDoubt(folder, refused);
  const { data } = config.folders;
  // A store that nobody serves may be an old one.
  if (isPlaceUnsure && !(await isServed(data))) throw refused;
  const [{ openStore }, { readSettings }] = await Promise.all([
    import('../store/open-store.ts'),
    import('./settings-in-use.ts'),
  ]);
  try {
    await using store = await openStore({ uri: config.mongoUri, dataFolder: data, mode: 'beside' });
    return { config: { ...config, ...(await readSettings(store, config.zone)) }, faults };
  } catch (error) {
    if (error instanceof StoreError && error.kind === 'absent') throw refused;
    throw error;
  }
}
