import { pickDefined } from '../../core/pick-defined.ts';
import { toJson, type Answer, type Incoming } from '../http/routing.ts';
import { deny, denyMissing } from './answers.ts';
import { readFields } from './publishing.ts';
import {
  imageTypes,
  maxDescription,
  maxImageBytes,
  toAttachment,
  type MastodonContext,
} from './views.ts';
import { parseMultipart } from '../http/multipart.ts';
import { personId, type MastodonPerson } from '../world/network-rows.ts';
import type { Media } from '../world/world.ts';

/** Answers 202 without an address: it is ready when it is asked for. */
export function uploadMedia(
  context: MastodonContext,
  person: MastodonPerson,
  { body, headers }: Incoming,
): Answer {
  const { world } = context;
  const parts =
    parseMultipart(body, headers['content-type']) ??
    deny(422, "Validation failed: File can't be blank");
  const file =
    parts.find(({ name }) => name === 'file') ??
    deny(422, "Validation failed: File can't be blank");
  const mime = sniff(file.bytes) ?? file.mime;
  if (!imageTypes.includes(mime)) deny(422, 'Validation failed: File content type is invalid');
  if (file.bytes.length > maxImageBytes)
    deny(422, 'Validation failed: File size must be less than 16 MB');
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
  };
  world.write([{ type: 'media', media }]);
  return toJson(202, toAttachment(context, media, false));
}

/** What clients say about a file's type is often wrong: the first bytes decide. */
function sniff(bytes: Buffer): string | undefined {
  const head = bytes.subarray(0, 12).toString('latin1');
  if (head.startsWith('\x89PNG')) return 'image/png';
  if (head.startsWith('\xff\xd8\xff')) return 'image/jpeg';
  if (head.startsWith('GIF8')) return 'image/gif';
  return head.startsWith('RIFF') && head.endsWith('WEBP') ? 'image/webp' : undefined;
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
  return toJson(200, toAttachment(context, ownMedia(context, person, request)));
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
