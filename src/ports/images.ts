import type { MovingFacts } from '../core/media/media-facts.ts';
import type { MediaLimits } from '../core/network/limits.ts';
import type { Instant } from '../core/time.ts';
import type { Rendition } from '../core/post/message.ts';
import type { MediaRef } from '../core/post/post.ts';

export interface ImageFacts {
  mime: string;
  width: number;
  height: number;
  bytes: number;
}

/** Pictures of feeds, by the names of their files; one that is fetched again is young again. */
export interface FeedPictures {
  fetchedBefore(before: Instant): Promise<string[]>;
  remove(names: readonly string[], fetchedBefore: Instant): Promise<void>;
}

export type MediaFacts = (ImageFacts & { moves?: undefined }) | MovingFacts;

/** What is made ready: a file that the post names, and what its author allows. */
export type Medium = Pick<MediaRef, 'file' | 'moves' | 'transcode' | 'captions'>;

/**
 * All throw a Refusal that says what is wrong with the file and what to do (not an image, too many
 * pixels, missing, no video that fits).
 */
export interface Images {
  inspect(file: string): Promise<MediaFacts>;
  /** Why `render` would refuse what moves, without making anything; undefined: it would not. */
  whyUnfit(medium: Medium, limits: MediaLimits): Promise<string | undefined>;
  /**
   * Within the limits, cached by content and limits. A picture comes out upright and without
   * metadata, a video as it is, or coded anew where its author allows it: that takes minutes.
   */
  render(medium: Medium, limits: MediaLimits, signal?: AbortSignal): Promise<Rendition>;
}
