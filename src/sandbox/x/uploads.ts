import type { Moves } from '../../core/post/post.ts';
import { pickDefined } from '../../core/pick-defined.ts';
import {
  isObject,
  parseJson,
  toJson,
  type Answer,
  type Fields,
  type Incoming,
} from '../http/routing.ts';
import { faultIn, isVideo } from '../world/moving-files.ts';
import { isNumericId } from '../world/ids.ts';
import { parseMultipart } from '../http/multipart.ts';
import { personId, type XPerson } from '../world/network-rows.ts';
import type { Media, World } from '../world/world.ts';
import { denyInvalid, denyNotFound, notDefined } from './answers.ts';
import { mediaKeyOf } from './views.ts';

interface Upload {
  author: string;
  mime: string;
  category: string;
  total: number;
  chunks: Map<number, Buffer>;
}

interface Category {
  most: number;
  types: string[];
}

const mebibyte = 1024 * 1024;
const imageTypes = ['image/jpeg', 'image/png', 'image/gif', 'image/webp'];
const video = { most: 512 * mebibyte, types: ['video/mp4', 'video/quicktime'] };
const categories: Record<string, Category> = {
  tweet_image: { most: 5 * mebibyte, types: imageTypes },
  tweet_gif: { most: 15 * mebibyte, types: ['image/gif'] },
  tweet_video: video,
  amplify_video: video,
  subtitles: { most: mebibyte / 2, types: ['text/srt', 'text/vtt'] },
};

export interface XUploads {
  initialize(person: XPerson, request: Incoming): Answer;
  append(person: XPerson, request: Incoming): Answer;
  finalize(person: XPerson, request: Incoming): Answer;
  status(person: XPerson, request: Incoming): Answer;
  describe(person: XPerson, request: Incoming): Answer;
  caption(person: XPerson, request: Incoming): Answer;
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
    finalize(person, { params, processing }) {
      const media = finish(world, params.id ?? '', ownUpload(person, params.id));
      uploads.delete(media.id);
      if (media.moves) begin(world, media, processing);
      return toJson(200, { data: toUploaded(world, media) });
    },
    status(person, { query }) {
      const media = ownMedia(world, person, query.get('media_id'));
      const done = { processing_info: { state: 'succeeded', progress_percent: 100 } };
      return toJson(200, { data: { ...done, ...toUploaded(world, media) } });
    },
    describe: (person, { body }) => describe(world, person, parseJson(body)),
    caption: (person, { body }) => caption(world, person, parseJson(body)),
  };
}

const describeId = (id: string, moves?: Moves) => ({
  id,
  media_key: mediaKeyOf({ id, ...pickDefined({ moves }) }),
  expires_after_secs: 86_400,
});

const processingOf = (id: string) => `x ${id}`;

function begin(world: World, { id, file }: Media, processing: Incoming['processing']): void {
  const bytes = world.readBytes(file) ?? Buffer.alloc(0);
  const fault = processing === 'fails' ? 'the file' : faultIn(bytes, { isH264Only: true });
  world.processing.begin(processingOf(id), { fault, hangs: processing === 'hangs' });
}

function toUploaded(world: World, { id, bytes, moves, mime }: Media): Fields {
  return {
    ...describeId(id, moves),
    size: bytes,
    ...pickDefined({
      processing_info: moves && toProcessing(world, id),
      video: isVideo(mime) ? { video_type: mime } : undefined,
    }),
  };
}

/** The error of one that failed is not in the specification, and is sent. */
function toProcessing({ processing }: World, id: string): Fields {
  const stage = processing.of(processingOf(id));
  const check_after_secs = Math.max(1, Math.ceil(processing.takes / 3000));
  switch (stage.is) {
    case 'waits':
      return { state: 'pending', check_after_secs };
    case 'works':
      return { state: 'in_progress', check_after_secs, progress_percent: 40 };
    case 'done':
      return { state: 'succeeded', progress_percent: 100 };
    case 'failed': {
      const message = `file is currently unsupported: ${stage.why}`;
      return {
        state: 'failed',
        progress_percent: 40,
        error: { code: 1, name: 'InvalidMedia', message },
      };
    }
  }
}

/** A post may have it. */
export const isProcessed = ({ processing }: World, id: string): boolean =>
  processing.of(processingOf(id)).is === 'done';

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
  const name = String(category ?? 'tweet_image');
  const found = Object.hasOwn(categories, name) ? categories[name] : undefined;
  if (!found) denyInvalid('$.media_category: does not have a value in the enumeration.');
  const { most, types } = found;
  if (typeof mime !== 'string' || !types.includes(mime))
    denyInvalid('$.media_type: does not have a value in the enumeration.');
  if (!Number.isInteger(total) || Number(total) < 1)
    denyInvalid('$.total_bytes: must be a whole number.');
  if (Number(total) > most) denyInvalid(`File size exceeds ${most} bytes.`);
  return {
    author: personId(person),
    mime,
    category: name,
    total: Number(total),
    chunks: new Map(),
  };
}

const movesAs: Record<string, Moves> = {
  tweet_gif: 'gif',
  tweet_video: 'video',
  amplify_video: 'video',
};

function finish(world: World, id: string, upload: Upload): Media {
  const { author, mime, total, chunks, category } = upload;
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
    ...pickDefined({ moves: movesAs[category] }),
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
  if (media.moves === 'video') denyInvalid('$.id: alt text is for images and GIFs.');
  const alt =
    isObject(body.metadata) && isObject(body.metadata.alt_text) ? body.metadata.alt_text.text : '';
  if (typeof alt !== 'string' || alt.length > 1000)
    denyInvalid('$.metadata.alt_text.text: must be at most 1000 characters long.');
  world.write([{ type: 'media', media: { ...media, alt } }]);
  return toJson(200, { data: { id: media.id, associated_metadata: { alt_text: { text: alt } } } });
}

function caption(world: World, person: XPerson, body: unknown): Answer {
  if (!isObject(body) || !isObject(body.subtitles)) denyInvalid('$.subtitles: is missing.');
  const { id, media_category: category, subtitles } = body;
  if (category !== 'TweetVideo' && category !== 'AmplifyVideo')
    denyInvalid('$.media_category: does not have a value in the enumeration.');
  const media = ownMedia(world, person, id);
  const track = ownMedia(world, person, subtitles.id);
  const code = String(subtitles.language_code);
  if (!/^[A-Z]{2}$/.test(code))
    denyInvalid('$.subtitles.language_code: does not match the pattern.');
  if (media.moves !== 'video' || !track.mime.startsWith('text/'))
    denyInvalid('$.id: is not a video with a track of subtitles.');
  const captions = [...(media.captions ?? []), code.toLowerCase()];
  world.write([{ type: 'media', media: { ...media, captions } }]);
  return toJson(200, {
    data: { id: media.id, media_category: category, associated_subtitles: subtitles },
  });
}
