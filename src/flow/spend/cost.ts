import { compose } from '../../core/post/compose.ts';
import { limitsFor, traitsOf } from '../../core/network/traits-of.ts';
import type { Delivery } from '../../core/delivery/delivery.ts';
import type { Cost } from '../../core/network/x-prices.ts';
import type { Instant } from '../../core/time.ts';
import type { Context } from '../context.ts';
import { findPostsOf } from '../ingest/find-post.ts';

type Pricing = Pick<Context, 'store' | 'settings'>;

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
  const { campaigns, mentions } = settings;
  const posts = new Map(
    (await findPostsOf(store, [...new Set(deliveries.map(({ post }) => post))])).map(
      ({ id, post }) => [id, post],
    ),
  );
  return new Map(
    deliveries.map((one): [string, Cost] => {
      if (one.terms.followUp?.as === 'repost')
        return [one.id, { microUsd: billing.prices.repost, hasLink: false }];
      const post = posts.get(one.post);
      const parts =
        post && compose({ post, account, limits, run: one.run, campaigns, mentions }).message.parts;
      return [
        one.id,
        parts ? billing.costOfParts(parts) : { microUsd: billing.prices.post, hasLink: false },
      ];
    }),
  );
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
