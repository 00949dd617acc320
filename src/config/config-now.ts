import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Problem, Refusal } from '../core/problem.ts';
import { type Config, ConfigError } from './config.ts';
import { defaultFile, loadConfig } from './load.ts';

type Place = Pick<Config, 'root' | 'file' | 'folders' | 'isSandbox'>;

/** What tells one content of the configuration's files from another. */
export function markOf({
  root,
  file = join(root, defaultFile),
  folders: { data },
  isSandbox,
}: Place): string {
  const hash = createHash('sha256');
  const connected = join(isSandbox ? dirname(data) : data, 'accounts.json');
  for (const one of [file, join(root, '.env'), connected]) hash.update(bytesOf(one)).update('\0');
  return hash.digest('hex').slice(0, 16);
}

function bytesOf(file: string): Buffer | string {
  try {
    return readFileSync(file);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'unreadable';
  }
}

/** The configuration as it is now, which is read anew only when its files have changed. */
export function openConfigNow(place: Place): () => { mark: string; faults: readonly Problem[] } {
  let last: { mark: string; faults: readonly Problem[] } | undefined;
  return () => {
    const mark = markOf(place);
    if (last?.mark !== mark) last = { mark, faults: faultsOf(() => loadConfig(place.root)) };
    return last;
  };
}

/** What stops a configuration from being read; empty: nothing. */
function faultsOf(read: () => unknown): readonly Problem[] {
  try {
    read();
    return [];
  } catch (error) {
    return toFaults(error);
  }
}

export function toFaults(error: unknown): readonly Problem[] {
  if (error instanceof ConfigError) return error.problems;
  if (!(error instanceof Refusal)) throw error;
  return [{ where: 'the environment:', what: error.message, severity: 'error' }];
}
