import type { Delivery } from '../../core/delivery/delivery.ts';
import { isPaceable } from '../../core/schedule/pace.ts';
import { day, formatLocal, type Instant } from '../../core/time.ts';
import { type Publisher, PublishError } from '../../ports/publisher.ts';
import { type Context, makeEntry } from '../context.ts';
import { changeFact, factKey, readFact } from '../facts.ts';

/** What people posted on the account without us, lately. */
export interface ByHand {
  posts: { id: string; at: Instant }[];
}

/**
 * So few suffice: what is younger than a gap is looked for, and each post read costs money on X.
 */
const newest = 5;

export const readByHand = async (
  { store }: Pick<Context, 'store'>,
  account: string,
): Promise<Instant[]> => (await readFact(store, byHandFact(account))).posts.map(({ at }) => at);

const byHandFact = (account: string) => factKey<ByHand>(`by-hand:${account}`, { posts: [] });

/**
 * Whether someone has posted by hand on the account within minGap: then the release steps aside,
 * and is scheduled behind it. Replies in conversations do not count. A read that fails holds
 * nothing up, and a pin is kept.
 */
export async function stepsAside(
  context: Context,
  next: Delivery,
  { publisher, signal }: { publisher: Publisher; signal: AbortSignal },
): Promise<boolean> {
  const { store, clock, settings } = context;
  const cadence = settings.cadences[next.account];
  if (settings.pacing.mode === 'steady' || !cadence || !isPaceable(cadence) || isPinned(next))
    return false;
  const now = clock.now();
  const since = now - cadence.minGapFor;
  const found = await findByHand(context, next.account, { publisher, since, signal });
  const fresh = found.filter(({ at }) => at <= now);
  if (!fresh.length) return false;
  const { posts: before } = await readFact(store, byHandFact(next.account));
  const unknown = fresh.filter(({ id }) => !before.some((one) => one.id === id));
  if (!unknown.length) return false;
  await changeFact(store, byHandFact(next.account), ({ posts }) => ({
    posts: [...posts.filter(({ at }) => at > now - 2 * day), ...unknown],
  }));
  const last = Math.max(...unknown.map(({ at }) => at));
  const at = formatLocal(last, cadence.zone);
  const until = formatLocal(last + cadence.minGapFor, cadence.zone);
  const who = `${next.account}: someone posted by hand at ${at}`;
  const text = `${who}, so ${next.id} waits until ${until}`;
  const { account, network, id: delivery, post } = next;
  await store.appendJournal([
    makeEntry(context, 'paced', {
      id: `by-hand:${account}:${unknown.map(({ id }) => id).join()}`,
      account,
      network,
      delivery,
      post,
      text,
    }),
  ]);
  return true;
}

const isPinned = ({ pinnedAt, terms }: Delivery) =>
  pinnedAt !== undefined || (terms.pin !== undefined && 'at' in terms.pin);

async function findByHand(
  { store, log }: Context,
  account: string,
  { publisher, since, signal }: { publisher: Publisher; since: Instant; signal: AbortSignal },
): Promise<ByHand['posts']> {
  try {
    const wanted = { limit: newest, since, withoutReplies: true };
    const timeline = (await publisher.timeline(wanted, signal)).filter(
      ({ at, inReplyTo }) => at > since && inReplyTo === undefined,
    );
    if (!timeline.length) return [];
    const ours = await store.listDeliveries({
      account,
      states: ['released', 'releasing', 'uncertain', 'failed'],
      startedSince: since - day,
      order: '-startedAt',
    });
    // Between request and receipt its id is unknown: what is there then may be ours.
    if (ours.some(({ state, startedAt = 0 }) => state !== 'released' && startedAt > since))
      return [];
    const known = new Set(ours.flatMap(({ receipts }) => receipts.map(({ id }) => id)));
    return timeline.filter(({ id }) => !known.has(id)).map(({ id, at }) => ({ id, at }));
  } catch (error) {
    if (!(error instanceof PublishError)) throw error;
    log.info(`cannot tell whether someone posted by hand on ${account}: ${error.message}`);
    return [];
  }
}
