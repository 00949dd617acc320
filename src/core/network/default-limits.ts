import type { Limits } from './limits.ts';
import type { Network } from './network.ts';

/** What holds where the network itself was not asked yet. */
export const defaultLimits: Record<Network, Limits> = {
  x: {
    network: 'x',
    text: { max: 280, unit: 'weighted', urlLength: 23 },
    media: {
      maxCount: 4,
      mimeTypes: ['image/jpeg', 'image/png', 'image/webp'],
      maxBytes: 5_000_000,
      maxAlt: 1000,
    },
  },
  bluesky: {
    network: 'bluesky',
    text: { max: 300, unit: 'grapheme', maxBytes: 3000 },
    media: {
      maxCount: 4,
      mimeTypes: ['image/jpeg', 'image/png', 'image/webp'],
      maxBytes: 1_900_000,
      maxSide: 2000,
    },
  },
  mastodon: {
    network: 'mastodon',
    text: {
      max: 500,
      unit: 'grapheme',
      urlLength: 23,
      shortensMentions: true,
      countsWarning: true,
    },
    media: {
      maxCount: 4,
      mimeTypes: ['image/jpeg', 'image/png', 'image/webp'],
      maxBytes: 16 * 1024 * 1024,
      maxPixels: 33_177_600,
      maxAlt: 1500,
    },
  },
};
