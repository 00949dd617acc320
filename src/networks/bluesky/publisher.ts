import type { Agent } from '@atproto/api';
import type { BlueskyAccount } from '../../core/network/account.ts';
import type { Limits } from '../../core/network/limits.ts';
import type { Receipt } from '../../core/post/message.ts';
import { hour } from '../../core/time.ts';
import { type PartRequest, PublishError, type Publisher } from '../../ports/publisher.ts';
import { isInvalidSwap, isRecordNotFound } from './errors.ts';
import { countFollowers, listOwn, listReplies, measurePosts, type Self, toUrl } from './reads.ts';
import { makeRecord, makeRepost } from './record.ts';
import type { PostRecord, RepostRecord } from './shapes.ts';
import { requireStanding } from './relation.ts';
import { openBlueskySession, type BlueskyCall, type BlueskySession } from './session.ts';
import { harmless, measureSkew } from '../publish-error.ts';
import type { Deps } from '../publisher-deps.ts';
import { toTid } from './tid.ts';

interface BlueskyPayload {
  did: string;
  handle: string;
  rkey: string;
  record: PostRecord | RepostRecord;
  /** What is reposted: the repost has no address of its own. */
  of?: Receipt;
}

const limits: Limits = {
  network: 'bluesky',
  text: { max: 300, unit: 'grapheme', maxBytes: 3000 },
  media: {
    maxCount: 4,
    mimeTypes: ['image/jpeg', 'image/png', 'image/webp'],
    maxBytes: 1_900_000,
    maxSide: 2000,
  },
};

/**
 * Bluesky: we choose the record key and write only where nothing stands yet, so the same payload
 * lands once however often it is sent.
 */
export function openBlueskyPublisher(account: BlueskyAccount, deps: Deps): Publisher {
  const { clock } = deps;
  let opened: Promise<BlueskySession> | undefined;
  const ask = async <T>(
    call: BlueskyCall,
    work: (agent: Agent, who: Self) => Promise<T>,
  ): Promise<T> => {
    const session = await (opened ??= openBlueskySession(account, deps));
    return session.run(work, call);
  };
  const read = <T>(signal: AbortSignal, work: (agent: Agent, who: Self) => Promise<T>) =>
    harmless(() => ask({ signal }, work));

  return {
    account: account.name,
    network: 'bluesky',
    reconciling: () => ({ repeatFor: hour, looks: 1, whenAbsent: 'person' }),
    limits: async () => limits,
    identify: (signal) =>
      read(signal, async (agent) => {
        const askedAt = clock.now();
        const { data, headers } = await agent.com.atproto.server.getSession(undefined, { signal });
        return {
          id: data.did,
          handle: data.handle,
          url: `https://bsky.app/profile/${data.handle}`,
          ...measureSkew(headers.date, askedAt, clock.now()),
        };
      }),
    prepare: (request, signal) =>
      read<BlueskyPayload>(signal, (agent, who) => makePayload(agent, request, who, deps, signal)),
    async publish(payload, { signal, mayOpen }) {
      const mine = payload as BlueskyPayload;
      const written = await ask({ signal, mayOpen }, (agent, who) =>
        put(agent, mine, who.did, signal),
      );
      if (written) return toReceipt(written, mine, clock.now());
      const found = await lookUp(mine, signal);
      if (!found)
        throw new PublishError(
          'unknown',
          'Bluesky says that another record stands under this key, and shows none. Whether the post arrived is being looked up',
        );
      return found;
    },
    lookUp: (payload, { signal }) => lookUp(payload as BlueskyPayload, signal),
    timeline: (limit, signal) => read(signal, (agent, who) => listOwn(agent, who, limit, signal)),
    measure: (receipts, signal) => read(signal, (agent) => measurePosts(agent, receipts, signal)),
    replies: (since, signal) =>
      read(signal, (agent, who) => listReplies(agent, who, since, signal)),
    followers: (signal) => read(signal, (agent, who) => countFollowers(agent, who, signal)),
  };

  function lookUp(payload: BlueskyPayload, signal: AbortSignal): Promise<Receipt | undefined> {
    return read(signal, async (agent) => {
      try {
        const { data } = await agent.com.atproto.repo.getRecord(
          { repo: payload.did, collection: payload.record.$type, rkey: payload.rkey },
          { signal },
        );
        return toReceipt(data, payload, Date.parse(payload.record.createdAt));
      } catch (error) {
        if (isRecordNotFound(error)) return undefined;
        throw error;
      }
    });
  }
}

async function makePayload(
  agent: Agent,
  request: PartRequest,
  { did, handle }: Self,
  deps: Deps,
  signal: AbortSignal,
): Promise<BlueskyPayload> {
  const { relation } = request.message;
  const createdAt = request.createdAt + request.index;
  const kept = { did, handle, rkey: toTid(createdAt, request.seed) };
  await requireStanding(agent, request, did, signal);
  return relation?.as === 'repost'
    ? { ...kept, record: await makeRepost(agent, relation.of, createdAt, signal), of: relation.of }
    : { ...kept, record: await makeRecord(agent, request, deps, signal) };
}

/**
 * Undefined: the key is taken by a record that differs (edited since, or made by an earlier
 * attempt). It is ours in any case.
 */
async function put(
  agent: Agent,
  { did, rkey, record }: BlueskyPayload,
  now: string,
  signal: AbortSignal,
): Promise<{ uri: string; cid: string } | undefined> {
  requireSame(did, now);
  try {
    return (
      await agent.com.atproto.repo.putRecord(
        { repo: did, collection: record.$type, rkey, record: { ...record }, swapRecord: null },
        { signal },
      )
    ).data;
  } catch (error) {
    if (isInvalidSwap(error)) return undefined;
    throw error;
  }
}

function requireSame(frozen: string, now: string): void {
  if (frozen !== now)
    throw new PublishError(
      'refused',
      `the post was made for ${frozen}, and the configuration now logs in as ${now}: put the old account back, or skip the post`,
    );
}

function toReceipt(
  { uri, cid }: { uri?: unknown; cid?: unknown },
  { handle, rkey, of }: BlueskyPayload,
  at: number,
): Receipt {
  if (typeof uri !== 'string' || typeof cid !== 'string')
    throw new PublishError(
      'unknown',
      'Bluesky answered without the address of the post. Whether it arrived is being looked up',
    );
  return { id: uri, url: of?.url ?? toUrl(handle, rkey), at, cid };
}
