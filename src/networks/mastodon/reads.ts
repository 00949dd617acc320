import type { mastodon } from 'masto';
import type { Counts, Measure } from '../../core/engagement.ts';
import { pickDefined } from '../../core/pick-defined.ts';
import type { Receipt } from '../../core/post/message.ts';
import type { Instant } from '../../core/time.ts';
import { type Measured, PublishError } from '../../ports/publisher.ts';
import type { PersonReply } from '../../ports/people/person-reply.ts';
import { retriedLater } from '../publish-error.ts';
import { isMissing, isNotServed } from './errors.ts';
import { parseStatus, toText } from './statuses.ts';

type Client = mastodon.rest.Client;
/** One harmless call. Throws PublishError. */
export type Ask = <T>(run: (client: Client) => Promise<T>) => Promise<T>;

/**
 * What a publisher has learned of its server: whether it answers about many statuses at once.
 * Mastodon does from 4.3 on, others seldom do.
 */
export interface Batching {
  isServed: boolean;
}

const batch = 20;

/** Of the 300 requests that a token has in five minutes; the rest has its turn next time. */
const maxSingle = 40;

export async function measureStatuses(
  ask: Ask,
  receipts: Receipt[],
  batching: Batching,
): Promise<Measured> {
  const ids = [...new Set(receipts.map(({ id }) => id))];
  const measured: Measured = { counts: new Map(), absent: [] };
  try {
    const left: string[] = [];
    for (let from = 0; from < ids.length; from += batch) {
      const some = ids.slice(from, from + batch);
      if (batching.isServed) await measureBatch(ask, some, { ...measured, batching });
      left.push(...some.filter((id) => !measured.counts.has(id)));
    }
    const known = measured.counts.size;
    for (const id of left.slice(0, maxSingle)) await measureOne(ask, id, measured);
    // It tells about each and about none together: it minds other parameters.
    if (known === 0 && measured.counts.size > 1) batching.isServed = false;
  } catch (error) {
    // What has been told is kept; the rest is a gap, and asked for again.
    if (measured.counts.size + measured.absent.length === 0) throw asUnread(error);
  }
  return measured;
}

async function measureBatch(
  ask: Ask,
  ids: string[],
  { counts, batching }: Measured & { batching: Batching },
): Promise<void> {
  const answer: unknown = await ask<unknown>((client) =>
    client.v1.statuses.fetch({ id: ids }),
  ).catch((error: unknown) => {
    if (!isRefused(error) && !isNotServed(error)) throw error;
  });
  if (!Array.isArray(answer)) {
    batching.isServed = false;
    return;
  }
  for (const one of answer) {
    const id = parseStatus(one)?.id;
    const found = parseCounts(one);
    if (id && ids.includes(id) && found) counts.set(id, found);
  }
}

async function measureOne(ask: Ask, id: string, { counts, absent }: Measured): Promise<void> {
  try {
    const found = parseCounts(
      await ask<unknown>((client) => client.v1.statuses.$select(id).fetch()),
    );
    if (found) counts.set(id, found);
  } catch (error) {
    if (isMissing(error)) absent.push(id);
    // Refused for this one alone.
    else if (!isRefused(error) && !isNotServed(error)) throw error;
  }
}

const isRefused = (error: unknown) => error instanceof PublishError && error.kind === 'refused';

/** A token that may post but not read does not stop posting. */
function asUnread(error: unknown): unknown {
  return error instanceof PublishError && error.kind === 'signed-out' && error.status === 403
    ? new PublishError('refused', error.message, { status: 403, cause: error })
    : error;
}

/** Undefined where the server gave no number. */
export function parseCounts(value: unknown): Counts | undefined {
  const raw = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
  const counts: Counts = {};
  const put = (measure: Measure, count: unknown) => {
    if (typeof count === 'number' && count >= 0) counts[measure] = count;
  };
  put('likes', raw.favouritesCount);
  put('reposts', raw.reblogsCount);
  put('replies', raw.repliesCount);
  put('quotes', raw.quotesCount);
  return Object.keys(counts).length > 0 ? counts : undefined;
}

