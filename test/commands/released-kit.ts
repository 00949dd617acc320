import type { Counts } from '../../src/core/engagement.ts';
import type { Account } from '../../src/core/network/account.ts';
import { makeDelivery } from '../store/kit.ts';
import type { PageContext } from '../web/page-kit.ts';

export interface Told {
  id: string;
  at: number;
  account?: 'x' | 'bluesky';
  counts?: Counts;
  campaign?: string;
}

/** Published posts, and their numbers an hour later. */
export async function addReleased({ store }: PageContext, all: Told[]) {
  await store.addDeliveries(
    all.map(({ id, at: startedAt, account = 'x', campaign }) =>
      makeDelivery(id, {
        account,
        network: account satisfies Account['network'],
        state: 'released',
        startedAt,
        terms: { hash: 'h', ...(campaign === undefined ? {} : { campaign }) },
      }),
    ),
  );
  await store.addSamples(
    all.flatMap(({ id, at, account = 'x', counts }) => {
      const one = { account, network: account, delivery: `${id}@${account}`, post: id };
      return counts ? [{ ...one, releasedAt: at, at: at + 3_600_000, counts }] : [];
    }),
  );
}
