import { domainToASCII } from 'node:url';
import { domainEndings } from './domain-endings.ts';

/** A stretch of text that is a link: UTF-16 units, `end` exclusive. */
export interface Link {
  start: number;
  end: number;
  /** As written. */
  url: string;
}

/** A stretch of text in which X makes links, or might. */
export interface Stretch {
  start: number;
  end: number;
  links: Link[];
  /** Whether X takes it for links is not clear: it counts the most that it may count. */
  isDoubtful: boolean;
}

// The classes below are those of twitter-text 3.1.0 (Apache-2.0), on UTF-16 units as there.
const spaces = String.raw`\t-\r \x85\xA0\u1680\u180E\u2000-\u200A\u2028\u2029\u202F\u205F\u3000`;
const marks = String.raw`\u202A-\u202E\u061C\u200E\u200F\u2066-\u2069`;
const invalid = String.raw`\uFFFE\uFEFF\uFFFF`;
const latin = [
  String.raw`\xC0-\xD6\xD8-\xF6\xF8-\xFF\u0100-\u024F\u0253\u0254\u0256\u0257\u0259\u025B\u0263`,
  String.raw`\u0268\u026F\u0272\u0289\u028B\u02BB\u0300-\u036F\u1E00-\u1EFF`,
].join('');
const punctuation = String.raw`!'#%&()*+,\\\-./:;<=>?@\[\]^_{|}~$`;
const domainSign = `[^${punctuation}${spaces}${invalid}${marks}]`;
const label = (inner: string) => `(?:${domainSign}(?:${inner}|${domainSign})*)?${domainSign}\\.`;
const listed = domainEndings.toSorted((a, b) => b.length - a.length).join('|');
const ending = `(?:(?:${listed})(?=[^0-9a-zA-Z@+-]|$)|xn--[-0-9a-z]+)`;
const domain = `(?:(?:${label('[_-]')})*(?:${label('-')})${ending})`;
const general = String.raw`[a-z\u0400-\u04FF0-9!*';:=+,.$/%#[\]\-\u2013_~@|&${latin}]`;
const inBrackets = String.raw`\((?:${general}+|${general}*\(${general}+\)${general}*)\)`;
const pathEnd = String.raw`(?:[+\-a-z\u0400-\u04FF0-9=_#/${latin}]|${inBrackets})`;
const path = `(?:${general}*(?:${inBrackets}${general}*)*${pathEnd}|@${general}+/)`;
const querySign = String.raw`[a-z0-9!?*'@();:&=+$/%#[\]\-_.,~|]`;
const query = String.raw`\?${querySign}*[a-z0-9\-_&=#/]`;
const before = String.raw`(?:[^A-Za-z0-9@＠$#＃${invalid}${marks}]|[${marks}]|^)`;
const tail = `(?::[0-9]+)?(?<path>/${path}*)?(?:${query})?`;
const linkExpression = new RegExp(
  `(?<before>${before})(?<url>(?<scheme>https?://)?(?<domain>${domain})${tail})`,
  'gi',
);
const asciiDomain = new RegExp(`(?:[-a-z0-9${latin}]+\\.)+${ending}`, 'gi');
const hint = new RegExp(`\\.${ending}`, 'gi');
const shortened = new RegExp(`^https?://t\\.co/([a-z0-9]+)(?:${query})?`, 'i');

/** X takes brackets at the end into a link, but not behind each sign. */
const endsOpen = /[^+\-\p{L}\p{N}=_#/()]\([^()]*(?:\([^()]*\)[^()]*)?\)$/u;

/** A run without a blank that is longer holds no link that anybody wrote. */
const mostOfRun = 2048;
const runs = new RegExp(`[^${spaces}]+`, 'g');

/** How many places of the text may be a link's. */
export const countHints = (text: string): number => text.match(hint)?.length ?? 0;

/** In order; a text without any is left out. Linear, since each run of it is bounded. */
export function findStretches(text: string): Stretch[] {
  if (!text.includes('.')) return [];
  return [...text.matchAll(runs)].flatMap(({ 0: run, index }) =>
    run.includes('.') ? readRun(run).map((one) => moved(one, index)) : [],
  );
}

const moved = ({ links, ...one }: Stretch, by: number): Stretch => ({
  ...one,
  start: one.start + by,
  end: one.end + by,
  links: links.map((link) => ({ ...link, start: link.start + by, end: link.end + by })),
});

/** The beginnings of a text are measured one after the other, with the same words in them. */
const known = new Map<string, Stretch[]>();
const mostKnown = 500;
const longestKnown = 200;

function readRun(run: string): Stretch[] {
  if (run.length > longestKnown) return findInRun(run);
  const before = known.get(run);
  if (before) return before;
  if (known.size >= mostKnown) known.clear();
  const found = findInRun(run);
  known.set(run, found);
  return found;
}

function findInRun(run: string): Stretch[] {
  if (countHints(run) === 0) return [];
  if (run.length > mostOfRun) return [{ start: 0, end: run.length, links: [], isDoubtful: true }];
  return [...run.matchAll(linkExpression)].flatMap(readMatch);
}

/** What X makes links of, bare domains (`example.com`, `README.md`) included; in order. */
export const findWeightedLinks = (text: string): Link[] =>
  findStretches(text).flatMap(({ links }) => links);

function readMatch(match: RegExpExecArray): Stretch[] {
  const groups = match.groups ?? {};
  const { url = '', scheme, domain: host = '', before: sign = '' } = groups;
  const start = match.index + sign.length;
  const isDoubtful = !isCertain(host) || endsOpen.test(url);
  const links = scheme
    ? withScheme(url, start)
    : bare({ url, host, hasPath: groups['path'] !== undefined, start, sign });
  const end = Math.max(start + url.length, links.at(-1)?.end ?? 0);
  return links.length > 0 ? [{ start, end, links, isDoubtful }] : [];
}

/** X cuts its own short links after forty letters. */
function withScheme(url: string, start: number): Link[] {
  const own = shortened.exec(url);
  if (!own) return [{ start, end: start + url.length, url }];
  if ((own[1] ?? '').length > 40) return [];
  return [{ start, end: start + own[0].length, url: own[0] }];
}

interface Bare {
  url: string;
  host: string;
  hasPath: boolean;
  start: number;
  sign: string;
}

/** Without a scheme only what is ASCII in the domain is linked; the path belongs to the last. */
function bare({ url, host, hasPath, start, sign }: Bare): Link[] {
  if (/[-_./]$/.test(sign)) return [];
  const links = [...host.matchAll(asciiDomain)].map(({ 0: found, index }): Link => ({
    start: start + index,
    end: start + index + found.length,
    url: found,
  }));
  const last = links.at(-1);
  if (last && hasPath) {
    last.url += url.slice(host.length);
    // X counts as many letters as the link has, wherever its path stands.
    last.end = last.start + last.url.length;
  }
  return links;
}

/** A label of a domain has 63 letters at most, in ASCII. */
function isCertain(host: string): boolean {
  return host.split('.').every((one) => {
    if (/^[a-z0-9_-]+$/i.test(one)) return one.length <= 63;
    const ascii = domainToASCII(one);
    return ascii !== '' && !ascii.includes('.') && ascii.length <= 60 && !/^xn--/i.test(one);
  });
}
