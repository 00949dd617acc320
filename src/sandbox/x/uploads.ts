import { isObject, parseJson, toJson, type Answer, type Incoming } from '../http/routing.ts';
import { isNumericId } from '../world/ids.ts';
import { parseMultipart } from '../http/multipart.ts';
import { personId, type XPerson } from '../world/network-rows.ts';
import type { Media, World } from '../world/world.ts';
import { denyInvalid, denyNotFound, notDefined } from './answers.ts';

interface Upload {
  author: string;
  mime: string;
  total: number;
  chunks: Map<number, Buffer>;
}

const maxBytes: Record<string, number> = {
  tweet_image: 5 * 1024 * 1024,
  tweet_gif: 15 * 1024 * 1024,
};
const imageTypes = ['image/jpeg', 'image/png', 'image/gif', 'image/webp'];

export interface XUploads {
  initialize(person: XPerson, request: Incoming): Answer;
  append(person: XPerson, request: Incoming): Answer;
  finalize(person: XPerson, request: Incoming): Answer;
  status(person: XPerson, request: Incoming): Answer;
  describe(person: XPerson, request: Incoming): Answer;
}

/** Chunks live in memory until they are whole: an upload that a crash interrupts begins again. */
export function createXUploads(world: World): XUploads {
  const uploads = new Map<string, Upload>();
  const ownUpload = (person: XPerson, id = ''): Upload => {
    const upload = uploads.get(id);
    if (!upload || upload.author !== personId(person)) denyNotFound(`media with id: [${id}]`);
    return upload;
  };
  return {
    initialize(person, { body }) {
      const id = world.ids.next('x');
      uploads.set(id, readUpload(person, parseJson(body)));
      return toJson(200, { data: describeId(id) });
    },
    append(person, request) {
      const { chunks } = ownUpload(person, request.params.id);
      const { index, chunk } = readChunk(request);
      chunks.set(index, chunk);
      return toJson(200, { data: { expires_at: Math.floor(world.clock.now() / 1000) + 86_400 } });
    },
    finalize(person, { params }) {
      const media = finish(world, params.id ?? '', ownUpload(person, params.id));
      uploads.delete(media.id);
      return toJson(200, { data: { ...describeId(media.id), size: media.bytes } });
    },
    status(person, { query }) {
      const { id, bytes } = ownMedia(world, person, query.get('media_id'));
      const done = { state: 'succeeded', progress_percent: 100 };
      return toJson(200, { data: { ...describeId(id), size: bytes, processing_info: done } });
    },
    describe: (person, { body }) => describe(world, person, parseJson(body)),
  };
}

const describeId = (id: string) => ({ id, media_key: `3_${id}`, expires_after_secs: 86_400 });

function readChunk({ body, headers }: Incoming): { index: number; chunk: Buffer } {
  const parts =
    parseMultipart(body, headers['content-type']) ??
    denyInvalid('The body is not a multipart form.');
  const segment = parts.find(({ name }) => name === 'segment_index')?.bytes.toString() ?? '';
  const chunk = parts.find(({ name }) => name === 'media')?.bytes;
  if (!/^\d{1,3}$/.test(segment) || !chunk)
    denyInvalid('A chunk needs `segment_index` and `media`.');
  return { index: Number(segment), chunk };
}

const bodyFields = ['additional_owners', 'media_category', 'media_type', 'shared', 'total_bytes'];

function readUpload(person: XPerson, body: unknown): Upload {
  if (!isObject(body)) denyInvalid('The body is not a JSON object.');
  const strange = Object.keys(body).find((name) => !bodyFields.includes(name));
  if (strange) denyInvalid(notDefined(`$.${strange}`));
  const { media_type: mime, total_bytes: total, media_category: category } = body;
  if (typeof mime !== 'string' || !imageTypes.includes(mime))
    denyInvalid('$.media_type: does not have a value in the enumeration.');
  const most = maxBytes[String(category ?? 'tweet_image')];
  if (!most) denyInvalid('$.media_category: does not have a value in the enumeration.');
  if (!Number.isInteger(total) || Number(total) < 1)
    denyInvalid('$.total_bytes: must be a whole number.');
  if (Number(total) > most) denyInvalid(`File size exceeds ${most} bytes.`);
  return { author: personId(person), mime, total: Number(total), chunks: new Map() };
}

function finish(world: World, id: string, { author, mime, total, chunks }: Upload): Media {
  const bytes = Buffer.concat([...chunks].sort(([a], [b]) => a - b).map(([, chunk]) => chunk));
  if (bytes.length !== total)
    denyInvalid(`Segments do not add up to provided total file size: ${bytes.length} of ${total}.`);
  const media: Media = {
    network: 'x',
    author,
    id,
    alt: '',
    mime,
    file: world.keepBytes(bytes),
    bytes: total,
    at: world.clock.now(),
  };
  world.write([{ type: 'media', media }]);
  return media;
}

function ownMedia(world: World, person: XPerson, id: unknown): Media {
  const media = isNumericId(id) ? world.media('x', id) : undefined;
  if (!media || media.author !== personId(person)) denyNotFound(`media with id: [${String(id)}]`);
  return media;
}

function describe(world: World, person: XPerson, body: unknown): Answer {
  if (!isObject(body)) denyInvalid('The body is not a JSON object.');
  const media = ownMedia(world, person, body.id);
  const alt =
    isObject(body.metadata) && isObject(body.metadata.alt_text) ? body.metadata.alt_text.text : '';
  if (typeof alt !== 'string' || alt.length > 1000)
    denyInvalid('$.metadata.alt_text.text: must be at most 1000 characters long.');
  world.write([{ type: 'media', media: { ...media, alt } }]);
  return toJson(200, { data: { id: media.id, associated_metadata: { alt_text: { text: alt } } } });
}
