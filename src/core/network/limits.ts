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
  /** Absent: the network takes no video. */
  video?: VideoLimits;
  /** Animated GIFs as they are; absent: they go as a silent video. */
  gif?: GifLimits;
}

/** What is absent is not limited. */
export interface VideoLimits {
  mimeTypes: string[];
  maxBytes: number;
  /** Milliseconds. */
  minFor?: number;
  maxFor?: number;
  /** Frames a second. */
  maxRate?: number;
  /** Of the longer and the shorter side, in pixels. */
  maxLongSide?: number;
  maxShortSide?: number;
  minSide?: number;
  /** Width times height. */
  maxPixels?: number;
  /** Of the longer to the shorter side. */
  maxRatio?: number;
  /** H.264 with 8 bits and 4:2:0, and AAC with at most two channels. */
  isH264Only?: boolean;
  /** In bytes, of a WebVTT file; absent: the network takes no captions. */
  maxCaptions?: number;
}

export interface GifLimits {
  maxBytes: number;
  maxFrames?: number;
  /** Width times height, of one frame. */
  maxPixels?: number;
  maxLongSide?: number;
  maxShortSide?: number;
}

export interface Limits {
  network: Network;
  text: TextLimits;
  media: MediaLimits;
}
