import type { Agent } from '@atproto/api';
import type { Receipt } from '../../core/post/message.ts';
import { PublishError, type PartRequest } from '../../ports/publisher.ts';
import type { Ref } from './shapes.ts';
import { findRecord, parseUri } from './reads.ts';

/**
 * Bluesky takes an answer to what is gone without a word, so that what stands in our own repository
 * is looked at beforehand.
 */
export async function requireStanding(
  agent: Agent,
  { message: { relation }, index, before }: PartRequest,
  did: string,
  signal: AbortSignal,
): Promise<void> {
  if (!relation || index > 0) return;
  const of = relation.as === 'reply' ? before.at(-1) : relation.of;
  if (!of || parseUri(of.id)?.repo !== did || (await findRecord(agent, of.id, signal))) return;
  const what = { reply: 'answers', quote: 'quotes', repost: 'reposts' }[relation.as];
  throw new PublishError(
    'refused',
    `the post that this one ${what} is no longer there: ${of.url}. Post it on its own, or skip it`,
    {
      isRelationRefused: true,
    },
  );
}

/** The receipt may be older than the hashes in receipts. */
export async function toRef(
  agent: Agent,
  { id: uri, cid }: Receipt,
  signal: AbortSignal,
): Promise<Ref> {
  const found = cid ?? (await findRecord(agent, uri, signal))?.cid;
  if (!found)
    throw new PublishError(
      'refused',
      `Bluesky needs the hash of the post that is referred to, and does not tell it: ${uri}. Send this part by hand`,
    );
  return { uri, cid: found };
}
