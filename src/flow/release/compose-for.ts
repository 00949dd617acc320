import type { Delivery } from '../../core/delivery/delivery.ts';
import { compose } from '../../core/post/compose.ts';
import type { Limits } from '../../core/network/limits.ts';
import type { Message } from '../../core/post/message.ts';
import { Refusal } from '../../core/problem.ts';
import type { Context } from '../context.ts';
import { findPostOf } from '../ingest/find-post.ts';
import { keepLink, makeCounting } from '../links/counted-links.ts';
import { findRelation } from './find-relation.ts';
import type { Route } from './send-parts.ts';
import { ownTurn } from '../../ports/own-turn.ts';

type Composing = Pick<Context, 'store' | 'images' | 'settings' | 'clock'>;

/**
 * The message with its renditions. Throws Refusal where the post cannot be said there, PublishError
 * where the network does not tell its limits.
 */
export async function composeFor(
  context: Composing,
  delivery: Delivery,
  { publisher, signal }: Route,
): Promise<Message> {
  const limits = await publisher.limits(signal);
  const message = await composeText(context, delivery, limits);
  for (const part of message.parts) {
    for (const picture of part.media)
      picture.rendition = await context.images.render(picture, limits.media, signal);
  }
  return message;
}

/** The same without renditions. Its counted link is kept: it leads somewhere from now on. */
export async function composeText(
  context: Omit<Composing, 'images'>,
  delivery: Delivery,
  limits: Limits,
): Promise<Message> {
  const { store, settings } = context;
  const stored = await findPostOf(store, delivery.post);
  const account = settings.accounts.find(({ name }) => name === delivery.account);
  if (!stored || !account) throw new Refusal(`the post ${delivery.post} is not in the store`);
  // Several accounts may be due at once, and a long thread takes its time.
  await ownTurn();
  const isRepost = delivery.terms.followUp?.as === 'repost';
  const { message, problems } = compose({
    post: stored.post,
    account,
    limits,
    run: delivery.run,
    campaigns: settings.campaigns,
    mentions: settings.mentions,
    isRepost,
    links: await makeCounting(context),
  });
  if (problems.length) throw new Refusal(problems.join('; '));
  await keepLink(context, delivery, message);
  const relation = await findRelation(store, delivery);
  return relation ? { ...message, relation } : message;
}
