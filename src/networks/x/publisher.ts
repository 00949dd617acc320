import type { XAccount } from '../../core/network/account.ts';
import { limitsFor } from '../../core/network/traits-of.ts';
import { toXUrl } from '../../core/network/x-traits.ts';
import { pickDefined } from '../../core/pick-defined.ts';
import type { Receipt } from '../../core/post/message.ts';
import { type Instant, minute } from '../../core/time.ts';
import type {
  Abilities,
  LookUpOptions,
  Measured,
  OwnPost,
  PartRequest,
  Publisher,
  PublishOptions,
  Reconciling,
  TimelineWanted,
} from '../../ports/publisher.ts';
import type { PersonReply } from '../../ports/people/person-reply.ts';
import type { Deps } from '../publisher-deps.ts';
import { noneTaken } from '../stored-payload.ts';
import { findMatches, toOwnPost, toSnowflake } from './match.ts';
import {
  chargeOf,
  isRepost,
  isRepostedAlready,
  judgeRefusal,
  parsePayload,
  parseReceipt,
  purposeOf,
  receiptOfRepost,
  toPostPayload,
  toSought,
  type XPayload,
} from './payload.ts';
import { listOwn, listReplies, measureByIds, measureOwn, parseFollowers } from './reads.ts';
import { openXSession, type XSession } from './session.ts';
import { isMoving } from '../moving-media.ts';
import { openXUploads, uploadedId } from './moving.ts';
import { upload } from './picture.ts';

/**
 * X: no key against duplicates, so what may have landed is looked for on the own timeline, and a
 * person decides where it is not found.
 */
export function openXPublisher(account: XAccount, deps: Deps): Publisher {
  const session = openXSession(account, deps);
  return {
    account: account.name,
    network: 'x',
    reconciling: reconcilingOf,
    limits: async () => limitsFor(account),
    identify: (signal, { isRoutine = false } = {}) =>
      session.identify({ purpose: isRoutine ? 'measure' : 'release', signal }),
    abilities: (signal) => findAbilities(session, signal),
    uploads: openXUploads(session, deps),
    prepare: (request, signal) => prepare(session, request, signal),
    preparesAlone: ({ part }) => session.isIdentified() && part.media.length === 0,
    publish: async (payload, call) => publish(session, parsePayload(payload), call),
    lookUp: async (payload, options) => lookUp(session, parsePayload(payload), options),
    timeline: (wanted, signal) => listTimeline(session, wanted, signal),
    measure: (receipts, signal) => measure(session, receipts, { signal, account }),
    replies: (since, signal) => findReplies(session, since, signal),
    followers: (signal) => countFollowers(session, signal),
  };
}

/** X tells with every answer what a token may do. */
async function findAbilities({ askMe }: XSession, signal: AbortSignal): Promise<Abilities> {
  const { headers } = await askMe({ purpose: 'release', signal });
  if (headers['x-access-level'] !== 'read') return {};
  const todo = 'give the app "Read and write" in X\'s developer console, then make a new token';
  return { lacks: `its token may only read: ${todo}` };
}

/** A repost made twice stands once. */
const reconcilingOf = (payload: unknown): Reconciling =>
  isRepost(payload)
    ? { repeatFor: Infinity, looks: 0, whenAbsent: 'send' }
    : { repeatFor: -1, looks: 2, whenAbsent: 'person' };

async function prepare(
  session: XSession,
  request: PartRequest,
  signal: AbortSignal,
): Promise<XPayload> {
  const reading = { purpose: purposeOf(request.index), signal };
  const { id, handle } = await session.self(reading);
  const { relation } = request.message;
  if (relation?.as === 'repost') return { repost: relation.of, userId: id };
  const ids: string[] = [];
  for (const [at, media] of request.part.media.entries())
    ids.push(isMoving(media) ? uploadedId(request, at) : await upload(session, media, reading));
  return toPostPayload(request, ids, handle);
}

async function publish(
  { ask, billing, clock, site }: XSession,
  payload: XPayload,
  call: PublishOptions,
): Promise<Receipt> {
  const [path, body] = isRepost(payload)
    ? [`users/${payload.userId}/retweets`, { tweet_id: payload.repost.id }]
    : ['tweets', payload.body];
  try {
    const answer = await billing.act(...chargeOf(payload), () =>
      ask(call, (client) => client.v2.post<unknown>(path, body)),
    );
    return parseReceipt(answer, payload, { at: clock.now(), site });
  } catch (error) {
    if (isRepostedAlready(error, payload)) return receiptOfRepost(payload, clock.now());
    throw judgeRefusal(error, payload);
  }
}

async function lookUp(
  session: XSession,
  payload: XPayload,
  { sentAt, isTaken = noneTaken, signal }: LookUpOptions,
): Promise<Receipt | undefined> {
  if (isRepost(payload)) return undefined;
  const reading = { purpose: 'finish', signal } as const;
  const since = sentAt - 5 * minute;
  const { id } = await session.self(reading);
  const span = { sinceId: toSnowflake(since), limit: 500 };
  const posts = await listOwn(session.asking(reading), id, span);
  const recent = posts.filter(({ at }) => at >= since);
  for (const { id: found, at } of findMatches(recent, toSought(payload)))
    if (!(await isTaken(found))) {
      const url = toXUrl(payload.handle, found, session.site);
      return { id: found, url, at };
    }
  return undefined;
}

async function listTimeline(
  session: XSession,
  { limit, since, withoutReplies }: TimelineWanted,
  signal: AbortSignal,
): Promise<OwnPost[]> {
  const reading = { purpose: 'release', signal } as const;
  const { id, handle } = await session.self(reading);
  const posts = await listOwn(session.asking(reading), id, {
    limit,
    ...pickDefined({
      withoutReplies,
      sinceId: since === undefined ? undefined : toSnowflake(since),
    }),
  });
  return posts.slice(0, limit).map((post) => toOwnPost(post, { handle, site: session.site }));
}

async function measure(
  session: XSession,
  receipts: Receipt[],
  { signal, account }: { signal: AbortSignal; account: XAccount },
): Promise<Measured> {
  const reading = { purpose: 'measure', signal } as const;
  const ask = session.asking(reading);
  if (account.ownReads === false) return measureByIds(ask, receipts);
  return measureOwn(ask, (await session.self(reading)).id, receipts);
}

async function findReplies(
  session: XSession,
  since: Instant,
  signal: AbortSignal,
): Promise<PersonReply[]> {
  const reading = { purpose: 'measure', signal } as const;
  const { id: userId } = await session.self(reading);
  return listReplies(session.asking(reading), { userId, site: session.site }, since);
}

async function countFollowers(
  { askMe }: XSession,
  signal: AbortSignal,
): Promise<number | undefined> {
  const query = { 'user.fields': 'public_metrics' };
  return parseFollowers((await askMe({ purpose: 'measure', signal }, query)).data);
}
