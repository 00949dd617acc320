import { chargeOfText, type XCharge } from '../../core/network/x-prices.ts';
import { toXUrl } from '../../core/network/x-traits.ts';
import { pickDefined } from '../../core/pick-defined.ts';
import type { Receipt } from '../../core/post/message.ts';
import type { Instant } from '../../core/time.ts';
import type { Purpose } from '../../ports/cost-ledger.ts';
import { PublishError, type PartRequest } from '../../ports/publisher.ts';
import { uploadLost } from '../moving-media.ts';
import { lookedUp, retried } from '../publish-error.ts';
import { fieldsOf, isReceipt, unreadablePayload } from '../stored-payload.ts';
import type { Sought } from './match.ts';

export interface XPostPayload {
  /** The body of POST /2/tweets. */
  body: {
    text?: string;
    media?: { media_ids: string[] };
    reply?: { in_reply_to_tweet_id: string };
    quote_tweet_id?: string;
  };
  handle: string;
  /** A further part of a thread. */
  isContinuation?: true;
  /** It follows another post, and X may refuse it for that alone. */
  relation?: 'reply' | 'quote';
}

export interface XRepostPayload {
  repost: Receipt;
  userId: string;
}

export type XPayload = XPostPayload | XRepostPayload;

/** Throws PublishError. */
export function parsePayload(payload: unknown): XPayload {
  const { repost, userId, body, handle } = fieldsOf(payload);
  const isPost = typeof body === 'object' && body !== null && typeof handle === 'string';
  if (!isPost && !(isReceipt(repost) && typeof userId === 'string')) throw unreadablePayload('x');
  return payload as XPayload;
}

export const isRepost = (payload: unknown): payload is XRepostPayload =>
  isReceipt(fieldsOf(payload).repost);

export function toPostPayload(
  { message, index, part, before }: PartRequest,
  mediaIds: string[],
  handle: string,
): XPostPayload {
  const parent = before.at(-1)?.id;
  const relation = index === 0 ? message.relation : undefined;
  return {
    body: pickDefined({
      text: part.text || undefined,
      media: mediaIds.length > 0 ? { media_ids: mediaIds } : undefined,
      reply: parent ? { in_reply_to_tweet_id: parent } : undefined,
      quote_tweet_id: relation?.as === 'quote' ? relation.of.id : undefined,
    }),
    handle,
    ...pickDefined({
      isContinuation: index > 0 ? (true as const) : undefined,
      relation: relation?.as === 'repost' ? undefined : relation?.as,
    }),
  };
}

/** A thread that has begun is finished, whatever it costs. */
export const purposeOf = (index: number): Purpose => (index > 0 ? 'finish' : 'release');

export function chargeOf(payload: XPayload): [Purpose, XCharge] {
  if (isRepost(payload)) return ['release', 'repost'];
  return [purposeOf(payload.isContinuation ? 1 : 0), chargeOfText(payload.body.text ?? '')];
}

export function toSought({ body }: XPostPayload): Sought {
  const { text = '', media, reply, quote_tweet_id: quotes } = body;
  return {
    text,
    mediaCount: media?.media_ids.length ?? 0,
    ...pickDefined({ inReplyTo: reply?.in_reply_to_tweet_id, quotes }),
  };
}

/** Throws PublishError. */
export function parseReceipt(
  answer: unknown,
  payload: XPayload,
  { at, site }: { at: Instant; site: string | undefined },
): Receipt {
  const { id, retweeted, reposted } = fieldsOf(fieldsOf(answer).data);
  if (isRepost(payload)) {
    if (retweeted === true || reposted === true) return receiptOfRepost(payload, at);
    throw new PublishError('unknown', 'X did not say whether it reposted', { advice: retried });
  }
  if (typeof id === 'string') return { id, url: toXUrl(payload.handle, id, site), at };
  throw new PublishError('unknown', 'X answered without the id of the post', { advice: lookedUp });
}

/** A repost has no id of its own at X. */
export const receiptOfRepost = ({ repost: { id, url } }: XRepostPayload, at: Instant): Receipt => ({
  id,
  url,
  at,
});

/** What was asked for stands already. */
export const isRepostedAlready = (error: unknown, payload: XPayload): payload is XRepostPayload =>
  isRepost(payload) &&
  error instanceof PublishError &&
  error.kind === 'refused' &&
  /already (retweeted|reposted)/i.test(error.said);

/**
 * A refusal of what follows another post may mean the relation alone: X seldom says which.
 */
export function judgeRefusal(error: unknown, payload: XPayload): unknown {
  if (!(error instanceof PublishError) || error.kind !== 'refused') return error;
  const { said, status = 0 } = error;
  // Uploads live for a day, and X forgets some earlier.
  if (!isRepost(payload) && payload.body.media && /media ids? (is|are) invalid/i.test(said))
    return uploadLost(said, error);
  const relation = isRepost(payload) ? 'repost' : payload.relation;
  const isAboutIt = [403, 404].includes(status) || /quote_tweet_id|in_reply_to_tweet_id/.test(said);
  if (!relation || error.isRelationRefused || !isAboutIt) return error;
  return new PublishError('refused', said, {
    status,
    advice: `X does not take it as a ${relation} from this account or its app`,
    isRelationRefused: true,
    cause: error,
  });
}
