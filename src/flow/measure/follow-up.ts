import {
  type Delivery,
  deliveryId,
  type Followed,
  isOpen,
  rankForFollowUp,
  withoutSlot,
} from '../../core/delivery/delivery.ts';
import type { Sample } from '../../core/engagement.ts';
import { networkNames } from '../../core/network/network.ts';
import { traitsOf } from '../../core/network/traits-of.ts';
import type { FollowUp, Post } from '../../core/post/post.ts';
import { decideSeries, followUpId, type SeriesInput, withinOf } from '../../core/post/series.ts';
import { formatDuration, type Instant } from '../../core/time.ts';
import { type Context, makeDeliveryEntry } from '../context.ts';

/** What the numbers of a delivery mean for its follow-ups. Undefined: it is still open. */
export function decideFollowUp(
  context: Pick<Context, 'clock'>,
  released: Delivery,
  post: Post,
  { samples, known }: { samples: Sample[]; known: SeriesInput['known'] },
): Followed | undefined {
  const at = context.clock.now();
  const releasedAt = released.startedAt ?? at;
  if (released.goneAt !== undefined)
    return { at, text: 'it was deleted on the network, so nothing follows it' };
  const outcome = decideSeries({ rules: post.followUps, releasedAt, now: at, samples, known });
  if (outcome.kind === 'wait') return undefined;
  if (outcome.kind === 'over') return { at, text: outcome.why };
  const rule = post.followUps[outcome.rule];
  if (!rule) return undefined;
  const age = formatDuration(outcome.heldAt - releasedAt);
  const said = rule.when === undefined ? `nothing above held` : `"${rule.when}" held`;
  return {
    at,
    text: `${said} at the age of ${age}`,
    rule: outcome.rule + 1,
    delivery: targetOf(released, post, rule, outcome.rule),
  };
}

const targetOf = (released: Delivery, post: Post, rule: FollowUp, index: number) =>
  deliveryId(rule.post ?? followUpId(post.id, index), released.account, released.run);

/**
 * Decided by one conditional write, with its entry; the delivery stays due until what follows is in
 * the queue.
 */
export function settleFollowed(
  { store, clock }: Pick<Context, 'store' | 'clock'>,
  before: Delivery,
  followed: Followed,
): Promise<Delivery | undefined> {
  const then = followed.delivery === undefined ? 'nothing follows' : `${followed.delivery} follows`;
  const text = `${before.id}: ${followed.text}: ${then}`;
  return store.changeDelivery(before, { ...before, followed }, [
    makeDeliveryEntry({ clock }, 'followed', before, { text, data: { ...followed } }),
  ]);
}

/**
 * Puts the decided follow-up into the queue. Harmless when it is run again: there is one delivery
 * of that name, and it is sent off once.
 */
export async function queueFollowUp(
  context: Pick<Context, 'store' | 'clock' | 'settings'>,
  released: Delivery,
  post: Post,
): Promise<void> {
  const { store, clock, settings } = context;
  const { followed } = released;
  const rule = followed?.rule === undefined ? undefined : post.followUps[followed.rule - 1];
  if (!followed?.delivery || followed.rule === undefined || !rule) return;
  const why = tellTwice(released, rule);
  if (why !== undefined) return refuse(context, released, followed.delivery, why);
  const releasedAt = released.startedAt ?? followed.at;
  const notBefore = releasedAt + (rule.afterFor ?? 0);
  const minGap = settings.cadences[released.account]?.minGapFor ?? 0;
  const expires = expiryOf(rule, releasedAt, followed.at + minGap);
  const terms: Delivery['terms'] = {
    hash: post.hash,
    ...pickCampaign(released.terms.campaign === undefined ? post : released.terms),
    followUp: {
      of: released.id,
      as: rule.as,
      else: rule.else ?? 'skip',
      notBefore,
      ...(expires === undefined ? {} : { expires }),
    },
  };
  const { id } = await place(
    context,
    released,
    rule,
    { id: followed.delivery, post: rule.post ?? followUpId(post.id, followed.rule - 1), terms },
    clock.now(),
  );
  const placed = await store.findDelivery(id);
  if (placed && rule.post !== undefined) await sendOff(context, released, placed, terms);
}

