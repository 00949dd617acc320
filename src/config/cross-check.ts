import { hideCredentials } from '../core/text/credentials.ts';
import { networks } from '../core/network/network.ts';
import type { Problem } from '../core/problem.ts';
import { didYouMean } from '../core/text/suggest.ts';
import type { LocatedYaml } from '../io/yaml.ts';
import type { RawConfig } from './schema.ts';

/** Checks what one part of the configuration says about another. */
export function crossCheck(raw: RawConfig, yaml: LocatedYaml): Problem[] {
  const names: Names = {
    accounts: Object.keys(raw.accounts ?? {}),
    queues: Object.keys(raw.queues ?? {}),
  };
  return [
    ...checkZone(raw, names),
    ...checkQueues(raw, names),
    ...checkLinks(raw),
    ...checkMail(raw),
    ...checkEvents(raw),
    ...checkVisits(raw),
    ...(raw.feeds ?? []).flatMap((feed, i) => checkFeed(raw, i, { feed, names })),
  ].map(({ path, what, hint }) => ({ where: yaml.locate(path), what, hint, severity: 'error' }));
}

interface Names {
  accounts: string[];
  queues: string[];
}

interface Found {
  path: PropertyKey[];
  what: string;
  hint: string;
}

function checkZone({ timezone }: RawConfig, { accounts }: Names): Found[] {
  if (!accounts.length || timezone !== undefined) return [];
  const hint = 'set it, such as timezone: Europe/Berlin; containers use UTC otherwise';
  return [{ path: [], what: 'timezone is missing', hint }];
}

function checkQueues({ queues = {} }: RawConfig, { accounts }: Names): Found[] {
  return Object.entries(queues).flatMap(([queue, { accounts: named = [] }]) =>
    named.flatMap((name, i) =>
      accounts.includes(name)
        ? []
        : {
            path: ['queues', queue, 'accounts', i],
            what: `unknown account "${name}"`,
            hint: accounts.length ? didYouMean(name, accounts) : 'add it under accounts',
          },
    ),
  );
}

/** They are told at the door, of people who are reached by mail. */
function checkEvents({ events, mail }: RawConfig): Found[] {
  if (!events || mail) return [];
  const what = 'events are told of people in sequences, and there is no mail to reach them';
  return [{ path: ['events'], what, hint: 'add mail, or remove events' }];
}

/** People are known on a site by the link of a mail that led them there. */
function checkVisits({ public: door, mail }: RawConfig): Found[] {
  if (!door?.visits?.length || mail) return [];
  const what = 'visits are told of people who came by a mail, and there is no mail';
  return [{ path: ['public', 'visits'], what, hint: 'add mail, or remove visits' }];
}

/** Whoever is written to has to be able to say stop. */
function checkMail({ mail, public: door }: RawConfig): Found[] {
  if (!mail || door) return [];
  const what = 'mails need an address at which people unsubscribe, and there is none';
  const hint = 'add public: { url: https://go.example.com }, with an address of your own';
  return [{ path: ['mail'], what, hint }];
}

function checkLinks({ links, public: door, web }: RawConfig): Found[] {
  const found: Found[] = [];
  if (links === 'counted' && !door)
    found.push({
      path: ['links'],
      what: 'links are counted at the public door, and there is none',
      hint: 'add public: { url: https://go.example.com }, with an address of your own',
    });
  if (typeof links === 'object' && door && links.url !== door.url)
    found.push({
      path: ['links', 'url'],
      what: `the public door is at ${door.url}, and links would lead to ${links.url}`,
      hint: 'write links: counted, or the same address in both',
    });
  if ((links !== undefined && links !== 'off') || door) {
    const port = Number(door?.port ?? 4335);
    if (port !== 0 && port === Number(web?.port ?? 4330))
      found.push({
        path: door?.port === undefined ? ['web', 'port'] : ['public', 'port'],
        what: `the dashboard and the public door would both listen on port ${port}`,
        hint: 'give one of them another port',
      });
  }
  return found;
}

const templateWords = ['title', 'link', 'summary', 'author', 'network', 'account', 'campaign.link'];

type Feed = NonNullable<RawConfig['feeds']>[number];

function checkFeed(
  raw: RawConfig,
  i: number,
  { feed, names: { accounts, queues } }: { feed: Feed; names: Names },
): Found[] {
  const found: Found[] = [];
  const complain = (path: PropertyKey[], what: string, hint: string) =>
    found.push({ path: ['feeds', i, ...path], what, hint });
  if (raw.feeds?.findIndex(({ url }) => url === feed.url) !== i)
    complain(
      ['url'],
      `the feed ${hideCredentials(feed.url)} is listed twice`,
      'each of its items is posted once: keep one of the two',
    );
  for (const [, word = ''] of (feed.template ?? '').matchAll(/\{\{\s*([^{}]*?)\s*\}\}/g))
    if (!templateWords.includes(word))
      complain(['template'], `a feed has no {{${word}}}`, didYouMean(word, templateWords));
  if (feed.queue !== undefined && !queues.includes(feed.queue))
    complain(
      ['queue'],
      `unknown queue "${feed.queue}"`,
      queues.length ? didYouMean(feed.queue, queues) : 'add it under queues',
    );
  const known = [...networks, ...accounts];
  feed.networks?.forEach((name, j) => {
    if (!known.includes(name))
      complain(['networks', j], `unknown network "${name}"`, didYouMean(name, known));
  });
  return found;
}
