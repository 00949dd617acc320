import { readFile } from 'node:fs/promises';
import type { TwitterApi } from 'twitter-api-v2';
import type { XAccount } from '../core/account.ts';
import type { Limits } from '../core/limits.ts';
import type { Part, Receipt } from '../core/message.ts';
import type { Identity } from '../core/network.ts';
import { minute } from '../core/time.ts';
import { PublishError, type OwnPost, type Publisher } from '../ports/publisher.ts';
import { harmless, measureSkew } from './errors.ts';
import type { Deps } from './open-publisher.ts';
import { withX, type XCall } from './x-client.ts';
import { findMatch, toOwnPost, toSnowflake, toUrl, type XPost } from './x-match.ts';
import { isRepost, judgeRefusal, toPostPayload, toReceipt, toSought, type XPayload, type XPostPayload } from './x-payload.ts';
import { type Ask, askWith, listOwn, listReplies, measureByIds, measureOwn, parseFollowers, type Spelling } from './x-reads.ts';

const maxAlt = 1000;

/** X: no key against duplicates, so what may have landed is looked for on the own timeline, and a person decides where it is not found. */
export function openXPublisher(account: XAccount, deps: Deps): Publisher {
  const { clock, timeoutFor } = deps;
  let identity: Promise<Identity & { skew?: number }> | undefined;
  const ask = <T>(call: XCall, run: (client: TwitterApi) => Promise<T>) => withX(account, { clock, timeoutFor }, call, run);
  const read = <T>(signal: AbortSignal, run: (client: TwitterApi) => Promise<T>) => harmless(() => ask({ signal }, run));

  async function identify(signal: AbortSignal): Promise<Identity & { skew?: number }> {
    const askedAt = clock.now();
    const { data, headers } = await read(signal, (client) => client.v2.get<unknown>('users/me', {}, { fullResponse: true }));
    const { id, username } = ((data as { data?: unknown } | undefined)?.data ?? {}) as { id?: unknown; username?: unknown };
    if (typeof id !== 'string' || typeof username !== 'string')
      throw new PublishError('not-sent', 'X did not say whose credential this is. It is asked again later');
    return { id, handle: username, url: `https://x.com/${username}`, ...measureSkew(headers.date, askedAt, clock.now()) };
  }

  const self = async (signal: AbortSignal) => {
    identity ??= identify(signal);
    return identity.catch((error: unknown) => {
      identity = undefined;
      throw error;
    });
  };

  const spelling: Spelling = { isNew: false };
  const asking = (signal: AbortSignal): Ask => askWith((path, query) => read(signal, (client) => client.v2.get<unknown>(path, query)), spelling);

  async function list(sinceId: string | undefined, limit: number, signal: AbortSignal): Promise<XPost[]> {
    const { id } = await self(signal);
    return listOwn(asking(signal), id, { sinceId, limit });
  }

  return {
    account: account.name,
    network: 'x',
    // A repost made twice stands once.
    reconciling: (payload) => (isRepost(payload) ? { repeatFor: Infinity, looks: 0, whenAbsent: 'send' } : { repeatFor: -1, looks: 2, whenAbsent: 'person' }),
    limits: async () => toLimits(account),
    async identify(signal) {
      identity = identify(signal);
      return self(signal);
    },
    async prepare(request, signal): Promise<XPayload> {
      const { id, handle } = await self(signal);
      const { relation } = request.message;
      if (relation?.as === 'repost') return { repost: relation.of, userId: id };
      const ids: string[] = [];
      for (const media of request.part.media) ids.push(await upload(media, (run) => read(signal, run)));
      return toPostPayload(request, ids, handle);
    },
    async publish(payload, call) {
      const path = isRepost(payload) ? `users/${payload.userId}/retweets` : 'tweets';
      const body = isRepost(payload) ? { tweet_id: payload.repost.id } : (payload as XPostPayload).body;
      const answer = await ask(call, (client) => client.v2.post<unknown>(path, body)).catch((error: unknown) => judgeRefusal(error, payload as XPayload));
      return toReceipt(answer, payload as XPayload, clock.now());
    },
    async lookUp(payload, { sentAt, signal }): Promise<Receipt | undefined> {
      if (isRepost(payload)) return undefined;
      const { handle } = payload as XPostPayload;
      const since = sentAt - 5 * minute;
      const posts = (await list(toSnowflake(since), 500, signal)).filter(({ at }) => at >= since);
      const found = findMatch(posts, toSought(payload as XPostPayload));
      return found && { id: found.id, url: toUrl(handle, found.id), at: found.at };
    },
    async timeline(limit, signal): Promise<OwnPost[]> {
      const { handle } = await self(signal);
      return (await list(undefined, limit, signal)).slice(0, limit).map((post) => toOwnPost(post, handle));
    },
    async measure(receipts, signal) {
      if (account.ownReads === false) return measureByIds(asking(signal), receipts);
      return measureOwn(asking(signal), (await self(signal)).id, receipts);
    },
    async replies(since, signal) {
      return listReplies(asking(signal), (await self(signal)).id, since);
    },
    async followers(signal) {
      return parseFollowers(await read(signal, (client) => client.v2.get<unknown>('users/me', { 'user.fields': 'public_metrics' })));
    },
  };
}

function toLimits(account: XAccount): Limits {
  return {
    network: 'x',
    text: { max: account.maxLength, unit: 'weighted', urlLength: 23 },
    media: { maxCount: 4, mimeTypes: ['image/jpeg', 'image/png', 'image/webp'], maxBytes: 5_000_000, maxSide: 4096, maxAlt },
  };
}

type Run = <T>(run: (client: TwitterApi) => Promise<T>) => Promise<T>;

/** Uploads live for a day at X, so they are made anew for each attempt. */
async function upload({ rendition, alt, src }: Part['media'][number], run: Run): Promise<string> {
  if (!rendition) throw new PublishError('refused', `${src} was not made ready for X: run check`);
  const data = await readFile(rendition.path).catch((error: unknown) => {
    throw new PublishError('not-sent', `the picture made from ${src} cannot be read. It is made again`, { cause: error });
  });
  const id = await run((client) => client.v2.uploadMedia(data, { media_type: rendition.mime as 'image/jpeg', media_category: 'tweet_image' }));
  if (typeof id !== 'string') throw new PublishError('not-sent', `X answered without an id for ${src}. It is tried again by itself`);
  if (alt) await run((client) => client.v2.createMediaMetadata(id, { alt_text: { text: alt.slice(0, maxAlt) } }));
  return id;
}
