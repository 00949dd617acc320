import type { Delivery } from '../core/delivery/delivery.ts';
import type { JournalEntry } from '../core/journal.ts';

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
