import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { mastodon } from 'masto';
import type { MastodonAccount } from '../../core/network/account.ts';
import type { Part, Receipt } from '../../core/post/message.ts';
import type { Identity } from '../../core/network/network.ts';
import { day, minute, second } from '../../core/time.ts';
import {
  PublishError,
  type OwnPost,
  type Publisher,
  type Reconciling,
} from '../../ports/publisher.ts';
import { harmless, measureSkew } from '../publish-error.ts';
import { withMastodon, type MastodonCall } from './client.ts';
import { isMissing } from './errors.ts';
import { fetchInstance, type Instance } from './instance.ts';
import {
  isReblog,
  judgeRefusal,
  type MastodonPayload,
  type ReblogPayload,
  requireAnswered,
  requireQuotes,
  type StatusPayload,
  toStatusPayload,
} from './payload.ts';
import { type Batching, countFollowers, listReplies, measureStatuses } from './reads.ts';
import { findMatch, listOwn, parseStatus, type Sought } from './statuses.ts';
import type { Deps } from '../publisher-deps.ts';

type Client = mastodon.rest.Client;

interface Self extends Identity {
  accountId: string;
  skew?: number;
}

/** Reposting what is reposted already changes nothing. */
const repeatable: Reconciling = { repeatFor: Infinity, looks: 0, whenAbsent: 'send' };

/**
 * Mastodon: a key makes repeats harmless within an hour, on Mastodon itself; on other servers, and
 * later, the own timeline tells.
 */
export function openMastodonPublisher(account: MastodonAccount, deps: Deps): Publisher {
  const { clock } = deps;
  let self: Self | undefined;
  const batching: Batching = { isServed: true };
  let known: { instance: Instance; until: number } | undefined;
  const ask = <T>(call: MastodonCall, run: (client: Client) => Promise<T>) =>
    withMastodon(account, deps, call, run);
  const read = <T>(signal: AbortSignal, run: (client: Client) => Promise<T>) =>
    harmless(() => ask({ signal }, run));

  async function identify(signal: AbortSignal): Promise<Self> {
    const askedAt = clock.now();
    let date: string | undefined;
    const onHeaders = (headers: Headers) => {
      date = headers.get('date') ?? undefined;
    };
    const answer: unknown = await harmless(() =>
      ask({ signal, onHeaders }, (client) => client.v1.accounts.verifyCredentials()),
    ).catch((error: unknown) => {
      throw asSignedOut(error);
    });
    self = { ...parseSelf(answer, account.baseUrl), ...measureSkew(date, askedAt, clock.now()) };
    return self;
  }

  async function learn(signal: AbortSignal): Promise<Instance> {
    if (known && known.until > clock.now()) return known.instance;
    try {
      known = {
        instance: await fetchInstance((run) => read(signal, run)),
        until: clock.now() + day,
      };
    } catch (error) {
      if (!known) throw error;
    }
    return known.instance;
  }

  async function reblog(payload: ReblogPayload, call: MastodonCall): Promise<Receipt> {
    const { id, url } = payload.reblog;
    const answer: unknown = await ask<unknown>(call, (client) =>
      client.v1.statuses.$select(id).reblog(),
    ).catch((error: unknown) => judgeRefusal(error, payload));
    const status = parseStatus(answer);
    if (!status)
      throw new PublishError(
        'unknown',
        'Mastodon answered without the id of the repost. It is asked again by itself',
      );
    return { id: status.id, url, at: clock.now() };
  }

  return {
    account: account.name,
    network: 'mastodon',
    reconciling: (payload) =>
      isReblog(payload)
        ? repeatable
        : {
            repeatFor: known?.instance.honoursKeys ? 55 * minute : -1,
            looks: 2,
            whenAbsent: 'send',
          },
    limits: async (signal) => (await learn(signal)).limits,
    async identify(signal) {
      const { accountId: _, ...identity } = await identify(signal);
      return identity;
    },
    async prepare(request, signal): Promise<MastodonPayload> {
      const { relation } = request.message;
      if (relation?.as === 'repost') return { reblog: relation.of };
      const { limits, takesQuotes, honoursKeys } = await learn(signal);
      requireQuotes(request, takesQuotes);
      if (!honoursKeys) await requireAnswered(request, (run) => read(signal, run));
      const mediaIds: string[] = [];
      for (const media of request.part.media)
        mediaIds.push(
          await read(signal, (client) =>
            upload(client, media, limits.media.maxAlt ?? 1500, signal),
          ),
        );
      return toStatusPayload(request, mediaIds);
    },
    async publish(payload, { signal, mayOpen }) {
      if (isReblog(payload)) return reblog(payload, { signal, mayOpen });
      const { params, key } = payload as StatusPayload;
      const answer: unknown = await ask({ signal, mayOpen }, (client) =>
        client.v1.statuses.create(params as mastodon.rest.v1.CreateStatusParams, {
          requestInit: { headers: { 'Idempotency-Key': key } },
        }),
      ).catch(async (error: unknown) => {
        // Not every server says 401 to a token that is no longer good: whether it is, its owner's
        // page tells.
        if (
          error instanceof PublishError &&
          error.kind === 'refused' &&
          !known?.instance.honoursKeys
        )
          await identify(signal).catch(throwIfSignedOut);
        return judgeRefusal(error, payload as StatusPayload);
      });
      const status = parseStatus(answer);
      if (!status)
        throw new PublishError(
          'unknown',
          'Mastodon answered without the id of the post. Whether it arrived is being looked up',
        );
      await confirm(status.id, (run) => ask({ signal }, run), signal);
      return { id: status.id, url: status.url, at: status.at || clock.now() };
    },
    async lookUp(payload, { sentAt, signal }): Promise<Receipt | undefined> {
      if (isReblog(payload)) return undefined;
      const { params } = payload as StatusPayload;
      await learn(signal);
      const { accountId } = self ?? (await identify(signal));
      return read(signal, async (client) => {
        const statuses = await listOwn(client, accountId, {
          since: sentAt - 2 * minute,
          limit: 400,
        });
        const found = await findMatch(client, statuses, toSought(params));
        return found && { id: found.id, url: found.url, at: found.at };
      });
    },
    async timeline(limit, signal): Promise<OwnPost[]> {
      const { accountId } = self ?? (await identify(signal));
      const statuses = await read(signal, (client) => listOwn(client, accountId, { limit }));
      return statuses
        .slice(0, limit)
        .map(({ mediaCount: _mediaCount, quotes: _quotes, ...post }) => post);
    },
    measure: (receipts, signal) => measureStatuses((run) => read(signal, run), receipts, batching),
    async replies(since, signal) {
      const { accountId, url } = self ?? (await identify(signal));
      return listReplies((run) => read(signal, run), { accountId, host: new URL(url).host }, since);
    },
    followers: (signal) => countFollowers((run) => read(signal, run)),
  };
}

