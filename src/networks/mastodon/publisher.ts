import { setTimeout as wait } from 'node:timers/promises';
import type { mastodon } from 'masto';
import type { MastodonAccount } from '../../core/network/account.ts';
import type { Receipt } from '../../core/post/message.ts';
import { minute } from '../../core/time.ts';
import {
  type Abilities,
  type LookUpOptions,
  type OwnPost,
  type PartRequest,
  type PublishOptions,
  PublishError,
  type Publisher,
  type Reconciling,
  type TimelineWanted,
} from '../../ports/publisher.ts';
import { lookedUp, retried } from '../publish-error.ts';
import type { Deps } from '../publisher-deps.ts';
import { fieldsOf, noneTaken } from '../stored-payload.ts';
import { isMissing } from './errors.ts';
import {
  isReblog,
  judgeRefusal,
  type MastodonPayload,
  parsePayload,
  type ReblogPayload,
  requireAnswered,
  requireQuotes,
  type StatusPayload,
  toSought,
  toStatusPayload,
} from './payload.ts';
import { type Ask, type Batching, countFollowers, listReplies, measureStatuses } from './reads.ts';
import { type MastodonSession, openMastodonSession } from './session.ts';
import { findMatch, listOwn, parseStatus } from './statuses.ts';
import { isMoving } from '../moving-media.ts';
import {
  findByUpload,
  isUploadGone,
  judgeMedia,
  openMastodonUploads,
  uploadedId,
} from './moving.ts';
import { upload } from './picture.ts';

/**
 * Mastodon: a key makes repeats harmless within an hour, on Mastodon itself; on other servers, and
 * later, the own timeline tells.
 */
export function openMastodonPublisher(account: MastodonAccount, deps: Deps): Publisher {
  const session = openMastodonSession(account, deps);
  const { reading, self } = session;
  const batching: Batching = { isServed: true };
  return {
    account: account.name,
    network: 'mastodon',
    reconciling: (payload) => reconcilingOf(session, payload),
    limits: async (signal) => (await session.learn(signal)).limits,
    async identify(signal) {
      const { accountId: _, ...identity } = await session.identify(signal);
      return identity;
    },
    abilities: (signal) => findAbilities(session, signal),
    uploads: openMastodonUploads(session, deps),
    prepare: (request, signal) => prepare(session, request, signal),
    preparesAlone: ({ part, message }) =>
      session.hasLearned() && part.media.length === 0 && message.relation === undefined,
    async publish(stored, call) {
      const payload = parsePayload(stored);
      return isReblog(payload)
        ? reblog(session, payload, call)
        : postStatus(session, payload, call);
    },
    lookUp: async (payload, options) => lookUp(session, parsePayload(payload), options),
    timeline: (wanted, signal) => listTimeline(session, wanted, signal),
    measure: (receipts, signal) => measureStatuses(reading(signal), receipts, batching),
    async replies(since, signal) {
      const { accountId, url } = await self(signal);
      const isOther = async () => !(await session.learn(signal)).honoursKeys;
      return listReplies(reading(signal), { accountId, host: new URL(url).host, isOther }, since);
    },
    followers: (signal) => countFollowers(reading(signal)),
  };
}

/** A token has no more scopes than its app; not every server tells those. */
async function findAbilities(session: MastodonSession, signal: AbortSignal): Promise<Abilities> {
  const { takesQuotes } = await session.learn(signal);
  const app: unknown = await session
    .reading(signal)<unknown>((client) => client.v1.apps.verifyCredentials())
    .catch(() => undefined);
  const { scopes } = fieldsOf(app);
  if (!Array.isArray(scopes)) return { takesQuotes };
  const lacking = ['write:statuses', 'write:media'].filter((one) => !hasScope(scopes, one));
  if (lacking.length === 0) return { takesQuotes };
  const made = 'Reconnect the account with the scopes read, write:statuses and write:media';
  return { takesQuotes, lacks: `its token lacks ${lacking.join(' and ')}. ${made}` };
}

const hasScope = (scopes: unknown[], one: string) =>
  scopes.includes(one) || scopes.includes(one.split(':')[0]);

function reconcilingOf(session: MastodonSession, payload: unknown): Reconciling {
  // Reposting what is reposted already changes nothing.
  if (isReblog(payload)) return { repeatFor: Infinity, looks: 0, whenAbsent: 'send' };
  const isMastodon = session.instance()?.honoursKeys;
  const repeatFor = isMastodon ? 55 * minute : -1;
  // Not every server shows its author what only one other can read.
  if (!isMastodon && isDirect(payload)) return { repeatFor, looks: 2, whenAbsent: 'person' };
  return { repeatFor, looks: 2, whenAbsent: 'send' };
}

const isDirect = (payload: unknown) =>
  fieldsOf(fieldsOf(payload)['params'])['visibility'] === 'direct';

