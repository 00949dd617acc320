import { readFile } from 'node:fs/promises';
import type { TwitterApi } from 'twitter-api-v2';
import type { XAccount } from '../../core/network/account.ts';
import type { Limits } from '../../core/network/limits.ts';
import type { Part, Receipt } from '../../core/post/message.ts';
import type { Identity } from '../../core/network/network.ts';
import { minute } from '../../core/time.ts';
import type { Purpose } from '../../ports/cost-ledger.ts';
import { PublishError, type OwnPost, type Publisher } from '../../ports/publisher.ts';
import { harmless, measureSkew } from '../publish-error.ts';
import type { Deps } from '../publisher-deps.ts';
import { openBilling } from './billing.ts';
import { withX, type XCall } from './client.ts';
import { findMatch, toOwnPost, toSnowflake, toUrl, type XPost } from './match.ts';
import {
  chargeOf,
  isRepost,
  judgeRefusal,
  purposeOf,
  toPostPayload,
  toReceipt,
  toSought,
  type XPayload,
  type XPostPayload,
} from './payload.ts';
import {
  type Ask,
  askWith,
  listOwn,
  listReplies,
  measureByIds,
  measureOwn,
  parseFollowers,
  type Spelling,
} from './reads.ts';

const maxAlt = 1000;

/**
 * X: no key against duplicates, so what may have landed is looked for on the own timeline, and a
 * person decides where it is not found.
 */
export function openXPublisher(account: XAccount, deps: Deps): Publisher {
  const { clock, timeoutFor } = deps;
  let identity: Promise<Identity & { skew?: number }> | undefined;
  const ask = <T>(call: XCall, run: (client: TwitterApi) => Promise<T>) =>
    withX(account, { clock, timeoutFor }, call, run);
  const read = <T>(signal: AbortSignal, run: (client: TwitterApi) => Promise<T>) =>
    harmless(() => ask({ signal }, run));
  const billing = openBilling(account, deps.ledger);
  let ownId: string | undefined;

  const askMe = (signal: AbortSignal, purpose: Purpose, query: Record<string, string> = {}) =>
    billing.read(purpose, { users: 1, userIds: ownId ? [ownId] : [] }, () =>
      read(signal, (client) => client.v2.get<unknown>('users/me', query, { fullResponse: true })),
    );

  async function identify(
    signal: AbortSignal,
    purpose: Purpose,
  ): Promise<Identity & { skew?: number }> {
    const askedAt = clock.now();
    const { data, headers } = await askMe(signal, purpose);
    const { id, username } = ((data as { data?: unknown } | undefined)?.data ?? {}) as {
      id?: unknown;
      username?: unknown;
    };
    if (typeof id !== 'string' || typeof username !== 'string')
      throw new PublishError(
        'not-sent',
        'X did not say whose credential this is. It is asked again later',
      );
    ownId = id;
    return {
      id,
      handle: username,
      url: `https://x.com/${username}`,
      ...measureSkew(headers.date, askedAt, clock.now()),
    };
  }

  const self = async (signal: AbortSignal, purpose: Purpose) => {
    identity ??= identify(signal, purpose);
    return identity.catch((error: unknown) => {
      identity = undefined;
      throw error;
    });
  };

  const spelling: Spelling = { isNew: false };
  const asking = (signal: AbortSignal, purpose: Purpose): Ask =>
    askWith(
      (path, query, likely = []) =>
        billing.read(purpose, toReading(path, query, likely), () =>
          read(signal, (client) => client.v2.get<unknown>(path, query)),
        ),
      spelling,
    );

  async function list(
    sinceId: string | undefined,
    limit: number,
    { signal, purpose }: { signal: AbortSignal; purpose: Purpose },
  ): Promise<XPost[]> {
    const { id } = await self(signal, purpose);
    return listOwn(asking(signal, purpose), id, { sinceId, limit });
  }

  return {
    account: account.name,
    network: 'x',
    // A repost made twice stands once.
    reconciling: (payload) =>
      isRepost(payload)
        ? { repeatFor: Infinity, looks: 0, whenAbsent: 'send' }
        : { repeatFor: -1, looks: 2, whenAbsent: 'person' },
    limits: async () => toLimits(account),
    async identify(signal) {
      identity = identify(signal, 'release');
      return self(signal, 'release');
    },
    async prepare(request, signal): Promise<XPayload> {
      const purpose = purposeOf(request.index);
      const { id, handle } = await self(signal, purpose);
      const { relation } = request.message;
      if (relation?.as === 'repost') return { repost: relation.of, userId: id };
      const ids: string[] = [];
      const describe: Describe = (work) => billing.act(purpose, 'altText', work);
      for (const media of request.part.media)
        ids.push(await upload(media, (run) => read(signal, run), describe));
      return toPostPayload(request, ids, handle);
    },
    async publish(payload, call) {
      const path = isRepost(payload) ? `users/${payload.userId}/retweets` : 'tweets';
      const body = isRepost(payload)
        ? { tweet_id: payload.repost.id }
        : (payload as XPostPayload).body;
      const answer = await billing
        .act(...chargeOf(payload as XPayload), () =>
          ask(call, (client) => client.v2.post<unknown>(path, body)),
        )
        .catch((error: unknown) => judgeRefusal(error, payload as XPayload));
      return toReceipt(answer, payload as XPayload, clock.now());
    },
    async lookUp(payload, { sentAt, signal }): Promise<Receipt | undefined> {
      if (isRepost(payload)) return undefined;
      const { handle } = payload as XPostPayload;
      const since = sentAt - 5 * minute;
      const posts = (await list(toSnowflake(since), 500, { signal, purpose: 'finish' })).filter(
        ({ at }) => at >= since,
      );
      const found = findMatch(posts, toSought(payload as XPostPayload));
      return found && { id: found.id, url: toUrl(handle, found.id), at: found.at };
    },
    async timeline(limit, signal): Promise<OwnPost[]> {
      const { handle } = await self(signal, 'release');
      return (await list(undefined, limit, { signal, purpose: 'release' }))
        .slice(0, limit)
        .map((post) => toOwnPost(post, handle));
    },
    async measure(receipts, signal) {
      if (account.ownReads === false) return measureByIds(asking(signal, 'measure'), receipts);
      return measureOwn(asking(signal, 'measure'), (await self(signal, 'measure')).id, receipts);
    },
    async replies(since, signal) {
      return listReplies(asking(signal, 'measure'), (await self(signal, 'measure')).id, since);
    },
    async followers(signal) {
      return parseFollowers(
        (await askMe(signal, 'measure', { 'user.fields': 'public_metrics' })).data,
      );
    },
  };
}

