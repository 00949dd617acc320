import { pickDefined } from '../pick-defined.ts';
import type { Network } from '../network/network.ts';
import type { Instant } from '../time.ts';
import { deliveryId, type Queued } from './delivery.ts';
import type { Terms } from './terms.ts';

export interface Wanted {
  post: string;
  run?: number;
  account: string;
  network: Network;
  queue?: string | undefined;
  rank: string;
  terms: Terms;
  approvedHash?: string | undefined;
}

/** The one way in which a delivery comes into being. */
export function newDelivery({ run = 1, ...wanted }: Wanted, now: Instant): Queued {
  return pickDefined({
    ...wanted,
    id: deliveryId(wanted.post, wanted.account, run),
    run,
    state: 'queued' as const,
    attempts: 0,
    fence: 0,
    receipts: [],
    looks: 0,
    createdAt: now,
    revision: 0,
  });
}
