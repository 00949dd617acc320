import type { Network } from '../network/network.ts';
import type { Instant } from '../time.ts';

/** A counted link: where its code leads, and in which delivery it went out. */
export interface Link {
  code: string;
  target: string;
  delivery: string;
  post: string;
  account: string;
  network: Network;
  createdAt: Instant;
}

/** Who opened a link, as far as that can be told. */
export const clickKinds = ['person', 'unsure', 'machine'] as const;
export type ClickKind = (typeof clickKinds)[number];

/**
 * How often links of a delivery were opened in an hour by one kind; `unique`: by how many different
 * people in a day, which is never added up over days.
 */
export interface ClickCount {
  delivery: string;
  /** When the hour began; of `unique`, the day, in UTC. */
  at: Instant;
  kind: ClickKind | 'unique';
  /** Who counted: each start of a door counts for itself, so that writing again adds nothing. */
  counter: string;
  count: number;
}
