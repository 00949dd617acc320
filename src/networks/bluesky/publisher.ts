import type { BlueskyAccount } from '../../core/network/account.ts';
import { toBlueskyProfile, toBlueskyUrl } from '../../core/network/bluesky-traits.ts';
import type { Identity } from '../../core/network/network.ts';
import { limitsFor } from '../../core/network/traits-of.ts';
import type { Receipt } from '../../core/post/message.ts';
import { hour } from '../../core/time.ts';
import type { Clock } from '../../ports/clock.ts';
import {
  type PartRequest,
  type PublishOptions,
  PublishError,
  type Publisher,
} from '../../ports/publisher.ts';
import { harmless, lookedUp, measureSkew } from '../publish-error.ts';
import type { Deps } from '../publisher-deps.ts';
import { isInvalidSwap, isRecordNotFound } from './errors.ts';
import { bareCard, fetchCard } from './card.ts';
import { openBlueskyChat } from './chat.ts';
import { openBlueskyUploads } from './video/video-uploads.ts';
import { type BlueskyPayload, parsePayload } from './payload.ts';
import {
  type Calling,
  countFollowers,
  listOwn,
  listReplies,
  measurePosts,
  type Self,
} from './reads.ts';
import { makeRecord, makeRepost } from './record.ts';
import { requireStanding } from './relation.ts';
import { type BlueskyCall, type BlueskySession, openBlueskySession } from './session.ts';
import { toTid } from './tid.ts';

type Work<T> = (calling: Calling, who: Self) => Promise<T>;

/** Logs in where it was not yet. */
interface Calls {
  clock: Clock;
  /** Where people look at its posts; undefined: on Bluesky's own. */
  site: string | undefined;
  isSignedIn(): boolean;
  ask<T>(call: BlueskyCall, work: Work<T>): Promise<T>;
  /** Calls that post nothing. */
  read<T>(signal: AbortSignal, work: Work<T>): Promise<T>;
}

/**
 * Bluesky: we choose the record key and write only where nothing stands yet, so the same payload
 * lands once however often it is sent.
 */
export function openBlueskyPublisher(account: BlueskyAccount, deps: Deps): Publisher {
  const calls = openCalls(account, deps);
  const { read } = calls;
  return {
    account: account.name,
    network: 'bluesky',
    reconciling: () => ({ repeatFor: hour, looks: 1, whenAbsent: 'person' }),
    limits: async () => limitsFor(account),
    identify: (signal) => identify(calls, signal),
    uploads: openBlueskyUploads({ account, clock: deps.clock, deps, ask: calls.ask }),
    prepare: (request, signal) =>
      read(signal, (calling, who) => makePayload({ ...calling, deps }, request, who)),
    noteCard: async (url, signal) => {
      const { fault } = await fetchCard(url, deps, signal);
      return fault && bareCard(url, fault);
    },
    preparesAlone: (request) => calls.isSignedIn() && asksNobody(request),
    publish: async (payload, call) => publish(calls, parsePayload(payload), call),
    lookUp: async (payload, { signal }) => lookUp(calls, parsePayload(payload), signal),
    timeline: (wanted, signal) => read(signal, (calling, who) => listOwn(calling, who, wanted)),
    measure: (receipts, signal) => read(signal, (calling) => measurePosts(calling, receipts)),
    replies: (since, signal) => read(signal, (calling, who) => listReplies(calling, who, since)),
    chat: openBlueskyChat(calls),
    followers: (signal) => read(signal, countFollowers),
  };
}

function openCalls(account: BlueskyAccount, deps: Deps): Calls {
  const { site } = account;
  let opened: Promise<BlueskySession> | undefined;
  let session: BlueskySession | undefined;
  const ask: Calls['ask'] = async (call, work) => {
    session = await (opened ??= openBlueskySession(account, deps));
    return session.run(
      (agent, who) => work({ agent, signal: call.signal }, { ...who, site }),
      call,
    );
  };
  return {
    clock: deps.clock,
    site,
    isSignedIn: () => session?.isSignedIn() ?? false,
    ask,
    read: (signal, work) => harmless(() => ask({ signal }, work)),
  };
}

