import type { Delivery } from './delivery.ts';
import { rankAtBottom } from './rank.ts';
import type { Held } from './reason.ts';

/** How version 0.1 said why a file held its delivery: by the sentence alone. */
function toHeld(text: string): Held {
  if (text === 'is a draft') return { because: 'draft', text };
  const isFolder = text.startsWith('its file is gone, with most others');
  return { because: isFolder ? 'folder-gone' : 'file-broken', text };
}

interface OldTerms {
  heldBecause?: string;
  held?: Held;
}

/**
 * A delivery as this version reads it, of whatever earlier version it was written by. Fields that
 * its state does not hold are left to the next move, which takes none of them along.
 */
export function upgradeDelivery(stored: Delivery): Delivery {
  const { heldBecause, ...terms } = stored.terms as Delivery['terms'] & OldTerms;
  const isOldBottom = stored.run > 1 && stored.rank.startsWith('y');
  if (heldBecause === undefined && !isOldBottom) return stored;
  return {
    ...stored,
    rank: isOldBottom ? rankAtBottom(Number(stored.rank.slice(1)), stored.run) : stored.rank,
    terms: heldBecause === undefined ? terms : { ...terms, held: toHeld(heldBecause) },
  };
}
