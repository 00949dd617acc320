import type { Delivery } from '../core/delivery/delivery.ts';
import type { JournalEntry } from '../core/journal.ts';

/** Documents in one transaction or one bulk: other writers get a turn in between. */
export const chunkSize = 500;

export function chunks<T>(items: readonly T[], size = chunkSize): T[][] {
  const result: T[][] = [];
  for (let i = 0; i < items.length; i += size) result.push(items.slice(i, i + size));
  return result;
}

/**
 * Entries that are written with a delivery that was added: its own, and those that name none of
 * `deliveries`.
 */
export function entriesOf(
  delivery: Delivery,
  deliveries: ReadonlySet<string>,
  entries: readonly JournalEntry[],
): JournalEntry[] {
  return entries.filter(
    (entry) => entry.delivery === delivery.id || !entry.delivery || !deliveries.has(entry.delivery),
  );
}
