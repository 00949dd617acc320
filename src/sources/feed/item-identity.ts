import { createHash } from 'node:crypto';
import { day, type Instant } from '../../core/time.ts';
import type { FeedState } from '../../ports/source.ts';
import type { FeedItem } from './feed-items.ts';

/** An item by everything that makes it known again, as short digests. */
export interface Entry {
  item: FeedItem;
  key: string;
  /** Its address, and its title with its date, where they tell it from others. */
  marks: string[];
  /** The last instant that its date may mean: many feeds only name the day. */
  latest: Instant | undefined;
}

/** Guids can have any length; the keys in the store do not. */
const digest = (text: string) => createHash('sha256').update(text).digest('base64url').slice(0, 16);

/** The items of a feed, each once. An address or a title that several share tells nothing. */
export function toEntries(items: FeedItem[]): Entry[] {
  const addresses = items.map(({ link }) => (link === undefined ? '' : plainAddress(link)));
  const titles = items.map(({ title, date }) =>
    title === '' || date === undefined ? '' : `${title.toLowerCase()}\n${date}`,
  );
  const isShared = sharedBy(
    addresses,
    items.map(({ title }) => title),
  );
  const isTwin = sharedBy(titles, addresses);
  const taken = new Set<string>();
  return items.flatMap((item, i) => {
    const { key, date } = item;
    const [address = '', title = ''] = [addresses[i], titles[i]];
    const marks = [
      ...(address === '' || isShared(address) ? [] : [digest(`address\n${address}`)]),
      ...(/^https?:\/\//i.test(key) && key.length < 2000 && plainAddress(key) !== address
        ? [digest(`guid\n${plainAddress(key)}`)]
        : []),
      ...(title === '' || isTwin(title) ? [] : [digest(`title\n${title}`)]),
    ];
    const entry = { item, key: digest(key), marks, latest: latestOf(date) };
    if ([entry.key, ...marks].some((mark) => taken.has(mark))) return [];
    for (const mark of [entry.key, ...marks]) taken.add(mark);
    return [entry];
  });
}

/** Whether a value stands beside more than one other value. */
function sharedBy(values: string[], others: string[]): (value: string) => boolean {
  const beside = new Map<string, Set<string>>();
  for (const [i, value] of values.entries())
    beside.set(value, (beside.get(value) ?? new Set()).add(others[i] ?? ''));
  return (value) => (beside.get(value)?.size ?? 0) > 1;
}

const latestOf = (date: Instant | undefined) =>
  date !== undefined && date % day === 0 ? date + day - 1 : date;

const families = 'utm|mtm|pk|piwik|matomo|hsa|oly|vero|at|stm|ns';
const clicks = '[fgd]clid|gclsrc|[gw]braid|msclkid|yclid|twclid|ttclid|igsh\\w*|spm|trk\\w*';
const campaigns =
  'mc_[ce]id|mkt_tok|_ga|_gl|_?hs\\w{2,5}|xtor|ref_src|ref_url|cmp(?:id)?|sc?_cid|wt[._]\\w+';
const sessions =
  'phpsessid|jsessionid|aspsessionid\\w*|session_?(?:id)?|sid|cfid|cftoken|zenid|oscsid';
const tracking = new RegExp(`^(?:(?:${families})_\\w+|${clicks}|${campaigns}|${sessions})$`, 'i');

/** The page that an address means, however it is written and wherever it was found. */
export function plainAddress(address: string): string {
  if (!URL.canParse(address)) return address;
  const url = new URL(address);
  const path = decode(url.pathname)
    .replaceAll(/;jsessionid=[^/;]*/gi, '')
    .replace(/\/(?:index\.(?:html?|php))?$/i, '');
  const query = [...url.searchParams]
    .filter(([name, value]) => !tracking.test(name) && !isFromFeed(name, value))
    .map(([name, value]) => `${name}=${value}`)
    .sort();
  // Every item of a feed may lead to the home page.
  if (path === '' && query.length === 0 && url.hash === '') return '';
  const hash = /^#(?:utm_|xtor|at_)/i.test(url.hash) ? '' : decode(url.hash);
  return `${url.host.replace(/^www\./, '')}${path}?${query.join('&')}${hash}`;
}

const isFromFeed = (name: string, value: string) =>
  /^(?:source|ref|from|src|medium)$/i.test(name) && /^(?:rss|atom|feed)/i.test(value);

function decode(text: string): string {
  try {
    return decodeURIComponent(text).normalize('NFC');
  } catch {
    return text;
  }
}

export interface NewEntries {
  fresh: Entry[];
  /** Dated before the first look, and therefore not new. */
  old: Entry[];
  /** More than half of a known feed is new at once: something else has changed. */
  isFlood: boolean;
}

export function findNew(before: FeedState, entries: Entry[]): NewEntries {
  const seen = new Set([...before.seen, ...(before.marks ?? [])]);
  const unknown = entries.filter(({ key, marks }) => ![key, ...marks].some((one) => seen.has(one)));
  // A state of an older version does not say when the first look was.
  const since = before.firstAt ?? before.checkedAt ?? -Infinity;
  const isOld = ({ latest = Infinity }: Entry) => latest < since;
  const fresh = unknown.filter((one) => !isOld(one));
  const told = new Set(before.unusable ?? []);
  const count = fresh.filter(({ key }) => !told.has(key)).length;
  const isAllNew = unknown.length === entries.length && count === 2;
  const isMany = count > entries.length / 2 && (count > 2 || isAllNew);
  return { fresh, old: unknown.filter(isOld), isFlood: isMany && before.seen.length > 0 };
}

/** An older version took an empty feed for known. */
export const isKnownFeed = ({ isKnown, seen, checkedAt }: FeedState): boolean =>
  isKnown && !(seen.length === 0 && checkedAt !== undefined);
