import type { Delivery } from '../../core/delivery/delivery.ts';
import type { Held } from '../../core/delivery/reason.ts';
import { pinnedInstant } from '../../core/delivery/terms.ts';
import { pickDefined } from '../../core/pick-defined.ts';
import type { Candidate } from '../../core/schedule/schedule-input.ts';
import type { Instant } from '../../core/time.ts';
import type { Context } from '../context.ts';

/** The deliveries of each post that others of the queue come after, by post. */
export type Before = ReadonlyMap<string, Delivery[]>;

export async function findBefore(
  { store }: Pick<Context, 'store'>,
  deliveries: readonly Delivery[],
): Promise<Before> {
  const posts = new Set(deliveries.flatMap(({ terms }) => terms.after?.post ?? []));
  const found = [...posts].map(async (post): Promise<[string, Delivery[]]> => [
    post,
    await store.listDeliveries({ post }),
  ]);
  return new Map(await Promise.all(found));
}

interface Circumstances {
  before: Before;
  /** Why nothing is published on the account, where that is so. */
  accountHeld?: string | undefined;
}

/** A delivery as the schedule sees it. */
export function toCandidate(one: Delivery, { before, accountHeld }: Circumstances): Candidate {
  const { terms, queue, retryAt } = one;
  const isSaid = one.pinnedAt !== undefined;
  return pickDefined({
    delivery: one.id,
    queue,
    pinnedAt: one.pinnedAt ?? pinnedInstant(terms.pin),
    isSaid: isSaid ? true : undefined,
    pinnedDate: !isSaid && terms.pin && 'date' in terms.pin ? terms.pin.date : undefined,
    ...toBounds(terms),
    retryAt,
    after: terms.after && toAfter(one, terms.after, before.get(terms.after.post) ?? []),
    feed: terms.feed,
    held: terms.held ?? approvalMissing(one) ?? heldAccount(accountHeld) ?? outsideCadence(one),
  });
}

/** The file's own bounds, and those of the rule that sent it. */
function toBounds({ notBefore, expires, followUp }: Delivery['terms']) {
  const from = Math.max(notBefore ?? 0, followUp?.notBefore ?? 0);
  const to = Math.min(expires ?? Infinity, followUp?.expires ?? Infinity);
  return {
    notBefore: from > 0 ? from : undefined,
    expires: to < Infinity ? to : undefined,
    isFollowUp: followUp ? (true as const) : undefined,
  };
}

/** Approval holds for the text that was approved. */
export function approvalMissing({ terms, approvedHash }: Delivery): Held | undefined {
  if (!terms.approval || approvedHash === terms.hash) return undefined;
  const text =
    approvedHash === undefined
      ? 'waits for approval'
      : 'waits for approval again: the post was changed since';
  return { because: 'approval', text };
}

const heldAccount = (text: string | undefined): Held | undefined =>
  text === undefined ? undefined : { because: 'account-held', text };

function outsideCadence({ queue, pinnedAt, terms }: Delivery): Held | undefined {
  const isPinned = (pinnedAt ?? pinnedInstant(terms.pin)) !== undefined;
  if (queue !== 'none' || isPinned || terms.followUp) return undefined;
  const text = 'queue: none, so it is published only by a follow-up or by `now`';
  return { because: 'no-cadence', text };
}

type After = NonNullable<Candidate['after']>;

/** Released on the same account if the post goes there, else anywhere. */
function toAfter(
  one: Delivery,
  { post, delayFor }: Pick<After, 'post' | 'delayFor'>,
  before: readonly Delivery[],
): After {
  const same = before.find(({ account }) => account === one.account);
  const releasedAt = firstRelease(same ? [same] : before);
  return pickDefined({ delivery: same?.id ?? '', post, delayFor, releasedAt });
}

function firstRelease(deliveries: readonly Delivery[]): Instant | undefined {
  const all = deliveries.flatMap(({ state, startedAt }) =>
    state === 'released' ? (startedAt ?? []) : [],
  );
  return all.length ? Math.min(...all) : undefined;
}
