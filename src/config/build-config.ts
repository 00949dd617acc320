import { toLeadHook, toPeople } from './people/schema-people.ts';
import { createHash } from 'node:crypto';
import { isAbsolute, join } from 'node:path';
import { usualMostAWeek, usualTouches } from '../core/pacing/count-touches.ts';
import { lengthOfCounted } from '../core/clicks/counted-link.ts';
import { pickDefined } from '../core/pick-defined.ts';
import { withoutCredentials } from '../core/text/credentials.ts';
import type { Problem } from '../core/problem.ts';
import { defaultCadence } from '../core/schedule/cadence.ts';
import { type Campaign, defaultKeep, type Keep } from '../core/settings.ts';
import { parseDuration } from '../core/time.ts';
import type { LocatedYaml } from '../io/yaml.ts';
import type { Config, FeedConfig } from './config.ts';
import type { Environment } from './environment.ts';
import type { ParsedConfig } from './parse-config.ts';
import { toLetters } from './letters/schema-letters.ts';
import { toMail } from './mail/schema-mail.ts';
import { toAccount } from './schema-accounts.ts';
import { toNotices } from './schema-chat.ts';
import { type RawConfig, toCadence, toQueue } from './schema.ts';
import { secretsOf, showValues } from './shown-values.ts';

export interface Surroundings {
  folder: string;
  environment: Environment;
  isSandbox: boolean;
}

/** The configuration with every default filled in. */
export function buildConfig(parsed: ParsedConfig, around: Surroundings): Config {
  const { raw, yaml } = parsed;
  const { isSandbox, environment } = around;
  const zone = raw.timezone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
  const mongo = isSandbox ? undefined : environment.read('MONGODB_URI');
  const proxies = isSandbox ? {} : toProxies(environment);
  const accounts = raw.accounts ?? {};
  const builtIn = { ...defaultCadence, zone };
  return pickDefined({
    isSandbox,
    root: around.folder,
    zone,
    accounts: Object.entries(accounts).map(([name, one]) => toAccount(name, one)),
    cadences: mapValues(accounts, (one) => toCadence([raw.cadence, one.cadence], builtIn)),
    queues: mapValues(raw.queues ?? {}, toQueue),
    campaigns: mapValues(raw.campaigns ?? {}, toCampaign),
    mentions: mapValues(raw.mentions ?? {}, (one) => pickDefined({ ...one })),
    feeds: toFeeds(raw),
    pacing: {
      mode: raw.pacing?.mode ?? 'adaptive',
      audience: raw.pacing?.audience ?? 'mostly-here',
      evergreen: raw.pacing?.evergreen ?? 'in-turn',
    },
    keep: toKeep(raw.keep),
    web: toWeb(environment, raw.web),
    ...toDoor(environment, raw),
    ...toPeopleParts(raw),
    agents: raw.agents && toAgents(raw.agents),
    chat: raw.chat,
    notices: toNotices(raw.notices),
    folders: toFolders(around),
    proxies,
    mongoUri: mongo?.value,
    secrets: secretsOf(raw, mongo?.value, proxies.HTTPS_PROXY, proxies.HTTP_PROXY),
    notes: notesOf(raw, yaml, isSandbox),
    shown: showValues(parsed, mongo),
  });
}

const toPeopleParts = (raw: RawConfig) => ({
  mail: raw.mail && toMail(raw.mail),
  letters: raw.letters && toLetters(raw.letters),
  leadHook: toLeadHook(raw.leads),
  people: toPeople(raw),
});

function toKeep({ pictures, journal, samples }: NonNullable<RawConfig['keep']> = {}): Keep {
  const read = (text: string | undefined) => (text === undefined ? undefined : parseDuration(text));
  return {
    picturesFor: read(pictures) ?? defaultKeep.picturesFor,
    journalFor: read(journal) ?? defaultKeep.journalFor,
    samplesFor: read(samples) ?? defaultKeep.samplesFor,
  };
}

/** In capitals or not, as other programs take them. */
function toProxies(environment: Surroundings['environment']): Config['proxies'] {
  const read = (name: string) =>
    (environment.read(name.toLowerCase()) ?? environment.read(name))?.value;
  return pickDefined({
    HTTPS_PROXY: read('HTTPS_PROXY'),
    HTTP_PROXY: read('HTTP_PROXY'),
    NO_PROXY: read('NO_PROXY'),
  });
}

