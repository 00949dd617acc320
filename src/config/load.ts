import { lstatSync, readFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { networks } from '../core/network/network.ts';
import { defaultCadence } from '../core/schedule/cadence.ts';
import { usualMostAWeek, usualTouches } from '../core/pacing/count-touches.ts';
import { formatProblem, type Problem, Refusal } from '../core/problem.ts';
import type { Campaign } from '../core/settings.ts';
import { didYouMean } from '../core/suggest.ts';
import { type LocatedYaml, parseYaml, toProblems } from '../io/yaml.ts';
import type { Config, FeedConfig } from './config.ts';
import { type Environment, openEnvironment } from './environment.ts';
import { sandboxConfig } from './sandbox-config.ts';
import { toAccount } from './schema-accounts.ts';
import { toNotices } from './schema-chat.ts';
import { configSchema, keysAt, type RawConfig, secretKeys, toCadence, toQueue } from './schema.ts';

export class ConfigError extends Refusal {
  readonly problems: Problem[];
  constructor(problems: Problem[]) {
    super(problems.map(formatProblem).join('\n'));
    this.problems = problems;
  }
}

/** Where values come from besides the file itself, by dotted path. */
type Origins = Map<string, string>;

/**
 * Reads the configuration, or makes the sandbox's where there is none. Throws ConfigError with
 * every problem at once.
 */
export function loadConfig(
  folder: string,
  environment: Environment = openEnvironment(folder),
): Config {
  const named = environment.read('DRIPLINE_CONFIG');
  const label = named?.value ?? 'config/dripline.yaml';
  const file = isAbsolute(label) ? label : join(folder, label);
  const isThere = isInFolder(file);
  if (!isThere && named)
    throw new ConfigError([
      {
        where: file,
        what: 'is not there',
        hint: `DRIPLINE_CONFIG in ${named.from} names it`,
        severity: 'error',
      },
    ]);
  if (!isThere)
    return build(
      parse(
        sandboxConfig(Intl.DateTimeFormat().resolvedOptions().timeZone),
        'the sandbox',
        environment,
      ),
      { folder, environment, isSandbox: true },
    );
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new ConfigError([
      {
        where: label,
        what: `cannot be read (${(error as NodeJS.ErrnoException).code ?? 'error'})`,
        hint: 'is it a file, and may Dripline read it?',
        severity: 'error',
      },
    ]);
  }
  return { ...readConfig(text, label, { folder, environment }), file };
}

/** A configuration that is not, or not yet, in a file. */
export function readConfig(
  text: string,
  label: string,
  { folder, environment }: Pick<Surroundings, 'folder' | 'environment'>,
): Config {
  return build(parse(text, label, environment), { folder, environment, isSandbox: false });
}

/**
 * A file that is there and cannot be reached counts as there: reading it tells why, and no sandbox
 * starts in its place.
 */
function isInFolder(file: string): boolean {
  try {
    return lstatSync(file) !== undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ENOENT';
  }
}

interface Parsed {
  raw: RawConfig;
  yaml: LocatedYaml;
  origins: Origins;
  label: string;
}

