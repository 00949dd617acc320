import { plural } from '../../core/plural.ts';
import { type Known, countOf } from '../../core/condition/judge.ts';
import type { Delivery } from '../../core/delivery/delivery.ts';
import type { Sample } from '../../core/engagement.ts';
import { type AgeCurves, defaultAgeCurves } from '../../core/pacing/age-curve.ts';
import { type Echo, toObserved } from '../../core/pacing/observed.ts';
import {
  isAtLeast,
  type Needs,
  needsOf,
  percentileOf,
  type Typical as TypicalPost,
  typicalOf,
} from '../../core/pacing/typical-post.ts';
import { day } from '../../core/time.ts';
import type { Context } from '../context.ts';
import { factKey, readFact } from '../facts.ts';

/** What the account's posts usually have, for judging one of them. */
export interface Typical {
  /** Undefined where too few are known. */
  of(delivery: Pick<Delivery, 'network' | 'startedAt'>, echo: Echo): TypicalPost | undefined;
  known(delivery: Delivery, sample: Pick<Sample, 'at' | 'counts'>): Known;
}

/** What is older teaches little about today. */
export const rememberFor = 182 * day;

/** How the echo of posts comes in, as learned from one's own. */
export const ageCurvesFact = factKey<AgeCurves>('ages', defaultAgeCurves);

export async function openTypical(
  { store, clock }: Pick<Context, 'store' | 'clock'>,
  account: string,
): Promise<Typical> {
  const posts = toObserved(
    await store.listSamples({ account, releasedSince: clock.now() - rememberFor, isLatest: true }),
  );
  const ages = await readFact(store, ageCurvesFact);
  const memo = new Map<string, TypicalPost | undefined>();
  const of: Typical['of'] = ({ network, startedAt = 0 }, echo) => {
    const key = `${network} ${startedAt} ${echo}`;
    if (!memo.has(key))
      memo.set(key, typicalOf({ account, network, posts, at: startedAt, echo, ages }));
    return memo.get(key);
  };
  return { of, known: (delivery, sample) => compare(delivery, sample, of) };
}

/** What a condition asks of one sample, beside the account's own typical post of that age. */
function compare(
  delivery: Delivery,
  { at, counts }: Pick<Sample, 'at' | 'counts'>,
  of: Typical['of'],
): Known {
  const age = at - (delivery.startedAt ?? at);
  const pair = (echo: Echo) => {
    const [typical, y] = [of(delivery, echo), countOf(echo, counts)];
    return typical === undefined || y === undefined ? undefined : { typical, y };
  };
  return {
    age,
    counts,
    isTypical: (echo, times, plus) => {
      const { typical, y = 0 } = pair(echo) ?? {};
      return typical && isAtLeast(typical, { times, plus }, { y, age }).holds;
    },
    needs: (echo, times, plus) => {
      const { typical, y = 0 } = pair(echo) ?? {};
      if (!typical) return 'some more posts to compare with';
      return tellNeeds(needsOf(typical, { times, plus }, { y, age }));
    },
    percentile: () => {
      const { typical, y = 0 } = pair('score') ?? {};
      return typical && percentileOf(typical, { y, age });
    },
  };
}

function tellNeeds({ more, hours }: Needs): string | undefined {
  if (more === 0) return undefined;
  const ways = [
    ...(more === undefined ? [] : [`about ${Math.ceil(more)} more`]),
    ...(hours === undefined ? [] : [`${plural(hours, 'more hour')} at this pace`]),
  ];
  return ways.length ? ways.join(', or ') : 'far more than it is on its way to';
}
