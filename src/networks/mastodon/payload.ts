import { createHash } from 'node:crypto';
import { pickDefined } from '../../core/pick-defined.ts';
import type { Receipt } from '../../core/post/message.ts';
import { PublishError, type PartRequest } from '../../ports/publisher.ts';
import { fieldsOf, isReceipt, unreadablePayload } from '../stored-payload.ts';
import { isMissing } from './errors.ts';
import type { Ask } from './reads.ts';
import type { Sought } from './statuses.ts';

/** A status as it will be made. */
export interface StatusPayload {
  params: {
    status: string;
    visibility: string;
    language?: string;
    spoilerText?: string;
    sensitive?: boolean;
    inReplyToId?: string;
    quotedStatusId?: string;
    mediaIds?: string[];
  };
  /** The idempotency key. */
  key: string;
  /** It follows another status, and may be refused for that alone. */
  relation?: 'reply' | 'quote';
}

export interface ReblogPayload {
  reblog: Receipt;
}

export type MastodonPayload = StatusPayload | ReblogPayload;

/** Throws PublishError. */
export function parsePayload(payload: unknown): MastodonPayload {
  const { reblog, params, key } = fieldsOf(payload);
  const { status, visibility } = fieldsOf(params);
  const isStatus = [status, visibility, key].every((one) => typeof one === 'string');
  if (!isReceipt(reblog) && !isStatus) throw unreadablePayload('mastodon');
  return payload as MastodonPayload;
}

export const isReblog = (payload: unknown): payload is ReblogPayload =>
  isReceipt(fieldsOf(payload).reblog);

/** The visibility always: other servers have other defaults. */
export function toStatusPayload(
  { message, part, index, before, seed }: PartRequest,
  mediaIds: string[],
): StatusPayload {
  const relation = index === 0 ? message.relation : undefined;
  const { cw } = message;
  return {
    params: {
      status: part.text,
      visibility: message.visibility ?? 'public',
      ...pickDefined({
        language: message.lang || undefined,
        spoilerText: cw || undefined,
        sensitive: cw ? true : undefined,
        inReplyToId: before.at(-1)?.id,
        quotedStatusId: relation?.as === 'quote' ? relation.of.id : undefined,
        mediaIds: mediaIds.length > 0 ? mediaIds : undefined,
      }),
    },
    key: createHash('sha256').update(seed).digest('hex').slice(0, 40),
    ...pickDefined({ relation: relation?.as === 'repost' ? undefined : relation?.as }),
  };
}

export function toSought({ params }: StatusPayload): Sought {
  const { status: text, mediaIds = [], inReplyToId, quotedStatusId } = params;
  return {
    text,
    mediaCount: mediaIds.length,
    ...pickDefined({ inReplyTo: inReplyToId, quotes: quotedStatusId }),
  };
}

export function requireQuotes({ message, index }: PartRequest, takesQuotes: boolean): void {
  if (message.relation?.as !== 'quote' || index > 0 || takesQuotes) return;
  throw new PublishError('refused', 'this Mastodon server takes no quotes', {
    advice: 'Quotes need Mastodon 4.5 or later. Choose another relation, or write `else: post`',
    isRelationRefused: true,
  });
}

/** Mastodon itself refuses an answer to what is gone; others let it stand alone. */
export async function requireAnswered(
  { message, index, before }: PartRequest,
  ask: Ask,
): Promise<void> {
  const parent = before.at(-1)?.id;
  if (message.relation?.as !== 'reply' || index > 0 || parent === undefined) return;
  await ask<unknown>((client) => client.v1.statuses.$select(parent).fetch()).catch(
    (error: unknown) => {
      if (!isMissing(error)) throw error;
      throw new PublishError('refused', 'the post that this one answers is no longer there', {
        advice: 'Post it on its own, or skip it',
        isRelationRefused: true,
        cause: error,
      });
    },
  );
}

/** A later part of a thread, whose parent someone has deleted. */
const isAnswerGone = (payload: MastodonPayload, status: number) =>
  [404, 410].includes(status) && !isReblog(payload) && payload.params.inReplyToId !== undefined;

const toAnswerGone = (cause: PublishError) =>
  new PublishError('refused', cause.said, {
    status: cause.status,
    advice: 'The post that this one answers is gone',
    cause,
  });

/**
 * Says where only the relation was refused: what the status answers, quotes or reposts is gone, or
 * may not be used so.
 */
export function judgeRefusal(error: unknown, payload: MastodonPayload): unknown {
  const relation = isReblog(payload) ? 'repost' : payload.relation;
  if (!(error instanceof PublishError) || error.kind !== 'refused') return error;
  const { said, status = 0 } = error;
  if (!relation) return isAnswerGone(payload, status) ? toAnswerGone(error) : error;
  const isAboutIt =
    [403, 404, 410].includes(status) ||
    ([400, 422].includes(status) && (relation === 'repost' || /repl|quot/i.test(said)));
  if (!isAboutIt) return error;
  const what = { reply: 'answers', quote: 'quotes', repost: 'reposts' }[relation];
  return new PublishError('refused', said, {
    status,
    advice: `What this one ${what} is gone, or may not be used so`,
    isRelationRefused: true,
    cause: error,
  });
}
