import { pickDefined } from '../../core/pick-defined.ts';
import { blobCid, recordCid } from './cbor.ts';
import { deny } from './answers.ts';
import { findBlueskyPerson } from './auth.ts';
import { blobCidOf, subjectOf, validatePost, validateSubject } from './validate.ts';
import {
  isObject,
  parseJson,
  toJson,
  type Answer,
  type Fields,
  type Incoming,
} from '../http/routing.ts';
import { isTid } from './encodings.ts';
import { personId, type BlueskyPerson } from '../world/network-rows.ts';
import type {
  Card,
  Event,
  Media,
  Picture,
  SandboxPost,
  StoredRecord,
  World,
} from '../world/world.ts';

export const postCollection = 'app.bsky.feed.post';
export const likeCollection = 'app.bsky.feed.like';
const repostCollection = 'app.bsky.feed.repost';
const ownCollections = [postCollection, likeCollection, repostCollection];

/** A write that is allowed and not yet done; `cid` is absent where the record is taken away. */
interface Prepared {
  uri: string;
  cid?: string;
  events: Event[];
}

function readBody(world: World, person: BlueskyPerson, request: Incoming): Fields {
  const body = parseJson(request.body);
  if (!isObject(body)) deny('InvalidRequest', 'Input must be an object');
  requireOwn(world, person, body.repo);
  return body;
}

function requireOwn(world: World, person: BlueskyPerson, repo: unknown): void {
  if (typeof repo !== 'string') deny('InvalidRequest', 'Input must have the property "repo"');
  if (findBlueskyPerson(world.people, repo) !== person)
    deny('AuthRequired', 'Authentication Required', 401);
}

export function uriOf(person: BlueskyPerson, collection: unknown, rkey: unknown): string {
  if (typeof collection !== 'string' || !/^[a-z][a-z0-9-]*(\.[a-zA-Z0-9-]+){2,}$/.test(collection))
    deny('InvalidRequest', 'Input/collection must be a valid nsid');
  if (typeof rkey !== 'string' || !/^[A-Za-z0-9._:~-]{1,512}$/.test(rkey))
    deny('InvalidRequest', 'Input/rkey must be a valid record key');
  return `at://${personId(person)}/${collection}/${rkey}`;
}

/**
 * What `putRecord` does on a key that is taken was measured on the real server: the same content is
 * no write at all, whatever `swapRecord` says.
 */
export function putRecord(world: World, person: BlueskyPerson, request: Incoming): Answer {
  const body = readBody(world, person, request);
  const uri = uriOf(person, body.collection, body.rkey);
  const prepared = prepareWrite({ world, person }, uri, body.record);
  const current = world.record(uri);
  if (current && current.cid === prepared.cid)
    return toJson(200, { uri, cid: current.cid, validationStatus: 'valid' });
  const { swapRecord } = body;
  const isSwapped =
    swapRecord !== undefined &&
    (swapRecord === null ? current !== undefined : current?.cid !== swapRecord);
  if (isSwapped) deny('InvalidSwap', `Record was at ${current?.cid ?? 'null'}`);
  world.write(prepared.events);
  return toJson(200, {
    uri,
    cid: prepared.cid,
    commit: toCommit(world, prepared),
    validationStatus: 'valid',
  });
}

export function createRecord(world: World, person: BlueskyPerson, request: Incoming): Answer {
  const body = readBody(world, person, request);
  const uri = uriOf(person, body.collection, body.rkey ?? world.ids.next('bluesky'));
  const prepared = prepareWrite({ world, person }, uri, body.record);
  requireFree(world, uri);
  world.write(prepared.events);
  return toJson(200, {
    uri,
    cid: prepared.cid,
    commit: toCommit(world, prepared),
    validationStatus: 'valid',
  });
}

/** The real server fails in its tree, with a 500. */
function requireFree(world: World, uri: string): void {
  if (world.record(uri)) deny('InternalServerError', 'Internal Server Error', 500);
}

