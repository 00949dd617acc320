import type { Network } from '../../core/network/network.ts';
import { pickDefined } from '../../core/pick-defined.ts';
import { type Instant, toIso } from '../../core/time.ts';

/** As the page's /posts.json tells it. */
export interface AcceptedPost {
  network: Network;
  account: string;
  id: string;
  url: string;
  text: string;
  at: string;
  inReplyTo?: string;
}

/** As a network keeps it. */
type Kept = Omit<AcceptedPost, 'account' | 'at'> & { handle: string; at: Instant };

export function toAccepted({ network, handle, id, url, text, at, inReplyTo }: Kept): AcceptedPost {
  return {
    network,
    account: handle,
    id,
    url,
    text,
    at: toIso(at),
    ...pickDefined({ inReplyTo }),
  };
}
