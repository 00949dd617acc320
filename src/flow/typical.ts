import type { Known } from '../core/condition/judge.ts';
import type { Delivery } from '../core/delivery.ts';
import type { Sample } from '../core/engagement.ts';
import type { Context } from './context.ts';

/** What the account's posts usually have, for judging one of them. */
export interface Typical {
  known(delivery: Delivery, sample: Pick<Sample, 'at' | 'counts'>): Known;
}

export async function openTypical(_context: Pick<Context, 'store'>, _account: string): Promise<Typical> {
  return {
    known: (delivery, { at, counts }) => ({ age: at - (delivery.startedAt ?? at), counts, isTypical: () => undefined, percentile: () => undefined }),
  };
}
