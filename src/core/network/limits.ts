import type { Network } from './network.ts';

/** How a network counts a text, and how long one may be. */
export interface TextLimits {
  max: number;
  /**
   * `weighted`: X's table (CJK and emoji count 2). `grapheme`: user-perceived characters.
   * `codepoint`: each code point of Unicode, never fewer than graphemes.
   */
  unit: 'weighted' | 'grapheme' | 'codepoint';
  /** What any link counts, however long it is; absent where a link counts in full. */
  urlLength?: number;
  /** A second limit in UTF-8 bytes (Bluesky). */
  maxBytes?: number;
  /** `@user@host` counts as `@user` (Mastodon). */
  shortensMentions?: boolean;
  /** A content warning counts with the text (Mastodon). */
  countsWarning?: boolean;
}

export interface MediaLimits {
  maxCount: number;
  mimeTypes: string[];
  maxBytes: number;
  /** Width times height. */
  maxPixels?: number;
  /** The longer side, in pixels. */
  maxSide?: number;
  /** In characters; absent where the network sets none. */
  maxAlt?: number;
}

export interface Limits {
  network: Network;
  text: TextLimits;
  media: MediaLimits;
}
