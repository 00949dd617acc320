import type { mastodon } from 'masto';
import { Parser } from 'htmlparser2';
import { pickDefined } from '../../core/pick-defined.ts';
import type { Instant } from '../../core/time.ts';
import { PublishError, type TimelineWanted } from '../../ports/publisher.ts';
import { retriedLater } from '../publish-error.ts';
import { HttpFailure } from './errors.ts';

type Client = mastodon.rest.Client;

/** What is used of a status, whichever server it comes from. */
export interface Status {
  id: string;
  url: string;
  at: Instant;
  /** Plain text of the content. */
  text: string;
  inReplyTo?: string;
  quotes?: string;
  mediaCount: number;
}

interface Raw {
  id?: unknown;
  url?: unknown;
  uri?: unknown;
  createdAt?: unknown;
  content?: unknown;
  inReplyToId?: unknown;
  mediaAttachments?: unknown;
  reblog?: unknown;
  quote?: { quotedStatus?: { id?: unknown } | null; quotedStatusId?: unknown } | null;
}

/** Undefined for what has no id. */
export function parseStatus(value: unknown): Status | undefined {
  const raw = (typeof value === 'object' && value !== null ? value : {}) as Raw;
  if (typeof raw.id !== 'string' || raw.id === '') return undefined;
  const at = Date.parse(String(raw.createdAt));
  const quotes = raw.quote?.quotedStatus?.id ?? raw.quote?.quotedStatusId;
  return {
    id: raw.id,
    url: typeof raw.url === 'string' ? raw.url : String(raw.uri ?? ''),
    at: Number.isNaN(at) ? 0 : at,
    text: toText(String(raw.content ?? '')),
    ...pickDefined({ inReplyTo: asText(raw.inReplyToId) || undefined, quotes: asText(quotes) }),
    mediaCount: Array.isArray(raw.mediaAttachments) ? raw.mediaAttachments.length : 0,
  };
}

const asText = (value: unknown) => (typeof value === 'string' ? value : undefined);

/**
 * Own statuses, newest first, page by page with ids of our own: not every server minds `since_id`.
 */
export async function listOwn(
  client: Client,
  accountId: string,
  { since = 0, limit, withoutReplies = false }: TimelineWanted,
): Promise<Status[]> {
  const statuses = new Map<string, Status>();
  let maxId: string | undefined;
  for (;;) {
    const page: unknown = await client.v1.accounts.$select(accountId).statuses.list({
      limit: withoutReplies ? 40 : Math.min(40, limit),
      excludeReblogs: true,
      excludeReplies: withoutReplies,
      ...pickDefined({ maxId }),
    });
    // Anything else is not an empty timeline: a post that is not found may be sent again.
    if (!Array.isArray(page))
      throw new PublishError('not-sent', 'Mastodon did not answer with a timeline', {
        advice: retriedLater,
      });
    const found = page.flatMap((one) => parseOwn(one as Raw) ?? []);
    const fresh = found.filter(({ id }) => !statuses.has(id));
    // A server that leaves replies out still shows those of a thread.
    const isWanted = ({ at, inReplyTo }: Status) =>
      at >= since && !(withoutReplies && inReplyTo !== undefined);
    for (const status of fresh) if (isWanted(status)) statuses.set(status.id, status);
    const last = fresh.at(-1);
    if (!last || last.at < since || statuses.size >= limit) return [...statuses.values()];
    maxId = last.id;
  }
}

/** snac2 shows what its own author has reposted as a repost of that very id. */
function parseOwn(raw: Raw): Status | undefined {
  const { reblog } = raw;
  if (!reblog) return parseStatus(raw);
  return (reblog as Raw).id === raw.id ? parseStatus(reblog) : undefined;
}

export interface Sought {
  text: string;
  inReplyTo?: string;
  quotes?: string;
  mediaCount: number;
}

/** A quote that has not been approved yet does not say what it quotes. */
const isLike = (one: Status, { inReplyTo, quotes, mediaCount }: Sought) =>
  one.inReplyTo === inReplyTo &&
  one.mediaCount === mediaCount &&
  (one.quotes === undefined || one.quotes === quotes);

