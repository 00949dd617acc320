import type { mastodon } from 'masto';
import { Parser } from 'htmlparser2';
import { pickDefined } from '../../core/pick-defined.ts';
import type { Instant } from '../../core/time.ts';
import { PublishError } from '../../ports/publisher.ts';
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
  { since = 0, limit }: { since?: Instant; limit: number },
): Promise<Status[]> {
  const statuses = new Map<string, Status>();
  let maxId: string | undefined;
  for (;;) {
    const page: unknown = await client.v1.accounts.$select(accountId).statuses.list({
      limit: Math.min(40, limit),
      excludeReblogs: true,
      ...pickDefined({ maxId }),
    });
    // Anything else is not an empty timeline: a post that is not found may be sent again.
    if (!Array.isArray(page))
      throw new PublishError('not-sent', 'Mastodon did not answer with a timeline', {
        advice: retriedLater,
      });
    const found = page.flatMap((one) => parseOwn(one as Raw) ?? []);
    const fresh = found.filter(({ id }) => !statuses.has(id));
    for (const status of fresh) if (status.at >= since) statuses.set(status.id, status);
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
 * The oldest that answers and quotes the same post, has as many pictures and says the same: in its
 * content, or in its source, where the server keeps one.
 */
export async function findMatch(
  client: Client,
  statuses: Status[],
  sought: Sought,
): Promise<Status | undefined> {
  const wanted = normalise(sought.text);
  const candidates = statuses.filter((one) => isLike(one, sought)).sort((a, b) => a.at - b.at);
  const plain = candidates.find((one) => normalise(one.text) === wanted);
  if (plain) return plain;
  for (const one of candidates) {
    const source: unknown = await client.v1.statuses
      .$select(one.id)
      .source.fetch()
      .catch(noneWhereRefused);
    if (normalise(String((source as { text?: unknown } | undefined)?.text ?? '\0')) === wanted)
      return one;
  }
  // Servers that take Markdown drop its signs, and not all keep a source.
  const letters = toLetters(sought.text);
  return letters === '' ? undefined : candidates.find((one) => toLetters(one.text) === letters);
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

export function toText(html: string): string {
  let text = '';
  const parser = new Parser(
    {
      onopentag(name) {
        if (name === 'br') text += '\n';
        if (name === 'p' && text !== '') text += '\n\n';
      },
      ontext(piece) {
        text += piece;
      },
    },
    { decodeEntities: true },
  );
  parser.end(html);
  return text.trim();
}
