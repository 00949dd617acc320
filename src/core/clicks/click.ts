import type { Network } from '../network/network.ts';
import type { Instant } from '../time.ts';

interface CountedTarget {
  code: string;
  target: string;
  createdAt: Instant;
}

/** A counted link of a post: where its code leads, and in which delivery it went out. */
export interface PostLink extends CountedTarget {
  delivery: string;
  post: string;
  account: string;
  network: Network;
}

/** One in a message to a single person. */
export interface StepLink extends CountedTarget {
  /** The dispatch. */
  delivery: string;
  /** Where it leads once the person is forgotten; absent: nothing of the person is in it. */
  bare?: string;
}

export type Link = PostLink | StepLink;

export const isPostLink = (link: Link): link is PostLink => 'post' in link;

/** Who opened a link, as far as that can be told. */
export const clickKinds = ['person', 'unsure', 'machine'] as const;
export type ClickKind = (typeof clickKinds)[number];

/**
 * How often links of a delivery were opened in an hour by one kind; `unique`: by how many different
 * people in a day, which is never added up over days.
 */
export interface ClickCount {
  /** A delivery, or a step of a sequence: `welcome.first-steps`. */
  delivery: string;
  /** When the hour began; of `unique`, the day, in UTC. */
  at: Instant;
  kind: ClickKind | 'unique';
  /** Who counted: each start of a door counts for itself, so that writing again adds nothing. */
  counter: string;
  count: number;
}
