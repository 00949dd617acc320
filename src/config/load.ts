import { lstatSync, readFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { errorAt } from '../core/problem.ts';
import { decodeText } from '../io/decode-text.ts';
import { buildConfig } from './build-config.ts';
import { type Config, ConfigError } from './config.ts';
import { readConnected } from './connected/connected-file.ts';
import { type Environment, openEnvironment } from './environment.ts';
import { parseConfig, type Sources } from './parse-config.ts';
import { sandboxConfig } from './sandbox-config.ts';

/** Below the folder, unless DRIPLINE_CONFIG names another. */
export const defaultFile = 'config/dripline.yaml';

/**
 * Reads the configuration, or makes one for the sandbox if there is none. Throws a ConfigError with
 * every problem at once.
 */
export function loadConfig(
  folder: string,
  environment: Environment = openEnvironment(folder),
): Config {
  const { named, label, file } = configFileOf(folder, environment);
  const connected = readConnected(folder, environment);
  const around = { folder, environment, connected };
  if (exists(file)) return { ...readConfig(readOrThrow(file, label), label, around), file };
  if (named) {
    const what = `does not exist, but is named by ${named.from}`;
    const hint = 'create it, or name another file';
    throw new ConfigError([{ where: file, what, hint, severity: 'error' }]);
  }
  // Where the configuration cannot be written, connected accounts are all there is of it.
  if (Object.values(connected.accounts).some(({ isWhole }) => isWhole))
    return { ...readConfig('', connected.label, around), file };
  const yaml = sandboxConfig(Intl.DateTimeFormat().resolvedOptions().timeZone);
  const parsed = parseConfig(yaml, 'the sandbox', { environment });
  return buildConfig(parsed, { folder, environment, isSandbox: true });
}

export function configFileOf(folder: string, environment: Environment) {
  const named = environment.read('DRIPLINE_CONFIG');
  const label = named?.value ?? defaultFile;
  return { named, label, file: isAbsolute(label) ? label : join(folder, label) };
}

/** Reads a configuration that is not, or not yet, in a file. */
export function readConfig(
  text: string,
  label: string,
  { folder, ...sources }: Sources & { folder: string },
): Config {
  const { environment } = sources;
  const parsed = parseConfig(text, label, sources);
  return buildConfig(parsed, { folder, environment, isSandbox: false });
}

/**
 * A file that cannot be reached counts as existing: reading it then reports the reason, and no
 * sandbox starts instead.
 */
function exists(file: string): boolean {
  try {
    return lstatSync(file) !== undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ENOENT';
  }
}

function readOrThrow(file: string, label: string): string {
  const text = decodeText(readOrRefuse(file, label));
  if (typeof text === 'string') return text.replace(/^\uFEFF/, '');
  const where = `${label}:${text.line}:${text.column}`;
  throw new ConfigError([errorAt(where, 'is not UTF-8 text', 'save the file as UTF-8')]);
}

function readOrRefuse(file: string, label: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    const { code = 'error' } = error as NodeJS.ErrnoException;
    const hint = 'is it a file, and may Dripline read it?';
    throw new ConfigError([errorAt(label, `cannot be read (${code})`, hint)]);
  }
}
