import type { Counts } from '../../core/engagement.ts';
import { toXUrl } from '../../core/network/x-traits.ts';
import { pickDefined } from '../../core/pick-defined.ts';
import type { OwnPost } from '../../ports/publisher.ts';

/** What is used of a post as X hands it out, in the spelling of 2023 (tweet) and of 2026 (post). */
export interface XPost {
  id: string;
  at: number;
  text: string;
  inReplyTo?: string;
  quotes?: string;
  mediaCount: number;
}

interface Entity {
  url?: unknown;
  expanded_url?: unknown;
  unwound_url?: unknown;
  media_key?: unknown;
}

interface Raw {
  id?: unknown;
  text?: unknown;
  created_at?: unknown;
  entities?: { urls?: Entity[] };
  note_tweet?: { text?: unknown; entities?: { urls?: Entity[] } };
  note_post?: Raw['note_tweet'];
  referenced_tweets?: { type?: unknown; id?: unknown }[];
  referenced_posts?: Raw['referenced_tweets'];
  attachments?: { media_keys?: unknown[] };
}

/** Undefined for what has no id. */
export function parseXPost(value: unknown): XPost | undefined {
  const raw = (typeof value === 'object' && value !== null ? value : {}) as Raw;
  if (typeof raw.id !== 'string' || !/^\d+$/.test(raw.id)) return undefined;
  const long = raw.note_tweet ?? raw.note_post;
  const urls = [...(long?.entities?.urls ?? []), ...(raw.entities?.urls ?? [])];
  const related = (as: string) =>
    (raw.referenced_tweets ?? raw.referenced_posts ?? []).find(({ type }) => type === as)?.id;
  const [parent, quoted] = [related('replied_to'), related('quoted')];
  const created = typeof raw.created_at === 'string' ? Date.parse(raw.created_at) : Number.NaN;
  return {
    id: raw.id,
    at: Number.isNaN(created) ? toInstant(raw.id) : created,
    text: writeOut(String(long?.text ?? raw.text ?? ''), urls),
    ...pickDefined({ inReplyTo: asText(parent), quotes: asText(quoted) }),
    mediaCount: raw.attachments?.media_keys?.length ?? 0,
  };
}

const asText = (value: unknown) => (typeof value === 'string' ? value : undefined);

/**
 * X shortens links, escapes `&<>` and adds a link for pictures and quoted posts; this undoes all
 * three.
 */
function writeOut(text: string, urls: Entity[]): string {
  let written = text;
  // From the end: a picture's link stands behind that of the quoted post.
  for (const { url, expanded_url: expanded, media_key: key } of urls.toReversed()) {
    if (typeof url !== 'string' || typeof expanded !== 'string') continue;
    const isAdded =
      key !== undefined ||
      /^https:\/\/(x|twitter)\.com\/[^/]+\/status\/\d+(\/(photo|video)\/\d+)?$/.test(expanded);
    if (isAdded && written.trimEnd().endsWith(url))
      written = written.trimEnd().slice(0, -url.length);
    else written = written.replaceAll(url, () => expanded);
  }
  return written.trim().replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}

/** For comparing: X writes a scheme before bare domains and may end them with a slash. */
export function normalise(text: string): string {
  return text
    .normalize('NFC')
    .replace(/https?:\/\/(www\.)?/gi, '')
    .replace(/\/(?=\s|$)/g, '')
    .replace(/\s+/g, ' ')
    .trim();
}

export interface Sought {
  text: string;
  inReplyTo?: string;
  quotes?: string;
  mediaCount: number;
}

/**
 * Those that say the same, answer and quote the same posts and have as many pictures, oldest first.
 * A text that ends with a post's link quotes that post.
 */
export function findMatches(posts: XPost[], sought: Sought): XPost[] {
  const links = /https:\/\/(?:x|twitter)\.com\/[^/\s]+\/status\/\d+$/;
  const text = normalise(sought.text);
  const bare = normalise(sought.text.replace(links, ''));
  return posts
    .filter((post) => post.inReplyTo === sought.inReplyTo && post.mediaCount === sought.mediaCount)
    .filter(
      (post) => post.quotes === sought.quotes || (sought.quotes === undefined && text !== bare),
    )
    .filter((post) => [text, bare].includes(normalise(post.text)))
    .sort((a, b) => a.at - b.at);
}

const names = {
  likes: ['like_count'],
  reposts: ['retweet_count', 'repost_count'],
  replies: ['reply_count'],
  quotes: ['quote_count'],
  views: ['impression_count'],
};

/** The numbers of a post, in either spelling; undefined where it has none. */
export function parseCounts(value: unknown): Counts | undefined {
  const metrics =
    (value as { public_metrics?: Record<string, unknown> } | null)?.public_metrics ?? {};
  const found = Object.entries(names).flatMap(([measure, spellings]) => {
    const count = spellings
      .map((name) => metrics[name])
      .find((number) => Number.isSafeInteger(number) && Number(number) >= 0);
    return count === undefined ? [] : [[measure, count]];
  });
  return found.length > 0 ? (Object.fromEntries(found) as Counts) : undefined;
}

export const isXId = (id: string): boolean => /^\d{1,19}$/.test(id);

/** Older first. */
export const compareIds = (a: string, b: string): number =>
  a.length - b.length || (a < b ? -1 : Number(a > b));

export const toNeighbour = (id: string, by: bigint): string => String(BigInt(id) + by);

const epoch = 1_288_834_974_657n;

/** X's ids carry the milliseconds at which they were made. */
export function toInstant(id: string): number {
  return Number((BigInt(id) >> 22n) + epoch);
}

export function toSnowflake(at: number): string {
  const since = BigInt(Math.max(0, Math.floor(at))) - epoch;
  return String(since > 0n ? since << 22n : 1n);
}

export function toOwnPost(
  { id, at, text, inReplyTo }: XPost,
  { handle, site }: { handle: string; site: string | undefined },
): OwnPost {
  return { id, url: toXUrl(handle, id, site), at, text, ...pickDefined({ inReplyTo }) };
}
