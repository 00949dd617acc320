import { pickDefined } from '../../core/pick-defined.ts';
import { toJson, type Answer, type Incoming } from '../http/routing.ts';
import { deny, denyMissing } from './answers.ts';
import { readFields } from './publishing.ts';
import {
  imageTypes,
  maxDescription,
  maxImageBytes,
  maxVideoBytes,
  processingOf,
  toAttachment,
  type MastodonContext,
  videoTypes,
} from './views.ts';
import { faultIn, isVideo, movesIn, sniff } from '../world/moving-files.ts';
import { parseMultipart } from '../http/multipart.ts';
import { personId, type MastodonPerson } from '../world/network-rows.ts';
import type { Media } from '../world/world.ts';

/**
 * Answers 202 without an address: a picture is ready when it is asked for, and what moves a while
 * later.
 */
export function uploadMedia(
  context: MastodonContext,
  person: MastodonPerson,
  { body, headers, processing }: Incoming,
): Answer {
  const { world } = context;
  const parts =
    parseMultipart(body, headers['content-type']) ??
    deny(422, "Validation failed: File can't be blank");
  const file =
    parts.find(({ name }) => name === 'file') ??
    deny(422, "Validation failed: File can't be blank");
  const mime = sniff(file.bytes) ?? file.mime;
  if (!imageTypes.includes(mime) && !videoTypes.includes(mime))
    deny(422, 'Validation failed: File content type is invalid');
  const [most, shown] = isVideo(mime) ? [maxVideoBytes, '99 MB'] : [maxImageBytes, '16 MB'];
  if (file.bytes.length > most)
    deny(422, `Validation failed: File size must be less than ${shown}`);
  const textOf = (name: string) => parts.find((part) => part.name === name)?.bytes.toString('utf8');
  const media: Media = {
    network: 'mastodon',
    author: personId(person),
    id: world.ids.next('mastodon'),
    alt: checkDescription(textOf('description') ?? ''),
    mime,
    file: world.keepBytes(file.bytes),
    bytes: file.bytes.length,
    at: world.clock.now(),
    ...focusOf(textOf('focus')),
    ...pickDefined({ moves: movesIn(file.bytes, mime) }),
  };
  world.write([{ type: 'media', media }]);
  if (media.moves)
    world.processing.begin(processingOf(media.id), {
      fault: processing === 'fails' ? 'it broke' : faultIn(file.bytes),
      hangs: processing === 'hangs',
    });
  return toJson(202, toAttachment(context, media, false));
}

function checkDescription(alt: string): string {
  if ([...alt].length > maxDescription)
    deny(
      422,
      `Validation failed: Description is too long (maximum is ${maxDescription} characters)`,
    );
  return alt;
}

function focusOf(focus: unknown): { focus?: string } {
  return typeof focus === 'string' && /^-?[\d.]+,-?[\d.]+$/.test(focus) ? { focus } : {};
}

function ownMedia({ world }: MastodonContext, person: MastodonPerson, { params }: Incoming): Media {
  const media = world.media('mastodon', params.id ?? '');
  return media && media.author === personId(person) ? media : denyMissing();
}

export function getMedia(
  context: MastodonContext,
  person: MastodonPerson,
  request: Incoming,
): Answer {
  const media = ownMedia(context, person, request);
  const { is } = context.world.processing.of(processingOf(media.id));
  if (is === 'failed') deny(422, 'Error processing thumbnail for uploaded media');
  return toJson(is === 'done' ? 200 : 206, toAttachment(context, media, is === 'done'));
}

export function describeMedia(
  context: MastodonContext,
  person: MastodonPerson,
  request: Incoming,
): Answer {
  const media = ownMedia(context, person, request);
  const { description, focus } = readFields(request);
  const changed: Media = {
    ...media,
    ...pickDefined({
      alt: typeof description === 'string' ? checkDescription(description) : undefined,
    }),
    ...focusOf(focus),
  };
  context.world.write([{ type: 'media', media: changed }]);
  return toJson(200, toAttachment(context, changed));
}
