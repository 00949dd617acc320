import type { Receipt } from '../../core/post/message.ts';
import { PublishError, type PartRequest } from '../../ports/publisher.ts';
import type { Ref } from './shapes.ts';
import { type Calling, findRecord, parseUri } from './reads.ts';

/**
 * Bluesky takes an answer to what is gone without a word, so that what stands in our own repository
 * is looked at beforehand.
 */
export async function requireStanding(
  calling: Calling,
  { message: { relation }, index, before }: PartRequest,
  did: string,
): Promise<void> {
  if (!relation || index > 0) return;
  const of = relation.as === 'reply' ? before.at(-1) : relation.of;
  if (!of || parseUri(of.id)?.repo !== did || (await findRecord(calling, of.id))) return;
  const what = { reply: 'answers', quote: 'quotes', repost: 'reposts' }[relation.as];
  throw new PublishError(
    'refused',
    `the post that this one ${what} is no longer there: ${of.url}`,
    { advice: 'Post it on its own, or skip it', isRelationRefused: true },
  );
}

/** The receipt may be older than the hashes in receipts. */
export async function requireRef(calling: Calling, { id: uri, cid }: Receipt): Promise<Ref> {
  const found = cid ?? (await findRecord(calling, uri))?.cid;
  if (found) return { uri, cid: found };
  throw new PublishError(
    'refused',
    `Bluesky needs the hash of the post that is referred to, and does not tell it: ${uri}`,
    { advice: 'Send this part by hand' },
  );
}
