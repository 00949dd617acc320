import type { Counts } from '../../core/engagement.ts';
import { pickDefined } from '../../core/pick-defined.ts';
import { toXUrl } from '../../core/network/x-traits.ts';
import type { Receipt } from '../../core/post/message.ts';
import { type Instant, second } from '../../core/time.ts';
import { type Measured, PublishError } from '../../ports/publisher.ts';
import type { PersonReply } from '../../ports/people/person-reply.ts';
import { retriedLater } from '../publish-error.ts';
import {
  compareIds,
  isXId,
  parseCounts,
  parseXPost,
  toInstant,
  toNeighbour,
  type XPost,
} from './match.ts';

/** One GET of X's API. */
export type Get = (request: Request) => Promise<unknown>;

export interface Request {
  path: string;
  query: Record<string, string>;
  /** Posts that will probably be in the answer. */
  likely?: readonly string[] | undefined;
}

/** A publisher's reads of these fields, in the names that X took last. */
export type Ask = (request: Request, fields: readonly string[]) => Promise<unknown>;

/** The names of 2026 for those fields that got one. */
const newNames: Record<string, string> = {
  referenced_tweets: 'referenced_posts',
  note_tweet: 'note_post',
};

/** What refers to other posts and users is asked for as an expansion since then. */
const expansions = ['referenced_posts', 'author_id', 'in_reply_to_user_id'];

export interface Spelling {
  isNew: boolean;
}

/**
 * Since the summer of 2026 X's own specification calls tweets posts: where one spelling is refused
 * the other is tried, and remembered when it works.
 */
export function askWith(get: Get, spelling: Spelling): Ask {
  const spell = (query: Request['query'], fields: readonly string[], isNew: boolean) =>
    isNew ? spellNew(query, fields) : { ...query, 'tweet.fields': fields.join(',') };
  return async ({ query, ...request }, fields) => {
    const { isNew } = spelling;
    try {
      return await get({ ...request, query: spell(query, fields, isNew) });
    } catch (error) {
      const isRefused = error instanceof PublishError && error.kind === 'refused';
      if (!isRefused || error.status !== 400) throw error;
      const answer = await get({ ...request, query: spell(query, fields, !isNew) });
      spelling.isNew = !isNew;
      return answer;
    }
  };
}

function spellNew(query: Request['query'], fields: readonly string[]): Request['query'] {
  const named = fields.map((field) => newNames[field] ?? field);
  const asked = (query['expansions'] ?? '').split(',').filter(Boolean);
  const expanded = new Set([...asked, ...named.filter((name) => expansions.includes(name))]);
  return {
    ...query,
    'post.fields': named.filter((name) => !expansions.includes(name)).join(','),
    ...(expanded.size > 0 && { expansions: [...expanded].join(',') }),
  };
}

interface Page {
  data: unknown[];
  users: unknown[];
  errors: unknown[];
  token?: string;
}

function parsePage(answer: unknown): Page {
  const { data, includes, errors, meta } = (answer ?? {}) as {
    data?: unknown;
    includes?: { users?: unknown };
    errors?: unknown;
    meta?: { next_token?: unknown };
  };
  if (typeof answer !== 'object' || (data !== undefined && !Array.isArray(data)))
    throw new PublishError('not-sent', 'X did not answer with a list of posts', {
      advice: retriedLater,
    });
  const token = meta?.next_token;
  const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
  return {
    data: list(data),
    users: list(includes?.users),
    errors: list(errors),
    ...pickDefined({ token: typeof token === 'string' ? token : undefined }),
  };
}

interface Span {
  sinceId?: string | undefined;
  untilId?: string;
  withoutReplies?: boolean;
  /** Posts on the first page at most. */
  limit: number;
  likely?: readonly string[];
  fields: readonly string[];
}

/**
 * Pages of the own timeline, newest first; reading one's own posts is cheap at X, but it is paid
 * for.
 */
async function* pagesOf(
  ask: Ask,
  userId: string,
  { sinceId, untilId, withoutReplies = false, limit, likely, fields }: Span,
): AsyncGenerator<Page> {
  const path = `users/${userId}/tweets`;
  let size = limit;
  let token: string | undefined;
  do {
    const query = {
      max_results: String(Math.min(100, Math.max(5, size))),
      exclude: withoutReplies ? 'retweets,replies' : 'retweets',
      ...pickDefined({ since_id: sinceId, until_id: untilId, pagination_token: token }),
    };
    const page = parsePage(await ask({ path, query, likely }, fields));
    yield page;
    token = page.token;
    size = sinceId && untilId ? 100 : size - page.data.length;
  } while (token);
}

const matchFields = ['created_at', 'entities', 'referenced_tweets', 'attachments', 'note_tweet'];

export async function listOwn(
  ask: Ask,
  userId: string,
  span: Pick<Span, 'sinceId' | 'limit' | 'withoutReplies'>,
): Promise<XPost[]> {
  const posts: XPost[] = [];
  for await (const { data } of pagesOf(ask, userId, { ...span, fields: matchFields })) {
    posts.push(...data.flatMap((one) => parseXPost(one) ?? []));
    if (posts.length >= span.limit) break;
  }
  return posts;
}

/** As far back as X lists a timeline: what is older is not shown, and may be there. */
const maxListed = 3200;

/**
 * The account's own posts from its timeline, which is the cheapest read; between the oldest and the
 * newest that is asked for, and nothing else.
 */