const mapValues = <T, U>(record: Record<string, T>, change: (value: T) => U): Record<string, U> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));

function toFolders({ folder, environment, isSandbox }: Surroundings): Config['folders'] {
  const at = (name: string, otherwise: string) => {
    const path = environment.read(name)?.value ?? otherwise;
    return isAbsolute(path) ? path : join(folder, path);
  };
  const data = at('DRIPLINE_DATA', 'data');
  return {
    data: isSandbox ? join(data, 'sandbox') : data,
    posts: at('DRIPLINE_POSTS', 'posts'),
    media: at('DRIPLINE_MEDIA', 'media'),
  };
}

/** The two variables are the image's: inside, its page listens to what is mapped from outside. */
function toWeb(environment: Environment, raw: NonNullable<RawConfig['web']> = {}): Config['web'] {
  const { port = 4330, password, trustedProxy = [], metricsToken } = raw;
  return pickDefined({
    host: raw.host ?? environment.read('DRIPLINE_WEB_HOST')?.value ?? '127.0.0.1',
    shownUrl: environment.read('DRIPLINE_WEB_URL')?.value,
    port: Number(port),
    trustedProxies: [trustedProxy].flat(),
    password,
    metricsToken,
  });
}

const countsLinks = ({ links = 'off' }: RawConfig) => links !== 'off';

const publicUrlOf = ({ links, public: door }: RawConfig): string =>
  door?.url ?? (typeof links === 'object' ? links.url : '');

/** A proxy on this machine is believed, since nothing depends on it but how well is counted. */
const nearProxies = ['127.0.0.0/8', '::1'];

/** What strangers reach, and what is told there. */
const toDoor = (environment: Environment, raw: RawConfig) => ({
  public: toPublic(environment, raw),
  links: countsLinks(raw) ? { url: publicUrlOf(raw) } : undefined,
  events: raw.events,
});

function toPublic(environment: Environment, raw: RawConfig): Config['public'] {
  const url = publicUrlOf(raw);
  if (url === '') return undefined;
  const { host, port = 4335, trustedProxy = raw.web?.trustedProxy } = raw.public ?? {};
  return pickDefined({
    url,
    host: host ?? environment.read('DRIPLINE_PUBLIC_HOST')?.value ?? '127.0.0.1',
    port: Number(port),
    trustedProxies: [trustedProxy ?? nearProxies].flat(),
    visits: raw.public?.visits,
  });
}

const toAgents = ({ token, name = 'agent', hosts = [] }: NonNullable<RawConfig['agents']>) => ({
  token,
  name,
  hosts,
});

function toCampaign({
  touches = usualTouches,
  touchesPerWeek = usualMostAWeek,
  utm = {},
}: NonNullable<RawConfig['campaigns']>[string]): Campaign {
  return { touches, touchesPerWeek, utm };
}

type RawFeed = NonNullable<RawConfig['feeds']>[number];

/** Two that differ only in their secrets are told apart by a digest too short to tell them. */
function toFeeds(raw: RawConfig): FeedConfig[] {
  const { feeds = [] } = raw;
  const linkLength = countsLinks(raw) ? lengthOfCounted(publicUrlOf(raw)) : undefined;
  const plain = feeds.map(({ url }) => withoutCredentials(url));
  const isShared = (url: string) => plain.filter((one) => one === url).length > 1;
  return feeds.map((feed, i) => {
    const url = plain[i] ?? feed.url;
    const digest = createHash('sha256').update(feed.url).digest('hex').slice(0, 4);
    const known = isShared(url) ? `${url}#${digest}` : url;
    return pickDefined({ ...toFeed(feed, known), linkLength });
  });
}

function toFeed(raw: RawFeed, url: string): FeedConfig {
  const { url: address, queue, perDay, networks, campaign, allowPrivate } = raw;
  return pickDefined({
    url,
    address,
    template: raw.template ?? '{{title}} {{link}}',
    approval: raw.approval === 'required',
    queue,
    perDay,
    networks,
    campaign,
    allowPrivate,
  });
}

function notesOf({ accounts = {} }: RawConfig, yaml: LocatedYaml, isSandbox: boolean): Problem[] {
  if (isSandbox || Object.keys(accounts).length) return [];
  return [
    {
      where: yaml.locate([], 'key'),
      what: 'there are no accounts',
      hint: 'nothing can be published: add one under accounts',
      severity: 'note',
    },
  ];
}