function toLimits(account: XAccount): Limits {
  return {
    network: 'x',
    text: { max: account.maxLength, unit: 'weighted', urlLength: 23 },
    media: {
      maxCount: 4,
      mimeTypes: ['image/jpeg', 'image/png', 'image/webp'],
      maxBytes: 5_000_000,
      maxSide: 4096,
      maxAlt,
    },
  };
}

function toReading(path: string, query: Record<string, string>, likely: readonly string[]) {
  const posts = query['ids'] ? likely.length : Number(query['max_results']);
  return {
    posts,
    postIds: likely,
    users: query['expansions'] ? posts : 0,
    isOwn: path.startsWith('users/'),
  };
}

type Describe = (work: () => Promise<unknown>) => Promise<unknown>;
type Run = <T>(run: (client: TwitterApi) => Promise<T>) => Promise<T>;

/** Uploads live for a day at X, so they are made anew for each attempt. */
async function upload(
  { rendition, alt, src }: Part['media'][number],
  run: Run,
  describe: Describe,
): Promise<string> {
  if (!rendition) throw new PublishError('refused', `${src} was not made ready for X: run check`);
  const data = await readFile(rendition.path).catch((error: unknown) => {
    throw new PublishError(
      'not-sent',
      `the picture made from ${src} cannot be read. It is made again`,
      { cause: error },
    );
  });
  const id = await run((client) =>
    client.v2.uploadMedia(data, {
      media_type: rendition.mime as 'image/jpeg',
      media_category: 'tweet_image',
    }),
  );
  if (typeof id !== 'string')
    throw new PublishError(
      'not-sent',
      `X answered without an id for ${src}. It is tried again by itself`,
    );
  if (alt)
    await describe(() =>
      run((client) =>
        client.v2.createMediaMetadata(id, { alt_text: { text: alt.slice(0, maxAlt) } }),
      ),
    );
  return id;
}