/** At least one gap's time is left to one whose condition held at the last moment. */
function expiryOf(rule: FollowUp, releasedAt: Instant, atLeast: Instant): Instant | undefined {
  if (rule.when !== undefined) return Math.max(releasedAt + withinOf(rule), atLeast);
  return rule.withinFor === undefined ? undefined : Math.max(releasedAt + rule.withinFor, atLeast);
}

/** A later run's follow-up says the same as the first one's. */
const tellTwice = (released: Delivery, rule: FollowUp): string | undefined =>
  traitsOf(released.network).refusesRepeats && released.run > 1 && rule.as !== 'repost'
    ? `${networkNames[released.network]} has had its text in an earlier run`
    : undefined;

interface Placing {
  id: string;
  post: string;
  terms: Delivery['terms'];
}

async function place(
  { store }: Pick<Context, 'store'>,
  released: Delivery,
  rule: FollowUp,
  { id, post, terms }: Placing,
  now: Instant,
): Promise<{ id: string }> {
  const other = rule.post === undefined ? undefined : await store.findPost(rule.post);
  const delivery: Delivery = {
    id,
    post,
    run: released.run,
    account: released.account,
    network: released.network,
    state: 'queued',
    rank: rankForFollowUp(now),
    terms: other ? { ...terms, hash: other.hash, ...pickCampaign(other.post) } : terms,
    attempts: 0,
    fence: 0,
    receipts: [],
    looks: 0,
    createdAt: now,
    revision: 0,
  };
  if (rule.post === undefined || other) await store.addDeliveries([delivery]);
  return { id };
}

/**
 * A post of another file waits with `queue: none` for this; once it is on its way, or out, nothing
 * sends it again.
 */
async function sendOff(
  context: Pick<Context, 'store' | 'clock'>,
  released: Delivery,
  waiting: Delivery,
  terms: Delivery['terms'],
): Promise<void> {
  if (waiting.terms.followUp?.of === released.id) return;
  if (waiting.terms.followUp || !isOpen(waiting.state))
    return refuse(
      context,
      released,
      waiting.id,
      waiting.terms.followUp
        ? `it follows ${waiting.terms.followUp.of} already`
        : `it is ${waiting.state} already`,
    );
  const after = {
    ...withoutSlot(waiting, 'queued'),
    rank: rankForFollowUp(context.clock.now()),
    terms: { ...pickCampaign(terms), ...waiting.terms, ...pickFollowUp(terms) },
  };
  const changed = await context.store.changeDelivery(waiting, after);
  // Somebody else changed it meanwhile: looked at again, with what it is now.
  const now = changed ? undefined : await context.store.findDelivery(waiting.id);
  if (now) await sendOff(context, released, now, terms);
}

/** Another file's own campaign goes over the one that it follows. */
const pickCampaign = ({ campaign }: { campaign?: string }) =>
  campaign === undefined ? {} : { campaign };

const pickFollowUp = ({ followUp }: Delivery['terms']) => (followUp ? { followUp } : {});

async function refuse(
  context: Pick<Context, 'store' | 'clock'>,
  released: Delivery,
  id: string,
  why: string,
) {
  await context.store.appendJournal([
    makeDeliveryEntry(context, 'followed', released, {
      id: `${released.id}:unfollowed`,
      text: `${id} does not go out: ${why}`,
      data: { why },
    }),
  ]);
}

/**
 * The parent's numbers without what we did to them ourselves: the next part of its thread, and the
 * follow-up.
 */
export async function countOwn(
  { store }: Pick<Context, 'store'>,
  released: Delivery,
): Promise<{ replies: number; reposts: number; quotes: number }> {
  const own = { replies: released.receipts.length > 1 ? 1 : 0, reposts: 0, quotes: 0 };
  const follower =
    released.followed?.delivery === undefined
      ? undefined
      : await store.findDelivery(released.followed.delivery);
  if (follower?.state !== 'released' || follower.terms.followUp?.of !== released.id) return own;
  const { as } = follower.terms.followUp;
  if (as === 'reply' && released.receipts.length === 1) own.replies++;
  if (as === 'repost') own.reposts++;
  if (as === 'quote') own.quotes++;
  return own;
}
