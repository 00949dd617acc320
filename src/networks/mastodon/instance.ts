import type { mastodon } from 'masto';
import type { GifLimits, Limits, MediaLimits, VideoLimits } from '../../core/network/limits.ts';
import { pickDefined } from '../../core/pick-defined.ts';
import { PublishError } from '../../ports/publisher.ts';
import { isNotServed } from './errors.ts';

export interface Instance {
  limits: Limits;
  /**
   * It is Mastodon itself, which keeps idempotency keys for an hour. Servers that only speak its
   * API often do not.
   */
  honoursKeys: boolean;
  /** From version 7 of its API on, which came with Mastodon 4.5. */
  takesQuotes: boolean;
}

interface Raw {
  version?: unknown;
  maxTootChars?: unknown;
  apiVersions?: { mastodon?: unknown };
  configuration?: {
    statuses?: {
      maxCharacters?: unknown;
      maxMediaAttachments?: unknown;
      charactersReservedPerUrl?: unknown;
    };
    mediaAttachments?: {
      supportedMimeTypes?: unknown;
      imageSizeLimit?: unknown;
      imageMatrixLimit?: unknown;
      descriptionLimit?: unknown;
      videoSizeLimit?: unknown;
      videoFrameRateLimit?: unknown;
      videoMatrixLimit?: unknown;
    };
  };
}

/**
 * From the second version of the endpoint, or the first where the server has no second one. A
 * server that does not answer is not taken for one with other limits: then this throws
 * PublishError.
 */
export async function fetchInstance(
  ask: <T>(run: (client: mastodon.rest.Client) => Promise<T>) => Promise<T>,
): Promise<Instance> {
  const second = await ask<unknown>((client) => client.v2.instance.fetch()).catch(
    (error: unknown) => {
      if (!isNotServed(error)) noneWhereRefused(error);
    },
  );
  if (second) return toInstance(second, true);
  const first = await ask<unknown>((client) => client.v1.instance.fetch()).catch(noneWhereRefused);
  return toInstance(first ?? {}, false);
}

function noneWhereRefused(error: unknown): undefined {
  if (!(error instanceof PublishError) || error.kind !== 'refused') throw error;
}

const written = ['image/jpeg', 'image/png', 'image/webp'];

export function toInstance(raw: Raw, isSecond: boolean): Instance {
  const { statuses = {}, mediaAttachments: media = {} } = raw.configuration ?? {};
  const version = String(raw.version ?? '');
  // Others count versions of their own (GoToSocial: 0.20), or say what they are compatible with.
  const honoursKeys = isSecond && /^([4-9]|\d\d)\./.test(version) && !/compatible/i.test(version);
  const mimeTypes = Array.isArray(media.supportedMimeTypes)
    ? written.filter((type) => (media.supportedMimeTypes as unknown[]).includes(type))
    : [];
  return {
    honoursKeys,
    takesQuotes: toCount(raw.apiVersions?.mastodon, 0) >= 7,
    limits: {
      network: 'mastodon',
      text: {
        max: toCount(statuses.maxCharacters ?? raw.maxTootChars, 500),
        // How another server counts is unknown: the most that it may count, so code points (as
        // GoToSocial does), and links and mentions in full.
        unit: honoursKeys ? 'grapheme' : 'codepoint',
        countsWarning: true,
        ...pickDefined({
          urlLength: honoursKeys ? toCount(statuses.charactersReservedPerUrl, 23) : undefined,
          shortensMentions: honoursKeys ? true : undefined,
        }),
      },
      media: {
        maxCount: toCount(statuses.maxMediaAttachments, 4),
        mimeTypes: mimeTypes.length > 0 ? mimeTypes : ['image/jpeg', 'image/png'],
        maxBytes: Math.min(toCount(media.imageSizeLimit, 8_000_000), 16_000_000),
        // Mastodon itself makes pictures as small as this.
        maxPixels: Math.min(toCount(media.imageMatrixLimit, 8_294_400), 8_294_400),
        maxAlt: toCount(media.descriptionLimit, 1500),
        ...readMoving(media, honoursKeys),
      },
    },
  };
}

type Media = NonNullable<NonNullable<Raw['configuration']>['mediaAttachments']>;

/** A server that does not say what it takes gets what all of them do. */
function readMoving(media: Media, isMastodon: boolean): Pick<MediaLimits, 'video' | 'gif'> {
  const { supportedMimeTypes: types } = media;
  const listed = Array.isArray(types)
    ? types.filter((type): type is string => typeof type === 'string').slice(0, 200)
    : ['video/mp4', 'image/gif'];
  const mimeTypes = listed.filter((type) => /^video\/[\w.+-]{1,60}$/.test(type));
  const video: VideoLimits = {
    mimeTypes,
    maxBytes: toCount(media.videoSizeLimit, 40_000_000),
    ...pickDefined({
      maxRate: toCount(media.videoFrameRateLimit, 0) || undefined,
      maxPixels: toCount(media.videoMatrixLimit, 0) || undefined,
    }),
  };
  const gif: GifLimits = {
    maxBytes: toCount(media.imageSizeLimit, 8_000_000),
    // Written in its code: no server tells it.
    ...pickDefined({ maxPixels: isMastodon ? 1280 * 720 : undefined }),
  };
  return pickDefined({
    video: mimeTypes.length > 0 ? video : undefined,
    gif: listed.includes('image/gif') ? gif : undefined,
  });
}

const toCount = (value: unknown, otherwise: number) =>
  typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : otherwise;