function toSought({
  status,
  mediaIds = [],
  inReplyToId,
  quotedStatusId,
}: StatusPayload['params']): Sought {
  return {
    text: status,
    mediaCount: mediaIds.length,
    ...(inReplyToId ? { inReplyTo: inReplyToId } : {}),
    ...(quotedStatusId ? { quotes: quotedStatusId } : {}),
  };
}

/** Whatever a server refuses when it is asked who we are, it is the credential. */
function asSignedOut(error: unknown): unknown {
  if (!(error instanceof PublishError) || error.kind !== 'refused') return error;
  return new PublishError(
    'signed-out',
    error.message.replace(
      /\. [^.]*$/,
      '. Make a new token at the server and put it into the configuration',
    ),
    {
      cause: error,
    },
  );
}

function throwIfSignedOut(error: unknown): void {
  if (error instanceof PublishError && error.kind === 'signed-out') throw error;
}

function parseSelf(answer: unknown, baseUrl: string): Self {
  const { id, username, url } = (answer ?? {}) as {
    id?: unknown;
    username?: unknown;
    url?: unknown;
  };
  if (typeof id !== 'string' || typeof username !== 'string')
    throw new PublishError(
      'not-sent',
      'Mastodon did not say whose credential this is. It is asked again later',
    );
  const page = typeof url === 'string' && URL.canParse(url) ? url : `${baseUrl}/@${username}`;
  return { id: page, handle: `${username}@${new URL(page).host}`, url: page, accountId: id };
}

/** Left alone, an upload is removed after a day, so a new attempt uploads again. */
async function upload(
  client: Client,
  { rendition, alt, src, focus }: Part['media'][number],
  maxAlt: number,
  signal: AbortSignal,
): Promise<string> {
  if (!rendition)
    throw new PublishError('refused', `${src} was not made ready for Mastodon: run check`);
  const data = await readFile(rendition.path).catch((error: unknown) => {
    throw new PublishError(
      'not-sent',
      `the picture made from ${src} cannot be read. It is made again`,
      { cause: error },
    );
  });
  // Some servers go by the ending of the name.
  const file = new File([data], basename(rendition.path), { type: rendition.mime });
  const params = {
    file,
    ...(alt ? { description: alt.slice(0, maxAlt) } : {}),
    ...(focus ? { focus: focus.map((value) => value.toFixed(2)).join(',') } : {}),
  };
  let media = parseMedia(await client.v2.media.create({ ...params, skipPolling: true }));
  for (let polls = 0; !media.isReady; polls += 1) {
    if (polls >= 60)
      throw new PublishError(
        'not-sent',
        `Mastodon is still working on ${src} after a minute. It is tried again by itself`,
      );
    await wait(second, undefined, { signal });
    media = parseMedia(await client.v1.media.$select(media.id).fetch());
  }
  return media.id;
}

function parseMedia(answer: unknown): { id: string; isReady: boolean } {
  const { id, url } = (answer ?? {}) as { id?: unknown; url?: unknown };
  if (typeof id !== 'string')
    throw new PublishError(
      'not-sent',
      'Mastodon answered without an id for the picture. It is tried again by itself',
    );
  return { id, isReady: typeof url === 'string' && url !== '' };
}

/** A server's spam filter may answer with an id and keep nothing. Two looks, since a reading copy may lag behind; even
 *  then it may be there a moment later, so that it is looked for again before anything else
 * happens. */
async function confirm(
  id: string,
  ask: <T>(run: (client: Client) => Promise<T>) => Promise<T>,
  signal: AbortSignal,
): Promise<void> {
  for (const isLast of [false, true]) {
    try {
      await ask((client) => client.v1.statuses.$select(id).fetch());
      return;
    } catch (error) {
      // Anything but a clear no leaves the server's own word standing.
      if (!isMissing(error)) return;
      if (isLast)
        throw new PublishError(
          'unknown',
          "Mastodon took the post and does not show it: its spam filter drops new accounts' replies and mentions without a word. Leave the mention out, or wait until the account is a week old",
        );
    }
    await wait(1500, undefined, { signal }).catch(() => {});
  }
}
