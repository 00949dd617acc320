import { chunks } from '../../core/chunks.ts';
import type { Post } from '../../core/post/post.ts';
import { compose } from '../../core/post/compose.ts';
import { limitsFor, traitsOf } from '../../core/network/traits-of.ts';
import type { Delivery } from '../../core/delivery/delivery.ts';
import type { Cost } from '../../core/network/x-prices.ts';
import type { Instant } from '../../core/time.ts';
import type { Context } from '../context.ts';
import { findPostsOf } from '../ingest/find-post.ts';
import { ownTurn } from '../../ports/own-turn.ts';

type Pricing = Pick<Context, 'store' | 'settings'>;

/** Posts that are in memory at a time. */
const mostAtOnce = 200;

/**
 * What the release of each of these deliveries will cost, by id. Nothing for an account on a
 * network that bills nothing.
 */
export async function costsOf(
  { store, settings }: Pricing,
  name: string,
  deliveries: readonly Delivery[],
): Promise<Map<string, Cost>> {
  const account = settings.accounts.find((one) => one.name === name);
  const billing = account && traitsOf(account.network).billing;
  if (!billing || deliveries.length === 0) return new Map();
  const limits = limitsFor(account);
  const { campaigns, mentions, links } = settings;
  const costOf = ({ run, terms }: Delivery, post: Post | undefined): Cost => {
    if (!post || terms.followUp?.as === 'repost') {
      const { repost, post: plain } = billing.prices;
      return { microUsd: terms.followUp?.as === 'repost' ? repost : plain, hasLink: false };
    }
    const composed = compose({ post, account, limits, run, campaigns, mentions, links });
    return billing.costOfParts(composed.message.parts);
  };
  const costs = new Map<string, Cost>();
  for (const some of chunks(deliveries, mostAtOnce)) {
    const found = await findPostsOf(store, [...new Set(some.map(({ post }) => post))]);
    const posts = new Map(found.map(({ id, post }) => [id, post]));
    for (const one of some) {
      costs.set(one.id, costOf(one, posts.get(one.post)));
      // A long thread takes its time: whatever else waits has its turn.
      if (costs.size % 5 === 0) await ownTurn();
    }
  }
  return costs;
}

/**
 * What is planned before this instant and has no link: the releases that go before everything else.
 * In millionths of a USD.
 */
export async function costOfPlanned(
  context: Pricing,
  account: string,
  before: Instant,
): Promise<number> {
  const planned = await context.store.listDeliveries({
    account,
    states: ['planned'],
    dueBy: before - 1,
  });
  const costs = await costsOf(context, account, planned);
  return [...costs.values()].reduce(
    (sum, { microUsd, hasLink }) => sum + (hasLink ? 0 : microUsd),
    0,
  );
}