export async function measureOwn(ask: Ask, userId: string, receipts: Receipt[]): Promise<Measured> {
  const missing = new Set(receipts.map(({ id }) => id).filter(isXId));
  const sorted = [...missing].sort(compareIds);
  const [oldest, newest] = [sorted[0], sorted.at(-1)];
  const counts = new Map<string, Counts>();
  if (oldest === undefined || newest === undefined) return { counts, absent: [] };
  const span = {
    sinceId: toNeighbour(oldest, -1n),
    untilId: toNeighbour(newest, 1n),
    limit: missing.size,
    likely: sorted,
    fields: ['public_metrics'],
  };
  let listed = 0;
  for await (const { data } of pagesOf(ask, userId, span)) {
    for (const one of data) {
      const id = (one as { id?: unknown } | null)?.id;
      const found = parseCounts(one);
      if (typeof id === 'string' && missing.delete(id) && found) counts.set(id, found);
    }
    listed += data.length;
    if (missing.size === 0 || listed >= maxListed) break;
  }
  return { counts, absent: listed < maxListed ? [...missing] : [] };
}

/**
 * Where the app belongs to someone else, every read costs the same: only what is wanted is read.
 */
export async function measureByIds(ask: Ask, receipts: Receipt[]): Promise<Measured> {
  const ids = [...new Set(receipts.map(({ id }) => id).filter(isXId))];
  const counts = new Map<string, Counts>();
  const absent: string[] = [];
  for (let from = 0; from < ids.length; from += 100) {
    const some = ids.slice(from, from + 100);
    const { data, errors } = parsePage(
      await ask({ path: 'tweets', query: { ids: some.join(',') }, likely: some }, [
        'public_metrics',
      ]),
    );
    for (const one of data) {
      const id = (one as { id?: unknown } | null)?.id;
      const found = parseCounts(one);
      if (typeof id === 'string' && found) counts.set(id, found);
    }
    absent.push(...errors.flatMap(toAbsent).filter((id) => some.includes(id)));
  }
  return { counts, absent };
}

function toAbsent(error: unknown): string[] {
  const {
    type,
    resource_id: id,
    value,
  } = (error ?? {}) as { type?: unknown; resource_id?: unknown; value?: unknown };
  return typeof type === 'string' && type.endsWith('/resource-not-found')
    ? [String(id ?? value)]
    : [];
}

const mentionFields = [
  'author_id',
  'created_at',
  'entities',
  'in_reply_to_user_id',
  'note_tweet',
  'referenced_tweets',
  'text',
];

/** X shows the newest 800 mentions; those are replies that answer a post of ours. */
export async function listReplies(
  ask: Ask,
  { userId, site }: { userId: string; site: string | undefined },
  since: Instant,
): Promise<PersonReply[]> {
  const replies: PersonReply[] = [];
  let token: string | undefined;
  let size = 5;
  do {
    const start = new Date(Math.floor(since / second) * second).toISOString().replace('.000', '');
    const query = {
      max_results: String(size),
      start_time: start,
      expansions: 'author_id',
      ...pickDefined({ pagination_token: token }),
    };
    const path = `users/${userId}/mentions`;
    const page = parsePage(await ask({ path, query }, mentionFields));
    const users = new Map((page.users as RawUser[]).map((one) => [one.id, one]));
    for (const one of page.data) {
      const reply = toReply(one, { userId, site }, users);
      if (reply && reply.at >= since) replies.push(reply);
    }
    token = page.token;
    size = 25;
  } while (token);
  return replies.sort((a, b) => a.at - b.at || compareIds(a.id, b.id));
}

interface RawUser {
  id?: unknown;
  username?: unknown;
  name?: unknown;
}

function toReply(
  one: unknown,
  { userId, site }: { userId: string; site: string | undefined },
  users: Map<unknown, RawUser>,
): PersonReply | undefined {
  const post = parseXPost(one);
  const raw = (one ?? {}) as Record<string, unknown>;
  const { author_id: author, in_reply_to_user_id: answered } = raw;
  if (!post?.inReplyTo || answered !== userId || author === userId || typeof author !== 'string')
    return undefined;
  const { username, name } = users.get(author) ?? {};
  const by = typeof username === 'string' ? username : author;
  // An edit has another id; this is what it was at first.
  const history = raw['edit_history_tweet_ids'] ?? raw['edit_history_post_ids'];
  const first: unknown = Array.isArray(history) ? history[0] : undefined;
  // X tells seconds; the id has the milliseconds, so that nothing falls between two looks.
  return pickDefined({
    id: post.id,
    firstId: typeof first === 'string' && first !== post.id ? first : undefined,
    url: toXUrl(by, post.id, site),
    at: toInstant(post.id),
    by,
    author: pickDefined({ id: author, name: typeof name === 'string' ? name : undefined }),
    text: post.text,
    inReplyTo: post.inReplyTo,
  });
}

export function parseFollowers(answer: unknown): number | undefined {
  const { data } = (answer ?? {}) as { data?: { public_metrics?: { followers_count?: unknown } } };
  if (typeof data !== 'object')
    throw new PublishError('not-sent', 'X did not answer with the account', {
      advice: retriedLater,
    });
  const count = data.public_metrics?.followers_count;
  return typeof count === 'number' && count >= 0 ? count : undefined;
}