/**
 * What a publisher has learned of sources, by status and content: a search that broke off is
 * continued, rather than begun again.
 */
export type Sources = Map<string, string>;

const mostSources = 1000;

export interface Searching {
  client: Client;
  sources: Sources;
  /** Whether it is known to be another post. */
  isTaken: (id: string) => Promise<boolean>;
}

/**
 * The oldest that no one has, answers and quotes the same post, has as many pictures and says the
 * same: in its content, or in its source, where the server keeps one and the content may be made
 * from this text.
 */
export async function findMatch(
  { client, sources, isTaken }: Searching,
  statuses: Status[],
  sought: Sought,
): Promise<Status | undefined> {
  const wanted = normalise(sought.text);
  const candidates: Status[] = [];
  for (const one of statuses.filter((status) => isLike(status, sought)))
    if (!(await isTaken(one.id))) candidates.push(one);
  candidates.sort((a, b) => a.at - b.at);
  const plain = candidates.find((one) => normalise(one.text) === wanted);
  if (plain) return plain;
  const letters = toLetters(sought.text);
  for (const one of candidates.filter(({ text }) => mayRender(sought, toLetters(text))))
    if (normalise(await readSource(client, one, sources)) === wanted) return one;
  // Servers that take Markdown drop its signs, and not all keep a source.
  return letters === '' ? undefined : candidates.find((one) => toLetters(one.text) === letters);
}

/** A server leaves out addresses and codes, or writes a quoted post's address before the text. */
function mayRender({ text, quotes }: Sought, shown: string): boolean {
  const letters = toLetters(text);
  const isPlain = quotes === undefined && !/[[\]()<>&:]/.test(text);
  return isPlain ? shown === letters : isWithin(shown, letters) || isWithin(letters, shown);
}

/** The letters of the one stand in the other, in their order. */
function isWithin(part: string, whole: string): boolean {
  let at = 0;
  for (let i = 0; i < whole.length && at < part.length; i++) if (whole[i] === part[at]) at++;
  return at === part.length;
}

/** A text that nothing equals, where the server keeps no source. */
const noSource = '\0';

async function readSource(client: Client, one: Status, sources: Sources): Promise<string> {
  const key = `${one.id} ${one.text}`;
  const known = sources.get(key);
  if (known !== undefined) return known;
  const source: unknown = await client.v1.statuses
    .$select(one.id)
    .source.fetch()
    .catch(noneWhereRefused);
  const text = String((source as { text?: unknown } | undefined)?.text ?? noSource);
  const [oldest] = sources.keys();
  if (oldest !== undefined && sources.size >= mostSources) sources.delete(oldest);
  sources.set(key, text);
  return text;
}

const toLetters = (text: string) => normalise(text).replace(/[^\p{L}\p{N}]/gu, '');

/** No such endpoint is an answer; one that did not come says nothing about the post. */
function noneWhereRefused(error: unknown): undefined {
  if (
    !(error instanceof HttpFailure) ||
    error.status < 400 ||
    error.status >= 500 ||
    [401, 408, 425, 429].includes(error.status)
  )
    throw error;
}

/** Servers differ in white space, and show a mention without its host. */
export function normalise(text: string): string {
  return text
    .normalize('NFC')
    .replace(/(@[\p{L}\p{N}_.-]+)@[\p{L}\p{N}.:-]*[\p{L}\p{N}]/gu, '$1')
    .replace(/\s+/g, '');
}

export function toText(html: string, { withoutQuotes = false } = {}): string {
  let text = '';
  let quotes = 0;
  const isQuote = (name: string) => withoutQuotes && name === 'blockquote';
  const parser = new Parser(
    {
      onopentag(name) {
        if (isQuote(name)) quotes += 1;
        if (name === 'br') text += '\n';
        if (name === 'p' && text !== '') text += '\n\n';
      },
      onclosetag(name) {
        if (isQuote(name)) quotes -= 1;
      },
      ontext(piece) {
        if (quotes === 0) text += piece;
      },
    },
    { decodeEntities: true },
  );
  parser.end(html);
  return text.trim();
}