export function deleteRecord(world: World, person: BlueskyPerson, request: Incoming): Answer {
  const body = readBody(world, person, request);
  const uri = uriOf(person, body.collection, body.rkey);
  const current = world.record(uri);
  if (body.swapRecord !== undefined && current?.cid !== body.swapRecord)
    deny('InvalidSwap', `Record was at ${current?.cid ?? 'null'}`);
  if (!current) return toJson(200, {});
  const prepared = prepareRemoval(uri);
  world.write(prepared.events);
  return toJson(200, { commit: toCommit(world, prepared) });
}

/** All of them or none: one line of the file. */
export function applyWrites(world: World, person: BlueskyPerson, request: Incoming): Answer {
  const { writes } = readBody(world, person, request);
  if (!Array.isArray(writes) || writes.length > 200)
    deny('InvalidRequest', 'Too many writes. Max: 200');
  const taken = new Set<string>();
  const prepared = writes.map((write: unknown) => {
    if (!isObject(write)) deny('InvalidRequest', 'Input/writes must be objects');
    const kind = String(write.$type).replace('com.atproto.repo.applyWrites#', '');
    const uri = uriOf(
      person,
      write.collection,
      write.rkey ?? (kind === 'create' ? world.ids.next('bluesky') : undefined),
    );
    if (taken.has(uri)) deny('InternalServerError', 'Internal Server Error', 500);
    taken.add(uri);
    if (kind === 'create') requireFree(world, uri);
    else if (kind !== 'update' && kind !== 'delete')
      deny('InvalidRequest', `Action not supported: ${kind}`);
    else if (!world.record(uri)) deny('InternalServerError', 'Internal Server Error', 500);
    return {
      kind,
      ...(kind === 'delete'
        ? prepareRemoval(uri)
        : prepareWrite({ world, person }, uri, write.value)),
    };
  });
  world.write(prepared.flatMap(({ events }) => events));
  return toJson(200, {
    commit: { cid: recordCid(prepared.map(({ uri }) => uri)), rev: world.ids.next('bluesky') },
    results: prepared.map(({ kind, uri, cid }) => ({
      $type: `com.atproto.repo.applyWrites#${kind}Result`,
      ...(cid && { uri, cid, validationStatus: 'valid' }),
    })),
  });
}

function prepareRemoval(uri: string): Prepared {
  return {
    uri,
    events: [
      { type: 'record-removed', uri },
      { type: 'removed', network: 'bluesky', id: uri },
      { type: 'repost-removed', network: 'bluesky', id: uri },
    ],
  };
}

function prepareWrite(
  { world, person }: { world: World; person: BlueskyPerson },
  uri: string,
  record: unknown,
): Prepared {
  if (!isObject(record)) deny('InvalidRequest', 'Input/record must be an object');
  const [, , author = '', collection = '', rkey = ''] = uri.split('/');
  if (record.$type !== undefined && record.$type !== collection)
    deny('InvalidRequest', `Invalid $type: expected ${collection}, got ${String(record.$type)}`);
  const value: Fields = { $type: collection, ...record };
  if (ownCollections.includes(collection) && !isTid(rkey)) {
    const got = JSON.stringify(rkey);
    const what = `Expected string to be a TID (got ${got})`;
    deny('InvalidRequest', `Invalid record key for ${collection}: ${what}`);
  }
  if (collection === postCollection) validatePost(value, (cid) => findBlob(world, author, cid));
  if (collection === repostCollection || collection === likeCollection) validateSubject(value);
  const cid = cidOf(value);
  const stored: StoredRecord = { uri, cid, value, at: world.record(uri)?.at ?? world.clock.now() };
  const events: Event[] = [{ type: 'record', record: stored }];
  if (collection === postCollection)
    events.push({ type: 'post', post: toSandboxPost(world, person, stored) });
  if (collection === repostCollection)
    events.push({
      type: 'repost',
      repost: { network: 'bluesky', author, of: subjectOf(value), at: stored.at, id: uri },
    });
  return { uri, cid, events };
}