function parse(text: string, label: string, environment: Environment): Parsed {
  const yaml = parseYaml(text, { file: label });
  const problems = [...yaml.problems];
  const origins: Origins = new Map();
  const filled = fillIn(yaml.value ?? {}, [], { yaml, environment, origins, problems });
  if (problems.length) throw new ConfigError(problems);
  const parsed = configSchema.safeParse(filled);
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

/** `${NAME}` in the parsed values: a value can never change the structure. */
function fillIn(value: unknown, path: PropertyKey[], filling: Filling): unknown {
  if (Array.isArray(value)) return value.map((one, i) => fillIn(one, [...path, i], filling));
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(
      Object.entries(value).map(([key, one]) => [key, fillIn(one, [...path, key], filling)]),
    );
  if (typeof value !== 'string') return value;
  return value.replaceAll(/\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g, (_, name: string) => {
    try {
      const found = filling.environment.read(name);
      if (found) filling.origins.set(path.join('.'), found.from);
      else
        filling.problems.push({
          where: filling.yaml.locate(path),
          what: `${name} is not set`,
          hint: `set ${name} in the environment or in .env, or ${name}_FILE to a file that holds it`,
          severity: 'error',
        });
      return found?.value ?? '';
    } catch (error) {
      filling.problems.push({
        where: filling.yaml.locate(path),
        what: (error as Error).message,
        severity: 'error',
      });
      return '';
    }
  });
}

/** What one part of the file says about another. */
function crossCheck(raw: RawConfig, yaml: LocatedYaml): Problem[] {
  const problems: Problem[] = [];
  const accounts = Object.keys(raw.accounts ?? {});
  if (accounts.length && raw.timezone === undefined) {
    problems.push({
      where: yaml.locate([]),
      what: 'timezone is missing',
      hint: 'give it, such as timezone: Europe/Berlin; containers are silently on UTC',
      severity: 'error',
    });
  }
  for (const [queue, { accounts: named = [] }] of Object.entries(raw.queues ?? {})) {
    named.forEach((name, i) => {
      if (!accounts.includes(name))
        problems.push({
          where: yaml.locate(['queues', queue, 'accounts', i]),
          what: `unknown account "${name}"`,
          hint: accounts.length ? didYouMean(name, accounts) : 'add it under accounts',
          severity: 'error',
        });
    });
  }
  checkFeeds(raw, yaml, problems);
  return problems;
}

const templateWords = ['title', 'link', 'summary', 'author', 'network', 'account', 'campaign.link'];

function checkFeeds(raw: RawConfig, yaml: LocatedYaml, problems: Problem[]) {
  const accounts = Object.keys(raw.accounts ?? {});
  const queues = Object.keys(raw.queues ?? {});
  (raw.feeds ?? []).forEach((feed, i) => {
    const first = raw.feeds?.findIndex(({ url }) => url === feed.url);
    if (first !== i)
      problems.push({
        where: yaml.locate(['feeds', i, 'url']),
        what: `the feed ${feed.url} stands twice`,
        hint: 'each of its items goes out once: keep one of the two',
        severity: 'error',
      });
    for (const [, word = ''] of (feed.template ?? '').matchAll(/\{\{\s*([^{}]*?)\s*\}\}/g)) {
      if (!templateWords.includes(word))
        problems.push({
          where: yaml.locate(['feeds', i, 'template']),
          what: `a feed has no {{${word}}}`,
          hint: didYouMean(word, templateWords),
          severity: 'error',
        });
    }
    if (feed.queue !== undefined && !queues.includes(feed.queue))
      problems.push({
        where: yaml.locate(['feeds', i, 'queue']),
        what: `unknown queue "${feed.queue}"`,
        hint: queues.length ? didYouMean(feed.queue, queues) : 'add it under queues',
        severity: 'error',
      });
    feed.networks?.forEach((name, j) => {
      const known = [...networks, ...accounts];
      if (!known.includes(name))
        problems.push({
          where: yaml.locate(['feeds', i, 'networks', j]),
          what: `unknown network "${name}"`,
          hint: didYouMean(name, known),
          severity: 'error',
        });
    });
  });
}

interface Surroundings {
  folder: string;
  environment: Environment;
  isSandbox: boolean;
}

function build(
  { raw, yaml, origins, label }: Parsed,
  { folder, environment, isSandbox }: Surroundings,
): Config {
  const zone = raw.timezone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
  const at = (name: string, otherwise: string) =>
    resolvePath(folder, environment.read(name)?.value ?? otherwise);
  const data = at('DRIPLINE_DATA', 'data');
  const mongo = isSandbox ? undefined : environment.read('MONGODB_URI');
  const accounts = Object.entries(raw.accounts ?? {}).map(([name, one]) => toAccount(name, one));
  const builtIn = { ...defaultCadence, zone };
  return {
    isSandbox,
    zone,
    accounts,
    cadences: Object.fromEntries(
      Object.entries(raw.accounts ?? {}).map(([name, one]) => [
        name,
        toCadence([raw.cadence, one.cadence], builtIn),
      ]),
    ),
    queues: Object.fromEntries(
      Object.entries(raw.queues ?? {}).map(([name, one]) => [name, toQueue(one)]),
    ),
    campaigns: Object.fromEntries(
      Object.entries(raw.campaigns ?? {}).map(([name, one]) => [name, toCampaign(one)]),
    ),
    feeds: (raw.feeds ?? []).map(toFeed),
    audienceSpeed: isSandbox ? 60 : 1,
    pacing: {
      mode: raw.pacing?.mode ?? 'adaptive',
      audience: raw.pacing?.audience ?? 'mostly-here',
      evergreen: raw.pacing?.evergreen ?? 'in-turn',
    },
    web: toWeb(raw.web),
    ...(raw.chat ? { chat: raw.chat } : {}),
    notices: toNotices(raw.notices),
    folders: {
      data: isSandbox ? join(data, 'sandbox') : data,
      posts: at('DRIPLINE_POSTS', 'posts'),
      media: at('DRIPLINE_MEDIA', 'media'),
    },
    ...(mongo ? { mongoUri: mongo.value } : {}),
    secrets: secretsOf(raw, mongo?.value),
    notes: notesOf(raw, yaml, isSandbox),
    shown: [
      ...show(raw, [], origins, label),
      ...(mongo
        ? [
            {
              key: 'MONGODB_URI',
              value: mongo.value.replace(/\/\/[^@/]*@/, '//…@'),
              from: mongo.from,
            },
          ]
        : []),
    ],
  };
}

function toWeb({
  host = '127.0.0.1',
  port = 4330,
  password,
  trustedProxy = [],
  metricsToken,
}: NonNullable<RawConfig['web']> = {}): Config['web'] {
  return {
    host,
    port: Number(port),
    trustedProxies: [trustedProxy].flat(),
    ...(password === undefined ? {} : { password }),
    ...(metricsToken === undefined ? {} : { metricsToken }),
  };
}

const resolvePath = (folder: string, path: string) =>
  isAbsolute(path) ? path : join(folder, path);

function toCampaign({
  touches = usualTouches,
  touchesPerWeek = usualMostAWeek,
  utm = {},
}: NonNullable<RawConfig['campaigns']>[string]): Campaign {
  return { touches, touchesPerWeek, utm };
}

function toFeed(raw: NonNullable<RawConfig['feeds']>[number]): FeedConfig {
  return {
    url: raw.url,
    template: raw.template ?? '{{title}} {{link}}',
    approval: raw.approval === 'required',
    ...(raw.queue === undefined ? {} : { queue: raw.queue }),
    ...(raw.perDay === undefined ? {} : { perDay: raw.perDay }),
    ...(raw.networks ? { networks: raw.networks } : {}),
    ...(raw.campaign === undefined ? {} : { campaign: raw.campaign }),
  };
}

function secretsOf(raw: RawConfig, mongo: string | undefined): string[] {
  const found: string[] = [];
  const walk = (value: unknown, key: string) => {
    if (typeof value === 'string' && secretKeys.has(key)) found.push(value);
    else if (typeof value === 'object' && value !== null)
      for (const [name, one] of Object.entries(value)) walk(one, name);
  };
  walk(raw, '');
  const password = mongo && URL.canParse(mongo) ? new URL(mongo).password : '';
  return [...found, ...(password ? [decodeURIComponent(password), password] : [])].filter(
    (value) => value.length >= 4,
  );
}

function notesOf(raw: RawConfig, yaml: LocatedYaml, isSandbox: boolean): Problem[] {
  const note = (path: string[], what: string, todo: string): Problem => ({
    where: yaml.locate(path, 'key'),
    what,
    hint: todo,
    severity: 'note',
  });
  return !isSandbox && !Object.keys(raw.accounts ?? {}).length
    ? [note([], 'there are no accounts', 'nothing can be released: add one under accounts')]
    : [];
}

function show(value: unknown, path: string[], origins: Origins, label: string): Config['shown'] {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return Object.entries(value).flatMap(([key, one]) => show(one, [...path, key], origins, label));
  const key = path.join('.');
  const from =
    origins.get(key) ?? [...origins].find(([one]) => one.startsWith(`${key}.`))?.[1] ?? label;
  const text = Array.isArray(value)
    ? JSON.stringify(value, (name, one: unknown) => (secretKeys.has(name) ? '…' : one))
    : String(value);
  const safe = text.replaceAll(/:\/\/[^/@\s"]+@/g, '://…@');
  return [{ key, value: secretKeys.has(path.at(-1) ?? '') ? '…' : safe, from }];
}