/** No picture, card, mention, nor a post that it refers to. */
const asksNobody = ({ part, message, index }: PartRequest) =>
  part.media.length === 0 &&
  (message.card === undefined || index > 0) &&
  !part.text.includes('@') &&
  message.relation === undefined;

function identify(
  { read, clock, site }: Calls,
  signal: AbortSignal,
): Promise<Identity & { skew?: number }> {
  return read(signal, async ({ agent }) => {
    const askedAt = clock.now();
    const { data, headers } = await agent.com.atproto.server.getSession(undefined, { signal });
    return {
      id: data.did,
      handle: data.handle,
      url: toBlueskyProfile(data.handle, site),
      ...measureSkew(headers.date, askedAt, clock.now()),
    };
  });
}

async function makePayload(
  context: Calling & { deps: Deps },
  request: PartRequest,
  { did, handle }: Self,
): Promise<BlueskyPayload> {
  const { relation } = request.message;
  const createdAt = request.createdAt + request.index;
  const kept = { did, handle, rkey: toTid(createdAt, request.seed) };
  await requireStanding(context, request, did);
  if (relation?.as !== 'repost') return { ...kept, record: await makeRecord(context, request) };
  return { ...kept, record: await makeRepost(context, relation.of, createdAt), of: relation.of };
}

async function publish(
  calls: Calls,
  payload: BlueskyPayload,
  { signal, mayOpen }: PublishOptions,
): Promise<Receipt> {
  const written = await calls.ask({ signal, mayOpen }, ({ agent }, who) =>
    put({ agent, signal }, payload, who.did),
  );
  if (written) return parseReceipt(written, payload, { at: calls.clock.now(), site: calls.site });
  const found = await lookUp(calls, payload, signal);
  if (found) return found;
  throw new PublishError(
    'unknown',
    'Bluesky says that another record has this key, and shows none',
    { advice: lookedUp },
  );
}

/**
 * Undefined: the key is taken by a record that differs (edited since, or made by an earlier
 * attempt). It is ours in any case.
 */
async function put(
  { agent, signal }: Calling,
  { did, rkey, record }: BlueskyPayload,
  now: string,
): Promise<{ uri: string; cid: string } | undefined> {
  requireSame(did, now);
  const request = { repo: did, collection: record.$type, rkey, record: { ...record } };
  try {
    return (await agent.com.atproto.repo.putRecord({ ...request, swapRecord: null }, { signal }))
      .data;
  } catch (error) {
    if (isInvalidSwap(error)) return undefined;
    throw error;
  }
}

function requireSame(frozen: string, now: string): void {
  if (frozen === now) return;
  throw new PublishError(
    'refused',
    `the post was made for ${frozen}, and the configuration now logs in as ${now}`,
    { advice: 'Put the old account back, or skip the post' },
  );
}

function lookUp(
  { read, site }: Calls,
  payload: BlueskyPayload,
  signal: AbortSignal,
): Promise<Receipt | undefined> {
  const { did, rkey, record } = payload;
  return read(signal, async ({ agent }) => {
    try {
      const { data } = await agent.com.atproto.repo.getRecord(
        { repo: did, collection: record.$type, rkey },
        { signal },
      );
      return parseReceipt(data, payload, { at: Date.parse(record.createdAt), site });
    } catch (error) {
      if (isRecordNotFound(error)) return undefined;
      throw error;
    }
  });
}

function parseReceipt(
  { uri, cid }: { uri?: unknown; cid?: unknown },
  { handle, rkey, of }: BlueskyPayload,
  { at, site }: { at: number; site: string | undefined },
): Receipt {
  if (typeof uri !== 'string' || typeof cid !== 'string')
    throw new PublishError('unknown', 'Bluesky answered without the address of the post', {
      advice: lookedUp,
    });
  return { id: uri, url: of?.url ?? toBlueskyUrl(handle, rkey, site), at, cid };
}
