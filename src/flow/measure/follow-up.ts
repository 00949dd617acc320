import { type Delivery, deliveryId, type Followed, isOpen } from '../../core/delivery/delivery.ts';
import { sentOff } from '../../core/delivery/moves.ts';
import { newDelivery } from '../../core/delivery/new-delivery.ts';
import { rankForFollowUp } from '../../core/delivery/rank.ts';
import { followed as followedMove } from '../../core/delivery/release-moves.ts';
import type { FollowUpTerms } from '../../core/delivery/terms.ts';
import type { Sample } from '../../core/engagement.ts';
import { networkNames } from '../../core/network/network.ts';
import { traitsOf } from '../../core/network/traits-of.ts';
import { pickDefined } from '../../core/pick-defined.ts';
import type { FollowUp, Post } from '../../core/post/post.ts';
import { decideSeries, followUpId, type SeriesInput, withinOf } from '../../core/post/series.ts';
import { formatDuration, type Instant } from '../../core/time.ts';
import { type Context, makeDeliveryEntry } from '../context.ts';

export interface Deciding {
  post: Post;
  samples: Sample[];
  known: SeriesInput['known'];
}

/** What the numbers of a delivery mean for its follow-ups. Undefined: it is still open. */
export function decideFollowUp(
  { clock }: Pick<Context, 'clock'>,
  released: Delivery,
  { post, samples, known }: Deciding,
): Followed | undefined {
  const at = clock.now();
  const releasedAt = released.startedAt ?? at;
  if (released.goneAt !== undefined) return { at, text: 'it was deleted on the network' };
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
    delivery: targetOf(released, post, outcome.rule),
  };
}

const targetOf = ({ account, run }: Delivery, post: Post, index: number) =>
  deliveryId(post.followUps[index]?.post ?? followUpId(post.id, index), account, run);

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
  return store.changeDelivery(before, followedMove(before, followed), [
    makeDeliveryEntry({ clock }, before, { type: 'followed', text, data: { ...followed } }),
  ]);
}

/**
 * Puts the decided follow-up into the queue. Harmless when it is run again: there is one delivery
 * of that name, and it is sent off once.
 */
export async function queueFollowUp(
  context: Following,
  released: Delivery,
  post: Post,
): Promise<void> {
  const { followed } = released;
  const rule = followed?.rule === undefined ? undefined : post.followUps[followed.rule - 1];
  if (!followed?.delivery || followed.rule === undefined || !rule) return;
  const why = tellTwice(released, rule);
  if (why !== undefined) return refuse(context, released, { id: followed.delivery, why });
  const wanted: FollowUpWanted = {
    id: followed.delivery,
    post: rule.post ?? followUpId(post.id, followed.rule - 1),
    hash: post.hash,
    campaign: released.terms.campaign ?? post.campaign,
    followUp: toTerms(context, released, { rule, decidedAt: followed.at }),
  };
  await place(context, released, { rule, wanted });
  const placed = await context.store.findDelivery(wanted.id);
  if (placed && rule.post !== undefined) await sendOff(context, released, { placed, wanted });
}

type Following = Pick<Context, 'store' | 'clock' | 'settings'>;

interface FollowUpWanted {
  id: string;
  post: string;
  hash: string;
  campaign: string | undefined;
  followUp: FollowUpTerms;
}

function toTerms(
  { settings }: Following,
  released: Delivery,
  { rule, decidedAt }: { rule: FollowUp; decidedAt: Instant },
): FollowUpTerms {
  const releasedAt = released.startedAt ?? decidedAt;
  const minGap = settings.cadences[released.account]?.minGapFor ?? 0;
  return pickDefined({
    of: released.id,
    as: rule.as,
    else: rule.else ?? ('skip' as const),
    notBefore: releasedAt + (rule.afterFor ?? 0),
    expires: expiryOf(rule, releasedAt, decidedAt + minGap),
  });
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

async function place(
  { store, clock }: Following,
  released: Delivery,
  { rule, wanted }: { rule: FollowUp; wanted: FollowUpWanted },
): Promise<void> {
  const other = rule.post === undefined ? undefined : await store.findPost(rule.post);
  if (rule.post !== undefined && !other) return;
  const { account, network, run } = released;
  const { post, followUp } = wanted;
  // Another file's own campaign goes over the one that it follows.
  const campaign = other?.post.campaign ?? wanted.campaign;
  const terms = pickDefined({ hash: other?.hash ?? wanted.hash, campaign, followUp });
  const now = clock.now();
  const rank = rankForFollowUp(now);
  await store.addDeliveries([newDelivery({ post, run, account, network, rank, terms }, now)]);
}

/**
 * A post of another file waits with `queue: none` for this; once it is on its way, or out, nothing
 * sends it again.
 */
async function sendOff(
  context: Following,
  released: Delivery,
  { placed, wanted }: { placed: Delivery; wanted: FollowUpWanted },
): Promise<void> {
  const { id, state, terms } = placed;
  if (terms.followUp?.of === released.id) return;
  if (terms.followUp)
    return refuse(context, released, { id, why: `it follows ${terms.followUp.of} already` });
  if (!isOpen(state)) return refuse(context, released, { id, why: `it is ${state} already` });
  const { followUp, campaign } = wanted;
  const at = context.clock.now();
  const changed = await context.store.changeDelivery(
    placed,
    sentOff(placed, followUp, { at, campaign }),
  );
  // Another process changed it meanwhile: looked at again, with what it is now.
  const now = changed ? undefined : await context.store.findDelivery(id);
  if (now) await sendOff(context, released, { placed: now, wanted });
}

async function refuse(
  context: Pick<Context, 'store' | 'clock'>,
  released: Delivery,
  { id, why }: { id: string; why: string },
) {
  await context.store.appendJournal([
    makeDeliveryEntry(context, released, {
      type: 'followed',
      id: `${released.id}:unfollowed`,
      text: `${id} is not published: ${why}`,
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
