import type { Delivery } from '../../core/delivery/delivery.ts';
import type { Counts } from '../../core/engagement.ts';
import type { Store } from '../../ports/store.ts';

/** The clicks of people, by delivery; absent: its link is not counted. */
export async function readOwnClicks(
  store: Store,
  deliveries: readonly Delivery[],
): Promise<ReadonlyMap<string, number>> {
  const ids = deliveries.map(({ id }) => id);
  const links = await store.listLinks({ deliveries: ids });
  const clicks = new Map(links.map(({ delivery }) => [delivery, 0]));
  if (clicks.size === 0) return clicks;
  for (const { delivery, kind, count } of await store.sumClicks([...clicks.keys()]))
    if (kind === 'person' && clicks.has(delivery)) clicks.set(delivery, count);
  return clicks;
}

/** A rehearsal's networks tell them themselves. */
export const withClicks = (counts: Counts, clicks: number | undefined): Counts =>
  clicks === undefined || counts.clicks !== undefined ? counts : { ...counts, clicks };
