import { readFileSync } from 'node:fs';
import type { Problem } from '../core/problem.ts';
import type { Config } from '../config/config.ts';
import { toFaults } from '../config/config-now.ts';
import { connectedFileOf } from '../config/connected/connected-file.ts';
import { type Environment, openEnvironment } from '../config/environment.ts';
import { configFileOf, readConfig } from '../config/load.ts';
import { secretKeys } from '../config/schema.ts';

/** Where the store of a configuration with a fault is, with as little else as can be known. */
export interface ConfigInDoubt {
  config: Config;
  faults: readonly Problem[];
  /** `.env` cannot be read, so that what it may say about the store is not known. */
  isPlaceUnsure: boolean;
}

/** For a configuration that `loadConfig` has refused with this error. */
export function readInDoubt(folder: string, refused: unknown): ConfigInDoubt {
  const faults = toFaults(refused);
  const { environment, isPlaceUnsure } = openEnvironmentAnyway(folder);
  const { file, label } = configFileOf(folder, environment);
  const config = readConfig('{}', label, { folder, environment });
  const written = findSecrets(file, environment.read);
  const secrets = [...config.secrets, ...written, ...findConnectedSecrets(folder, environment)];
  return { config: { ...config, file, secrets, notes: [] }, faults, isPlaceUnsure };
}

function openEnvironmentAnyway(folder: string) {
  try {
    return { environment: openEnvironment(folder), isPlaceUnsure: false };
  } catch {
    return {
      environment: openEnvironment(folder, undefined, { hasFile: false }),
      isPlaceUnsure: true,
    };
  }
}

/** A file that cannot be parsed has its secrets all the same: by line, and by variable. */
function findSecrets(file: string, read: (name: string) => { value: string } | undefined) {
  const text = readText(file);
  const written = [...text.matchAll(/([A-Za-z]{1,40}):[ \t]*["']?([^\s"',}#]{4,})/g)].flatMap(
    ([, key = '', value = '']) => (secretKeys.has(key) ? [value] : []),
  );
  const named = [...text.matchAll(/\$\{([A-Za-z_][A-Za-z0-9_]{0,100})\}/g)].map(([, name = '']) => {
    try {
      return read(name)?.value ?? '';
    } catch {
      return '';
    }
  });
  return [...written, ...named].filter((value) => value.length >= 4);
}

function findConnectedSecrets(folder: string, environment: Environment): string[] {
  const text = readText(connectedFileOf(folder, environment).file);
  return [...text.matchAll(/"(\w{1,40})": "([^"\\]{4,})"/g)].flatMap(([, key = '', value = '']) =>
    secretKeys.has(key) ? [value] : [],
  );
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8').slice(0, 1_000_000);
  } catch {
    return '';
  }
}