interface RawNotification {
  id?: unknown;
  type?: unknown;
  createdAt?: unknown;
  account?: { id?: unknown; acct?: unknown; displayName?: unknown; bot?: unknown };
  status?: {
    inReplyToAccountId?: unknown;
    visibility?: unknown;
    language?: unknown;
    content?: unknown;
  };
}

/** More than these in one look are a flood that no one reads. */
const maxPages = 50;

/** Whose mentions are read. */
export interface Receiver {
  accountId: string;
  host: string;
  /** The server is none of Mastodon's own make: some call private what only one other can read. */
  isOther(): Promise<boolean>;
}

/**
 * Mentions that answer a status of ours, or are for us alone, by the instant at which our server
 * heard of them. Empty where a server has no notifications.
 */
export async function listReplies(
  ask: Ask,
  { accountId, host, isOther }: Receiver,
  since: Instant,
): Promise<PersonReply[]> {
  const replies: PersonReply[] = [];
  const seen = new Set<unknown>();
  let maxId: string | undefined;
  for (let pages = 0; pages < maxPages; pages += 1) {
    const params = { types: ['mention' as const], limit: 40, ...pickDefined({ maxId }) };
    const page: unknown = await ask(async (client): Promise<unknown> =>
      client.v1.notifications.list(params),
    ).catch((error: unknown) => {
      if (!isNotServed(error)) throw error;
      return [];
    });
    if (!Array.isArray(page))
      throw new PublishError('not-sent', 'Mastodon did not answer with a list of mentions', {
        advice: retriedLater,
      });
    const fresh = (page as RawNotification[]).filter(({ id }) => !seen.has(id));
    const isLoose = fresh.some(({ status }) => status?.visibility === 'private');
    const forUs = isLoose && (await isOther()) ? ['direct', 'private'] : ['direct'];
    for (const one of fresh) {
      seen.add(one.id);
      const reply = toReply(one, { accountId, host, forUs });
      if (reply && reply.at >= since) replies.push(reply);
    }
    const last = fresh.at(-1);
    if (!last || typeof last.id !== 'string' || Date.parse(String(last.createdAt)) < since) break;
    maxId = last.id;
  }
  return replies.sort((a, b) => a.at - b.at);
}

function toReply(
  { type, createdAt, account, status: raw }: RawNotification,
  { accountId, host, forUs }: Pick<Receiver, 'accountId' | 'host'> & { forUs: readonly string[] },
): PersonReply | undefined {
  const status = parseStatus(raw);
  const { id, acct, displayName, bot } = account ?? {};
  if (type !== 'mention' || !status || id === accountId || typeof acct !== 'string')
    return undefined;
  const inReplyTo = raw?.inReplyToAccountId === accountId ? status.inReplyTo : undefined;
  const isPrivate = forUs.includes(String(raw?.visibility));
  if (inReplyTo === undefined && !isPrivate) return undefined;
  const at = Date.parse(String(createdAt));
  const by = acct.includes('@') ? acct : `${acct}@${host}`;
  const name = typeof displayName === 'string' ? displayName : undefined;
  const lang = typeof raw?.language === 'string' ? raw.language : undefined;
  return pickDefined({
    id: status.id,
    url: status.url,
    at: Number.isNaN(at) ? status.at : at,
    by,
    // Its id is another one on every server.
    author: pickDefined({
      id: by.toLowerCase(),
      name,
      isBot: bot === true ? (true as const) : undefined,
    }),
    text: toText(String(raw?.content ?? ''), { withoutQuotes: true }),
    lang,
    inReplyTo,
    isPrivate: isPrivate ? (true as const) : undefined,
  });
}

export async function countFollowers(ask: Ask): Promise<number | undefined> {
  const answer: unknown = await ask((client) => client.v1.accounts.verifyCredentials());
  const { followersCount } = (answer ?? {}) as { followersCount?: unknown };
  return typeof followersCount === 'number' && followersCount >= 0 ? followersCount : undefined;
}
