import type { Agent } from '@atproto/api';
import { blueskyPosts, toBlueskyUrl } from '../../core/network/bluesky-traits.ts';
import { pickDefined } from '../../core/pick-defined.ts';
import type { Counts, Measure } from '../../core/engagement.ts';
import type { Receipt } from '../../core/post/message.ts';
import type { Instant } from '../../core/time.ts';
import type { Measured, OwnPost, TimelineWanted } from '../../ports/publisher.ts';
import type { PersonReply, ReplyAuthor } from '../../ports/people/person-reply.ts';
import { isNotServed, isRecordNotFound } from './errors.ts';
import type { PostRecord } from './shapes.ts';

/** The client, for as long as the caller waits. */
export interface Calling {
  agent: Agent;
  signal: AbortSignal;
}

export interface Self {
  did: string;
  handle: string;
  /** Where people look at its posts; absent: on Bluesky's own. */
  site?: string | undefined;
}

/** `at://DID/COLLECTION/RKEY` in its three pieces; undefined for anything else. */
export function parseUri(
  uri: string,
): { repo: string; collection: string; rkey: string } | undefined {
  const [, repo = '', collection = '', rkey = ''] =
    /^at:\/\/([^/]+)\/([^/]+)\/([^/]+)$/.exec(uri) ?? [];
  return rkey ? { repo, collection, rkey } : undefined;
}

export async function findRecord(
  { agent, signal }: Calling,
  uri: string,
): Promise<{ uri: string; cid?: string | undefined } | undefined> {
  const params = parseUri(uri);
  if (!params) return undefined;
  try {
    return (await agent.com.atproto.repo.getRecord(params, { signal })).data;
  } catch (error) {
    if (isRecordNotFound(error)) return undefined;
    throw error;
  }
}

export async function listOwn(
  { agent, signal }: Calling,
  { did, handle, site }: Self,
  { limit, since = 0, withoutReplies = false }: TimelineWanted,
): Promise<OwnPost[]> {
  const posts: OwnPost[] = [];
  let isPast = false;
  let cursor: string | undefined;
  do {
    const { data } = await agent.com.atproto.repo.listRecords(
      {
        repo: did,
        collection: blueskyPosts,
        limit: withoutReplies ? 100 : Math.min(100, limit - posts.length),
        ...pickDefined({ cursor }),
      },
      { signal },
    );
    const page = data.records.map(({ uri, value }) =>
      toOwnPost(uri, value as Partial<PostRecord>, { handle, site }),
    );
    posts.push(
      ...page.filter((one) => one.at >= since && !(withoutReplies && one.inReplyTo !== undefined)),
    );
    isPast = page.some(({ at }) => at < since);
    cursor = data.records.length > 0 ? data.cursor : undefined;
  } while (cursor && !isPast && posts.length < limit);
  return posts.slice(0, limit);
}

function toOwnPost(
  uri: string,
  { text, createdAt, reply }: Partial<PostRecord>,
  { handle, site }: Pick<Self, 'handle' | 'site'>,
): OwnPost {
  const at = Date.parse(String(createdAt));
  return {
    id: uri,
    url: toBlueskyUrl(handle, uri.split('/').at(-1) ?? '', site),
    at: Number.isNaN(at) ? 0 : at,
    text: String(text ?? ''),
    ...pickDefined({ inReplyTo: reply?.parent?.uri }),
  };
}

/** Of one getPosts. */
const batch = 25;

/**
 * The network's view lags behind and forgets; whether a post that it leaves out still stands is
 * asked of the repository itself. So many in one look.
 */
const maxConfirmed = 50;

export async function measurePosts(calling: Calling, receipts: Receipt[]): Promise<Measured> {
  const { agent, signal } = calling;
  const uris = [...new Set(receipts.map(({ id }) => id))].filter(
    (id) => parseUri(id)?.collection === blueskyPosts,
  );
  const measured: Measured = { counts: new Map(), absent: [] };
  const left: string[] = [];
  try {
    for (let from = 0; from < uris.length; from += batch) {
      const some = uris.slice(from, from + batch);
      const { data } = await agent.app.bsky.feed.getPosts({ uris: some }, { signal });
      for (const post of data.posts) measured.counts.set(post.uri, toCounts(post));
      left.push(...some.filter((uri) => !measured.counts.has(uri)));
    }
    for (const uri of left.slice(0, maxConfirmed))
      if (!(await findRecord(calling, uri))) measured.absent.push(uri);
  } catch (error) {
    // What has been told is kept; the rest is a gap, and asked for again.
    if (measured.counts.size === 0 && !isNotServed(error)) throw error;
  }
  return measured;
}

