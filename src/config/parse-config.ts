import { pickDefined } from '../core/pick-defined.ts';
import type { Problem } from '../core/problem.ts';
import { type LocatedYaml, parseYaml } from '../io/yaml.ts';
import { toProblems } from '../io/yaml-problems.ts';
import { ConfigError } from './config.ts';
import type { Connected } from './connected/connected-file.ts';
import { addConnected, findConnected } from './connected/merge-connected.ts';
import { crossCheck } from './cross-check.ts';
import type { Environment } from './environment.ts';
import { configSchema, keysAt, type RawConfig } from './schema.ts';

/** Where values come from besides the file itself, by dotted path. */
export type Origins = Map<string, string>;

export interface ParsedConfig {
  raw: RawConfig;
  yaml: LocatedYaml;
  origins: Origins;
  label: string;
}

export interface Sources {
  environment: Environment;
  /** Accounts that were connected, and credentials that are kept in the data folder. */
  connected?: Connected | undefined;
}

/** Throws a ConfigError with every problem at once. */
export function parseConfig(text: string, label: string, sources: Sources): ParsedConfig {
  const yaml = parseYaml(text, { file: label });
  const problems = [...yaml.problems];
  const origins: Origins = new Map();
  const written = fillIn(yaml.value ?? {}, [], { yaml, ...sources, origins, problems });
  const filled = addConnected(written, { connected: sources.connected, origins });
  if (problems.length) throw new ConfigError(problems);
  // Read once: code made for it would take longer than it saves.
  const parsed = configSchema.safeParse(filled, { jitless: true });
  if (!parsed.success) throw new ConfigError(toProblems(parsed.error, yaml, keysAt));
  const crossed = crossCheck(parsed.data, yaml);
  if (crossed.length) throw new ConfigError(crossed);
  return { raw: parsed.data, yaml, origins, label };
}

interface Filling extends Sources {
  yaml: LocatedYaml;
  origins: Origins;
  problems: Problem[];
}

/** Replaces `${NAME}` in the parsed values, so that a value can never change the structure. */
function fillIn(value: unknown, path: PropertyKey[], filling: Filling): unknown {
  if (Array.isArray(value)) return value.map((one, i) => fillIn(one, [...path, i], filling));
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(
      Object.entries(value).map(([key, one]) => [key, fillIn(one, [...path, key], filling)]),
    );
  if (typeof value !== 'string') return value;
  const { connected, environment, origins } = filling;
  const kept = findConnected(connected, path, () => fillQuietly(value, environment));
  if (kept === undefined)
    return value.replaceAll(variable, (_, name: string) => readVariable(name, path, filling));
  origins.set(path.join('.'), connected?.label ?? '');
  return kept;
}

const variable = /\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g;

/** Undefined: a variable is not set, or cannot be read. */
export function fillQuietly(value: string, environment: Environment): string | undefined {
  try {
    const names = [...value.matchAll(variable)].map(([, name = '']) => name);
    if (names.some((name) => environment.read(name) === undefined)) return undefined;
    return value.replaceAll(variable, (_, name: string) => environment.read(name)?.value ?? '');
  } catch {
    return undefined;
  }
}

function readVariable(
  name: string,
  path: PropertyKey[],
  { yaml, environment, origins, problems }: Filling,
): string {
  const complain = (what: string, hint?: string) =>
    problems.push(
      pickDefined({ where: yaml.locate(path), what, hint, severity: 'error' as const }),
    );
  try {
    const found = environment.read(name);
    if (found) origins.set(path.join('.'), found.from);
    else complain(`${name} is not set`, howToSet(name));
    return found?.value ?? '';
  } catch (error) {
    complain((error as Error).message);
    return '';
  }
}

const howToSet = (name: string) =>
  `set ${name} in the environment or in .env, or ${name}_FILE to the path of a file with the value`;