async function prepare(
  session: MastodonSession,
  request: PartRequest,
  signal: AbortSignal,
): Promise<MastodonPayload> {
  const { relation } = request.message;
  if (relation?.as === 'repost') return { reblog: relation.of };
  const { limits, takesQuotes, honoursKeys } = await session.learn(signal);
  const ask = session.reading(signal);
  requireQuotes(request, takesQuotes);
  if (!honoursKeys) await requireAnswered(request, ask);
  const maxAlt = limits.media.maxAlt ?? 1500;
  const mediaIds: string[] = [];
  for (const [at, media] of request.part.media.entries())
    mediaIds.push(
      isMoving(media) ? uploadedId(request, at) : await upload(ask, media, { maxAlt, signal }),
    );
  return toStatusPayload(request, mediaIds);
}

async function reblog(
  { ask, clock }: MastodonSession,
  payload: ReblogPayload,
  call: PublishOptions,
): Promise<Receipt> {
  const { id, url } = payload.reblog;
  const answer: unknown = await ask<unknown>(call, (client) =>
    client.v1.statuses.$select(id).reblog(),
  ).catch((error: unknown) => {
    throw judgeRefusal(error, payload);
  });
  const status = parseStatus(answer);
  if (!status)
    throw new PublishError('unknown', 'Mastodon answered without the id of the repost', {
      advice: retried,
    });
  return { id: status.id, url, at: clock.now() };
}

async function postStatus(
  session: MastodonSession,
  payload: StatusPayload,
  call: PublishOptions,
): Promise<Receipt> {
  const { ask, clock } = session;
  const params = payload.params as mastodon.rest.v1.CreateStatusParams;
  const requestInit = { headers: { 'Idempotency-Key': payload.key } };
  const answer: unknown = await ask(call, (client) =>
    client.v1.statuses.create(params, { requestInit }),
  ).catch(async (error: unknown) => {
    await requireSignedIn(session, error, call.signal);
    const found = await findUsed(session, error, { payload, signal: call.signal });
    if (found) return found;
    throw judgeRefusal(judgeMedia(error, clock.now()), payload);
  });
  const status = parseStatus(answer);
  if (!status)
    throw new PublishError('unknown', 'Mastodon answered without the id of the post', {
      advice: lookedUp,
    });
  await confirm((run) => ask({ signal: call.signal }, run), status.id, call.signal);
  return { id: status.id, url: status.url, at: status.at || clock.now() };
}

/**
 * A server says the same of an upload that is gone and of one that a post has: then that post is
 * this very one.
 */
async function findUsed(
  session: MastodonSession,
  error: unknown,
  { payload, signal }: { payload: StatusPayload; signal: AbortSignal },
): Promise<unknown> {
  if (!isUploadGone(error)) return undefined;
  const { accountId } = await session.self(signal);
  const { statuses } = await session.reading(signal)(async (client) => ({
    statuses: await client.v1.accounts
      .$select(accountId)
      .statuses.list({ limit: 40, excludeReblogs: true }),
  }));
  return findByUpload(statuses, payload.params.mediaIds ?? []);
}

/**
 * Not every server says 401 to a token that is no longer valid: whether it is, its owner's page
 * tells.
 */
async function requireSignedIn(
  session: MastodonSession,
  error: unknown,
  signal: AbortSignal,
): Promise<void> {
  const isRefused = error instanceof PublishError && error.kind === 'refused';
  if (!isRefused || session.instance()?.honoursKeys) return;
  await session.identify(signal).catch((other: unknown) => {
    if (other instanceof PublishError && other.kind === 'signed-out') throw other;
  });
}

/**
 * A server's spam filter may answer with an id and keep nothing. Two looks, since a replica of the
 * database may lag behind; even then the post may be there a moment later, so it is looked for
 * again before anything else happens.
 */
async function confirm(ask: Ask, id: string, signal: AbortSignal): Promise<void> {
  for (const isLast of [false, true]) {
    try {
      await ask((client) => client.v1.statuses.$select(id).fetch());
      return;
    } catch (error) {
      // Anything but a clear no leaves the server's own word standing.
      if (!isMissing(error)) return;
      if (isLast) throw new PublishError('unknown', notShown, { advice: leaveOut });
    }
    await wait(1500, undefined, { signal }).catch(() => {});
  }
}

const notShown = 'Mastodon accepted the post and does not show it';
const leaveOut =
  'Its spam filter drops replies and mentions of new accounts. ' +
  'Leave the mention out, or wait until the account is a week old';

async function lookUp(
  { learn, self, reading, sources }: MastodonSession,
  payload: MastodonPayload,
  { sentAt, isTaken = noneTaken, signal }: LookUpOptions,
): Promise<Receipt | undefined> {
  if (isReblog(payload)) return undefined;
  await learn(signal);
  const { accountId } = await self(signal);
  return reading(signal)(async (client) => {
    const statuses = await listOwn(client, accountId, { since: sentAt - 2 * minute, limit: 400 });
    const found = await findMatch({ client, sources, isTaken }, statuses, toSought(payload));
    return found && { id: found.id, url: found.url, at: found.at };
  });
}

async function listTimeline(
  { self, reading }: MastodonSession,
  wanted: TimelineWanted,
  signal: AbortSignal,
): Promise<OwnPost[]> {
  const { accountId } = await self(signal);
  const statuses = await reading(signal)((client) => listOwn(client, accountId, wanted));
  return statuses
    .slice(0, wanted.limit)
    .map(({ mediaCount: _mediaCount, quotes: _quotes, ...post }) => post);
}
