import { pickDefined } from '../core/pick-defined.ts';
import type { Problem } from '../core/problem.ts';
import { type LocatedYaml, parseYaml } from '../io/yaml.ts';
import { toProblems } from '../io/yaml-problems.ts';
import { ConfigError } from './config.ts';
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

/** Throws a ConfigError with every problem at once. */
export function parseConfig(text: string, label: string, environment: Environment): ParsedConfig {
  const yaml = parseYaml(text, { file: label });
  const problems = [...yaml.problems];
  const origins: Origins = new Map();
  const filled = fillIn(yaml.value ?? {}, [], { yaml, environment, origins, problems });
  if (problems.length) throw new ConfigError(problems);
  // Read once: code made for it would take longer than it saves.
  const parsed = configSchema.safeParse(filled, { jitless: true });
  if (!parsed.success) throw new ConfigError(toProblems(parsed.error, yaml, keysAt));
  const crossed = crossCheck(parsed.data, yaml);
  if (crossed.length) throw new ConfigError(crossed);
  return { raw: parsed.data, yaml, origins, label };
}

interface Filling {
  yaml: LocatedYaml;
  environment: Environment;
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
  return value.replaceAll(/\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g, (_, name: string) =>
    readVariable(name, path, filling),
  );
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