function cidOf(record: Fields): string {
  try {
    return recordCid(record);
  } catch (error) {
    deny(
      'InvalidRequest',
      `Invalid record: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

function toCommit(world: World, { uri, cid }: Prepared): Fields {
  return { cid: recordCid([uri, cid ?? null]), rev: world.ids.next('bluesky') };
}

function toSandboxPost(
  world: World,
  person: BlueskyPerson,
  { uri, cid, value, at }: StoredRecord,
): SandboxPost {
  const [, , author = ''] = uri.split('/');
  const { reply, langs, labels } = value;
  const embed = isObject(value.embed) ? value.embed : {};
  const media = isObject(embed.media) ? embed.media : embed;
  const external = isObject(media.external) ? media.external : undefined;
  const images = (media.images as Fields[] | undefined) ?? [];
  const blobs = { world, author };
  const warning = labelsOf(labels);
  return {
    network: 'bluesky',
    author,
    handle: person.handle,
    id: uri,
    url: world.urlOf({ network: 'bluesky', handle: person.handle, id: uri }),
    text: String(value.text),
    at,
    pictures: [
      ...images.flatMap(({ image, alt }) => toPicture(blobs, image, String(alt)) ?? []),
      ...toVideos(blobs, media),
    ],
    cid,
    ...pickDefined({
      inReplyTo: isObject(reply) && isObject(reply.parent) ? String(reply.parent.uri) : undefined,
      quotes: quotedIn(embed),
      card: external && toCard(blobs, external),
      cw: warning || undefined,
      sensitive: warning ? true : undefined,
      language: Array.isArray(langs) && langs[0] ? String(langs[0]) : undefined,
    }),
  };
}

/** Beside pictures the quoted post stands one level deeper. */
function quotedIn({ record }: Fields): string | undefined {
  const { uri } = isObject(record) && isObject(record.record) ? record.record : asFields(record);
  return uri ? String(uri) : undefined;
}

const asFields = (value: unknown): Fields => (isObject(value) ? value : {});

const labelsOf = (labels: unknown): string =>
  isObject(labels) && Array.isArray(labels.values)
    ? (labels.values as Fields[]).map(({ val }) => String(val)).join(', ')
    : '';

interface Blobs {
  world: World;
  author: string;
}

function toPicture({ world, author }: Blobs, blob: unknown, alt: string): Picture | undefined {
  const found = findBlob(world, author, blobCidOf(blob) ?? '');
  return found && { id: found.id, alt, mime: found.mime, file: found.file };
}

function toVideos(blobs: Blobs, { video, alt, captions, presentation }: Fields): Picture[] {
  const found = toPicture(blobs, video, typeof alt === 'string' ? alt : '');
  const languages = Array.isArray(captions)
    ? (captions as Fields[]).map(({ lang }) => String(lang))
    : undefined;
  const moves = presentation === 'gif' ? 'gif' : 'video';
  return found ? [{ ...found, moves, ...pickDefined({ captions: languages }) }] : [];
}

function toCard(blobs: Blobs, { uri, title, description, thumb }: Fields): Card {
  return {
    url: String(uri),
    title: String(title),
    description: String(description),
    ...pickDefined({ image: toPicture(blobs, thumb, '')?.file }),
  };
}

const blobKey = (author: string, cid: string) => `${author} ${cid}`;

export function findBlob(world: World, author: string, cid: string): Media | undefined {
  return world.media('bluesky', blobKey(author, cid));
}

/** The same bytes are the same blob, however often they come. */
export function uploadBlob(
  world: World,
  person: BlueskyPerson,
  { body, headers }: Incoming,
): Answer {
  const mime = (headers['content-type'] ?? 'application/octet-stream').split(';')[0] ?? '';
  if (body.length === 0)
    deny('InvalidRequest', 'Request encoding (Content-Type) required but not provided');
  const author = personId(person);
  const blob = keepBlob(world, { author, cid: blobCid(body), mime, bytes: body });
  return toJson(200, { blob });
}

interface NewBlob {
  author: string;
  cid: string;
  mime: string;
  bytes: Buffer;
}

export function keepBlob(world: World, { author, cid, mime, bytes }: NewBlob): Fields {
  if (findBlob(world, author, cid)?.mime !== mime) {
    const media: Media = {
      network: 'bluesky',
      author,
      id: blobKey(author, cid),
      alt: '',
      mime,
      file: world.keepBytes(bytes),
      bytes: bytes.length,
      at: world.clock.now(),
    };
    world.write([{ type: 'media', media }]);
  }
  return { $type: 'blob', ref: { $link: cid }, mimeType: mime, size: bytes.length };
}
