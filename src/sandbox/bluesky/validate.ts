import { isCid } from './cbor.ts';
import { deny } from './answers.ts';
import { isObject, type Fields } from '../http/routing.ts';
import { countGraphemes } from '../world/link-rules.ts';
import type { Media } from '../world/world.ts';

type FindBlob = (cid: string) => Media | undefined;

const maxImage = 2_000_000;
const maxThumb = 1_000_000;
const maxVideo = 300_000_000;
const maxCaptions = 20_000;

/** Throws what a PDS answers for a post that the lexicon `app.bsky.feed.post` does not allow. */
export function validatePost(record: Fields, findBlob: FindBlob): void {
  const { text, createdAt, langs, tags, facets, reply, embed, labels } = record;
  if (typeof text !== 'string') invalid('text', 'Expected string value type');
  requireText('text', text, { most: 300, mostBytes: 3000 });
  if (!isTime(createdAt)) invalid('createdAt', 'Invalid datetime');
  requireList('langs', langs, { most: 3, isRight: isLanguage });
  requireList('tags', tags, { most: 8, isRight: isTag });
  requireList('facets', facets, { most: Infinity, isRight: isObject });
  for (const facet of (facets ?? []) as Fields[]) validateFacet(facet, Buffer.byteLength(text));
  if (reply !== undefined) {
    if (!isObject(reply)) invalid('reply', 'Expected object value type');
    requireRef('reply.root', reply.root);
    requireRef('reply.parent', reply.parent);
  }
  if (embed !== undefined) validateEmbed(embed, findBlob);
  if (labels !== undefined) validateLabels(labels);
}

const isLanguage = (lang: unknown): boolean =>
  typeof lang === 'string' && /^[a-z]{2,3}(-[A-Za-z0-9]+)*$/.test(lang);

const isTag = (tag: unknown): boolean => typeof tag === 'string' && countGraphemes(tag) <= 64;

/** The lexicons `app.bsky.feed.like` and `app.bsky.feed.repost`. */
export function validateSubject({ $type, subject, createdAt }: Fields): void {
  requireRef('subject', subject, String($type));
  if (!isTime(createdAt)) invalid('createdAt', 'Invalid datetime', String($type));
}

export const subjectOf = ({ subject }: Fields) => (isObject(subject) ? String(subject.uri) : '');

function invalid(where: string, what: string, type = 'app.bsky.feed.post'): never {
  deny('InvalidRequest', `Invalid ${type} record: ${what} at $.${where}`);
}

/** `2026-11-24` alone is refused: a full RFC 3339 time with its zone is wanted. */
function isTime(value: unknown): boolean {
  return (
    typeof value === 'string' &&
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(value) &&
    !Number.isNaN(Date.parse(value))
  );
}

function requireText(
  where: string,
  text: string,
  { most, mostBytes }: { most: number; mostBytes: number },
): void {
  const bytes = Buffer.byteLength(text);
  if (bytes > mostBytes) invalid(where, `string too big (maximum ${mostBytes}, got ${bytes})`);
  const graphemes = countGraphemes(text);
  if (graphemes > most) invalid(where, `grapheme too big (maximum ${most}, got ${graphemes})`);
}

function requireList(
  where: string,
  list: unknown,
  { most, isRight }: { most: number; isRight: (value: unknown) => boolean },
): void {
  if (list === undefined) return;
  if (!Array.isArray(list)) invalid(where, 'Expected array value type');
  if (list.length > most) invalid(where, `array too big (maximum ${most}, got ${list.length})`);
  for (const [i, value] of list.entries())
    if (!isRight(value)) invalid(`${where}[${i}]`, 'Invalid value');
}

function requireRef(where: string, ref: unknown, type?: string): void {
  if (
    !isObject(ref) ||
    typeof ref.uri !== 'string' ||
    !/^at:\/\/[^/\s]+\/[^/\s]+\/[^/\s]+$/.test(ref.uri)
  )
    invalid(`${where}.uri`, 'Invalid AT-URI', type);
  if (!isCid(ref.cid)) invalid(`${where}.cid`, 'Invalid CID', type);
}

function validateFacet({ index, features }: Fields, length: number): void {
  const { byteStart, byteEnd } = isObject(index) ? index : {};
  if (!Number.isInteger(byteStart) || !Number.isInteger(byteEnd) || Number(byteStart) < 0)
    invalid('facets.index', 'Expected integer value type');
  if (Number(byteEnd) > length || Number(byteStart) >= Number(byteEnd))
    invalid(
      'facets.index',
      `Facet ${String(byteStart)}-${String(byteEnd)} is outside of the text (${length} bytes)`,
    );
  if (!Array.isArray(features)) invalid('facets.features', 'Expected array value type');
  for (const feature of features as Fields[]) {
    switch (feature.$type) {
      case 'app.bsky.richtext.facet#mention':
        if (typeof feature.did !== 'string' || !/^did:[a-z]+:[A-Za-z0-9._:%-]+$/.test(feature.did))
          invalid('facets.features.did', `Invalid DID (got ${JSON.stringify(feature.did)})`);
        break;
      case 'app.bsky.richtext.facet#link':
        if (!isUri(feature.uri)) invalid('facets.features.uri', 'Invalid URI');
        break;
      case 'app.bsky.richtext.facet#tag':
        if (!isTag(feature.tag)) invalid('facets.features.tag', 'Invalid tag');
        break;
      default:
        if (typeof feature.$type !== 'string')
          invalid('facets.features', 'Expected an object with a $type');
    }
  }
}

