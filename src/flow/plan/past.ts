import type { Delivery } from '../../core/delivery/delivery.ts';
import { pickDefined } from '../../core/pick-defined.ts';
import type { Past } from '../../core/schedule/schedule-input.ts';
import { day } from '../../core/time.ts';
import type { Context } from '../context.ts';
import { readByHand } from '../release/by-hand.ts';

type Reading = Pick<Context, 'store' | 'clock' | 'settings'>;

/** The releases that `perDay` and `minGap` still have to do with, the uncertain ones included. */
export async function listPast(
  { store, clock, settings }: Reading,
  account: string,
): Promise<Past[]> {
  const since = clock.now() - Math.max(2 * day, settings.cadences[account]?.minGapFor ?? 0);
  const released = await store.listDeliveries({
    account,
    states: ['released', 'releasing', 'uncertain'],
    startedSince: since,
    order: '-startedAt',
  });
  const byHand = await readByHand({ store }, account);
  return [
    ...released.flatMap(toPast),
    ...byHand.filter((at) => at > since).map((at): Past => ({ at, isByHand: true })),
  ];
}

function toPast({ startedAt, openingAt, pinnedAt, queue, terms }: Delivery): Past[] {
  if (startedAt === undefined) return [];
  const isFollowUp = terms.followUp ? true : undefined;
  // Neither an opening, nor a pin: it shared the slot of its other accounts.
  const isCommon =
    openingAt === undefined && pinnedAt === undefined && !terms.pin && !isFollowUp
      ? true
      : undefined;
  const feed = terms.feed?.url;
  return [pickDefined({ at: startedAt, openingAt, queue, feed, isFollowUp, isCommon })];
}
