import type { Receipt } from '../../core/post/message.ts';
import type { Instant } from '../../core/time.ts';
import { chargeOfText, type XCharge } from '../../core/network/x-prices.ts';
import type { Purpose } from '../../ports/cost-ledger.ts';
import { PublishError, type PartRequest } from '../../ports/publisher.ts';
import { type Sought, toUrl } from './match.ts';

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

export const isRepost = (payload: unknown): payload is XRepostPayload =>
  typeof payload === 'object' && payload !== null && 'repost' in payload;

export function toPostPayload(
  { message: { relation }, index, part, before }: PartRequest,
  mediaIds: string[],
  handle: string,
): XPostPayload {
  const parent = before.at(-1)?.id;
  const as = index === 0 && relation?.as !== 'repost' ? relation?.as : undefined;
  return {
    body: {
      ...(part.text ? { text: part.text } : {}),
      ...(mediaIds.length > 0 ? { media: { media_ids: mediaIds } } : {}),
      ...(parent ? { reply: { in_reply_to_tweet_id: parent } } : {}),
      ...(index === 0 && relation?.as === 'quote' ? { quote_tweet_id: relation.of.id } : {}),
    },
    handle,
    ...(index > 0 ? { isContinuation: true as const } : {}),
    ...(as ? { relation: as } : {}),
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
    ...(reply ? { inReplyTo: reply.in_reply_to_tweet_id } : {}),
    ...(quotes ? { quotes } : {}),
  };
}

export function toReceipt(answer: unknown, payload: XPayload, at: Instant): Receipt {
  const data = (
    answer as { data?: { id?: unknown; retweeted?: unknown; reposted?: unknown } } | undefined
  )?.data;
  if (isRepost(payload)) {
    if (data?.retweeted !== true && data?.reposted !== true)
      throw new PublishError(
        'unknown',
        'X did not say whether it reposted. It is asked again by itself',
      );
    return { id: payload.repost.id, url: payload.repost.url, at };
  }
  if (typeof data?.id !== 'string')
    throw new PublishError(
      'unknown',
      'X answered without the id of the post. Whether it arrived is being looked up',
    );
  return { id: data.id, url: toUrl(payload.handle, data.id), at };
}

/**
 * A repost that stands already is done. A refusal of what follows another post may mean the
 * relation alone: X seldom says which.
 */
export function judgeRefusal(error: unknown, payload: XPayload): unknown {
  if (!(error instanceof PublishError) || error.kind !== 'refused') throw error;
  if (isRepost(payload) && /already (retweeted|reposted)/i.test(error.message))
    return { data: { retweeted: true } };
  const relation = isRepost(payload) ? 'repost' : payload.relation;
  const isAboutIt = /answered (403|404)|quote_tweet_id|in_reply_to_tweet_id/.test(error.message);
  if (!relation || error.isRelationRefused || !isAboutIt) throw error;
  const said = error.message.replace(/\. [^.]*$/, '');
  throw new PublishError(
    'refused',
    `${said}. X does not take it as a ${relation} from this account or its app`,
    { isRelationRefused: true, cause: error },
  );
}