function toCounts(view: {
  likeCount?: unknown;
  repostCount?: unknown;
  replyCount?: unknown;
  quoteCount?: unknown;
}): Counts {
  const counts: Counts = {};
  const put = (measure: Measure, value: unknown) => {
    if (typeof value === 'number' && value >= 0) counts[measure] = value;
  };
  put('likes', view.likeCount);
  put('reposts', view.repostCount);
  put('replies', view.replyCount);
  put('quotes', view.quoteCount);
  return counts;
}

/** More than these in one look are a flood that no one reads. */
const maxPages = 50;

export async function listReplies(
  { agent, signal }: Calling,
  { did, site }: Self,
  since: Instant,
): Promise<PersonReply[]> {
  const replies = new Map<string, PersonReply>();
  let cursor: string | undefined;
  try {
    for (let pages = 0; pages < maxPages; pages += 1) {
      const { data } = await agent.app.bsky.notification.listNotifications(
        { reasons: ['reply'], limit: 100, ...pickDefined({ cursor }) },
        { signal },
      );
      for (const one of data.notifications) {
        const reply = toReply(one, { did, site });
        if (reply && reply.at >= since) replies.set(reply.id, reply);
      }
      const oldest = data.notifications.at(-1);
      cursor = data.cursor;
      if (!oldest || !cursor || Date.parse(oldest.indexedAt) < since) break;
    }
  } catch (error) {
    if (!isNotServed(error)) throw error;
  }
  return [...replies.values()].sort((a, b) => a.at - b.at);
}

interface Notification {
  uri: string;
  reason: string;
  cid?: unknown;
  author: { did: string; handle: string; displayName?: unknown; labels?: unknown };
  record: unknown;
  indexedAt: string;
}

/** Programs say so by a label that they put on themselves. */
const isLabelledBot = (labels: unknown): boolean =>
  Array.isArray(labels) &&
  labels.slice(0, 100).some((one) => (one as { val?: unknown } | null)?.val === 'bot');

export const toReplyAuthor = ({
  did,
  displayName,
  labels,
}: Omit<Notification['author'], 'handle'>): ReplyAuthor =>
  pickDefined({
    id: did,
    name: typeof displayName === 'string' ? displayName : undefined,
    isBot: isLabelledBot(labels) ? (true as const) : undefined,
  });

/** A conversation's author is also notified of answers to others. */
function toReply(
  { uri, cid, reason, author, record, indexedAt }: Notification,
  { did, site }: Pick<Self, 'did' | 'site'>,
): PersonReply | undefined {
  const { text, reply, langs } = (record ?? {}) as {
    text?: unknown;
    langs?: unknown;
    reply?: { parent?: { uri?: unknown }; root?: { uri?: unknown; cid?: unknown } };
  };
  const parent = reply?.parent?.uri;
  const at = Date.parse(indexedAt);
  if (
    reason !== 'reply' ||
    author.did === did ||
    typeof parent !== 'string' ||
    parseUri(parent)?.repo !== did ||
    Number.isNaN(at)
  )
    return undefined;
  const by = author.handle === 'handle.invalid' ? author.did : author.handle;
  const lang: unknown = Array.isArray(langs) ? langs[0] : undefined;
  return pickDefined({
    id: uri,
    url: toBlueskyUrl(by, uri.split('/').at(-1) ?? '', site),
    at,
    by,
    author: toReplyAuthor(author),
    text: typeof text === 'string' ? text : '',
    lang: typeof lang === 'string' ? lang : undefined,
    inReplyTo: parent,
    cid: typeof cid === 'string' ? cid : undefined,
    root: toRoot(reply?.root),
  });
}

const toRoot = ({ uri: id, cid }: { uri?: unknown; cid?: unknown } = {}): PersonReply['root'] =>
  typeof id === 'string' && typeof cid === 'string' ? { id, cid } : undefined;

export async function countFollowers(
  { agent, signal }: Calling,
  { did }: Self,
): Promise<number | undefined> {
  try {
    const { followersCount } = (await agent.app.bsky.actor.getProfile({ actor: did }, { signal }))
      .data;
    return typeof followersCount === 'number' && followersCount >= 0 ? followersCount : undefined;
  } catch (error) {
    if (isNotServed(error)) return undefined;
    throw error;
  }
}