const isUri = (uri: unknown): uri is string =>
  typeof uri === 'string' && /^[a-z][a-z0-9.+-]*:\S+$/i.test(uri);

function validateEmbed(embed: unknown, findBlob: FindBlob): void {
  if (!isObject(embed)) invalid('embed', 'Expected object value type');
  switch (embed.$type) {
    case 'app.bsky.embed.images':
      return validateImages(embed.images, findBlob);
    case 'app.bsky.embed.video':
      return validateVideo(embed, findBlob);
    case 'app.bsky.embed.external':
      return validateExternal(embed.external, findBlob);
    case 'app.bsky.embed.record':
      return requireRef('embed.record', embed.record);
    case 'app.bsky.embed.recordWithMedia':
      requireRef('embed.record.record', isObject(embed.record) ? embed.record.record : undefined);
      return validateEmbed(embed.media, findBlob);
    default:
      invalid(
        'embed.$type',
        `Expected one of the known embeds (got ${JSON.stringify(embed.$type)})`,
      );
  }
}

function validateImages(images: unknown, findBlob: FindBlob): void {
  requireList('embed.images', images ?? null, { most: 4, isRight: isObject });
  for (const [i, image] of (images as Fields[]).entries()) {
    const where = `embed.images[${i}]`;
    if (typeof image.alt !== 'string') invalid(`${where}.alt`, 'Missing required key "alt"');
    requireBlob(`${where}.image`, image.image, { most: maxImage, findBlob });
    requireRatio(`${where}.aspectRatio`, image.aspectRatio);
  }
}

function requireRatio(where: string, ratio: unknown): void {
  const isRatio = (side: unknown) => Number.isInteger(side) && Number(side) >= 1;
  if (ratio !== undefined && !(isObject(ratio) && isRatio(ratio.width) && isRatio(ratio.height)))
    invalid(where, 'Expected integers from 1 up');
}

function validateVideo({ video, captions, alt, aspectRatio }: Fields, findBlob: FindBlob): void {
  requireBlob('embed.video', video, { most: maxVideo, type: 'video/mp4', findBlob });
  if (alt !== undefined && typeof alt !== 'string')
    invalid('embed.alt', 'Expected string value type');
  requireRatio('embed.aspectRatio', aspectRatio);
  requireList('embed.captions', captions, { most: 20, isRight: isObject });
  for (const [i, { lang, file }] of ((captions ?? []) as Fields[]).entries()) {
    const where = `embed.captions[${i}]`;
    if (!isLanguage(lang)) invalid(`${where}.lang`, 'Invalid language');
    requireBlob(`${where}.file`, file, { most: maxCaptions, type: 'text/vtt', findBlob });
  }
}

function validateExternal(external: unknown, findBlob: FindBlob): void {
  if (!isObject(external)) invalid('embed.external', 'Expected object value type');
  if (!isUri(external.uri)) invalid('embed.external.uri', 'Invalid URI');
  for (const name of ['title', 'description'])
    if (typeof external[name] !== 'string')
      invalid(`embed.external.${name}`, `Missing required key "${name}"`);
  if (external.thumb !== undefined)
    requireBlob('embed.external.thumb', external.thumb, { most: maxThumb, findBlob });
}

function requireBlob(
  where: string,
  blob: unknown,
  { most, type = 'image/', findBlob }: { most: number; type?: string; findBlob: FindBlob },
): void {
  const cid = blobCidOf(blob);
  if (
    !isObject(blob) ||
    blob.$type !== 'blob' ||
    !cid ||
    typeof blob.mimeType !== 'string' ||
    !Number.isInteger(blob.size)
  )
    invalid(where, 'Expected blob value type');
  if (!blob.mimeType.startsWith(type)) {
    const wanted = type.endsWith('/') ? `${type}*` : type;
    invalid(where, `Wrong type of file. It is ${blob.mimeType} but it must match ${wanted}.`);
  }
  if (Number(blob.size) > most)
    invalid(where, `blob too big (maximum ${most}, got ${String(blob.size)})`);
  const found = findBlob(cid);
  if (!found) deny('BlobNotFound', `Could not find blob: ${cid}`);
  if (found.bytes !== blob.size) deny('InvalidSize', `Size of blob does not match: ${cid}`);
  if (found.mime !== blob.mimeType)
    deny('InvalidMimeType', `${wrongMime} Expected: ${found.mime}, Got: ${blob.mimeType}`);
}

const wrongMime = 'Referenced Mimetype does not match stored blob.';

export function blobCidOf(blob: unknown): string | undefined {
  return isObject(blob) && isObject(blob.ref) && isCid(blob.ref.$link) ? blob.ref.$link : undefined;
}

const isLabel = (label: unknown): boolean =>
  isObject(label) && typeof label.val === 'string' && label.val.length <= 128;

function validateLabels(labels: unknown): void {
  if (!isObject(labels) || labels.$type !== 'com.atproto.label.defs#selfLabels')
    invalid('labels', 'Expected com.atproto.label.defs#selfLabels');
  requireList('labels.values', labels.values ?? null, { most: 10, isRight: isLabel });
}
