import type { Limits } from './limits.ts';
import type { ReadAddress } from './post-address.ts';
import type { Setup } from './setup.ts';
import type { MentionRules } from '../text/mention-rules.ts';
import type { Billing } from './x-prices.ts';

/**
 * What differs between networks and is not an API call. Nothing outside of the networks' own
 * folders asks for a network by its name: it asks for one of these.
 */
export interface Traits {
  /** Its other names, in files that come from other tools. */
  aliases: readonly string[];
  /** What holds until the network itself has been asked. */
  limits: Limits;
  /** Who makes the card of a link: we at the release, or the network when it shows the post. */
  cardBy: 'us' | 'network';
  /** The card that the network makes leads to where a redirect ends. */
  cardLeadsPast?: true;
  /** Posts have a field for a content warning; elsewhere it opens the text. */
  hasWarningField: boolean;
  /** The author chooses who sees a post. */
  hasVisibility: boolean;
  /** The network refuses a text that the account has posted before, or takes it for spam. */
  refusesRepeats: boolean;
  /** What answers a post has to name the hash that the network gave its record. */
  hasRecordHash: boolean;
  /** Absent: as many as one likes. */
  maxCashtags?: number;
  /** The network tells how often a post was seen. */
  tellsViews: boolean;
  /** What answers somebody names them in its text: else it does not reach them, or is refused. */
  answersByName?: true;
  /** Each word of somebody may be answered once. */
  answersOnce?: true;
  /** Absent: the network bills nothing. */
  billing?: Billing;
  /** How the reactions to a post come in, until enough of one's own posts are known. */
  ageCurve: AgeCurve;
  /** What one like brings along, on average. */
  echoes: { reposts: number; replies: number; quotes: number };
  /** How long to wait after a rate limit that names no time. Milliseconds. */
  backOffFor: number;
  mentions: MentionRules;
  readAddress: ReadAddress;
  setup: Setup;
  look: Look;
}

/** Of the network's posts in a preview: CSS values. */
export interface Look {
  /** A mark on 24 by 24, drawn by lines unless it is filled. */
  glyph: { path: string; isFilled?: true };
  link: string;
  paper?: string;
  faceRadius?: string;
}

/** A quick part with a half-life, and a slow rest. Hours. */
export interface AgeCurve {
  /** The slow rest's share, from 0 to 1. */
  slow: number;
  halfFor: number;
  tailFor: number;
}
