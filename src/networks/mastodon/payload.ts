import { createHash } from 'node:crypto';
import type { Receipt } from '../../core/post/message.ts';
import { PublishError, type PartRequest } from '../../ports/publisher.ts';
import { isMissing } from './errors.ts';
import type { Ask } from './reads.ts';

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

export const isReblog = (payload: unknown): payload is ReblogPayload =>
  typeof payload === 'object' && payload !== null && 'reblog' in payload;

/** The visibility always: other servers have other defaults. */
export function toStatusPayload(
  { message, part, index, before, seed }: PartRequest,
  mediaIds: string[],
): StatusPayload {
  const parent = before.at(-1)?.id;
  const relation = index === 0 ? message.relation : undefined;
  return {
    params: {
      status: part.text,
      visibility: message.visibility ?? 'public',
      ...(message.lang ? { language: message.lang } : {}),
      ...(message.cw ? { spoilerText: message.cw, sensitive: true } : {}),
      ...(parent ? { inReplyToId: parent } : {}),
      ...(relation?.as === 'quote' ? { quotedStatusId: relation.of.id } : {}),
      ...(mediaIds.length > 0 ? { mediaIds } : {}),
    },
    key: createHash('sha256').update(seed).digest('hex').slice(0, 40),
    ...(relation && relation.as !== 'repost' ? { relation: relation.as } : {}),
  };
}

export function requireQuotes({ message, index }: PartRequest, takesQuotes: boolean): void {
  if (message.relation?.as !== 'quote' || index > 0 || takesQuotes) return;
  throw new PublishError(
    'refused',
    'this Mastodon server takes no quotes: they need Mastodon 4.5 or later. Choose another relation, or say `else: post`',
    {
      isRelationRefused: true,
    },
  );
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
      throw new PublishError(
        'refused',
        'the post that this one answers is no longer there: post it on its own, or skip it',
        {
          isRelationRefused: true,
          cause: error,
        },
      );
    },
  );
}

/**
 * Rethrows, and says where only the relation was refused: what the status answers, quotes or
 * reposts is gone, or may not be used so.
 */
export function judgeRefusal(error: unknown, payload: MastodonPayload): never {
  const relation = isReblog(payload) ? 'repost' : payload.relation;
  if (!(error instanceof PublishError) || error.kind !== 'refused' || !relation) throw error;
  const isAboutIt =
    / (403|404|410)\b/.test(error.message) ||
    (/ (400|422)\b/.test(error.message) &&
      (relation === 'repost' || /repl|quot/i.test(error.message)));
  if (!isAboutIt) throw error;
  const said = error.message.replace(/\. [^.]*$/, '');
  const what = { reply: 'answers', quote: 'quotes', repost: 'reposts' }[relation];
  throw new PublishError(
    'refused',
    `${said}. What this one ${what} is gone, or may not be used so`,
    { isRelationRefused: true, cause: error },
  );
}
