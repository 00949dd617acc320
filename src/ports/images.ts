import type { MediaLimits } from '../core/network/limits.ts';
import type { Instant } from '../core/time.ts';
import type { Rendition } from '../core/post/message.ts';

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

/**
 * Both throw a Refusal that says what is wrong with the file and what to do (not an image, too
 * many pixels, animated, a video, missing).
 */
export interface Images {
  inspect(file: string): Promise<ImageFacts>;
  /** Upright, without metadata, within the limits; cached by content and limits. */
  render(file: string, limits: MediaLimits): Promise<Rendition>;
}
