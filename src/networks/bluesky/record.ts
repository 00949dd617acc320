import { readFile } from 'node:fs/promises';
import type { Part, Receipt } from '../../core/post/message.ts';
import { domainMentions } from '../../core/text/mention-rules.ts';
import { pickDefined } from '../../core/pick-defined.ts';
import { toIso } from '../../core/time.ts';
import type { PartRequest } from '../../ports/publisher.ts';
import { isMoving } from '../moving-media.ts';
import { uploadBlob } from './blobs.ts';
import { bareCard, fetchCard } from './card.ts';
import { makeVideo } from './video/video-uploads.ts';
import type { Calling } from './reads.ts';
import { requireRef } from './relation.ts';
import type { PostRecord, RepostRecord } from './shapes.ts';
import type { Deps } from '../publisher-deps.ts';
import { notRendered, retriedUpload } from '../stored-payload.ts';

const maxThumb = 950_000;

interface Making extends Calling {
  deps: Deps;
}

/**
 * Everything that the post will ever be: links and mentions resolved, pictures uploaded, the card
 * made.
 */
export async function makeRecord(context: Making, request: PartRequest): Promise<PostRecord> {
  const { part, message, index } = request;
  const facets = await makeFacets(context, part.text);
  return {
    $type: 'app.bsky.feed.post',
    text: part.text,
    // One millisecond for each part keeps a thread in order.
    createdAt: toRecordTime(request.createdAt + index),
    ...pickDefined({
      facets: facets.length > 0 ? facets : undefined,
      langs: message.lang ? [message.lang] : undefined,
      labels: makeLabels(message.labels ?? []),
      embed: await makeEmbed(context, request),
      reply: await makeReply(context, request),
    }),
  };
}

function makeLabels(labels: string[]): PostRecord['labels'] {
  if (labels.length === 0) return undefined;
  return {
    $type: 'com.atproto.label.defs#selfLabels',
    values: labels.map((val) => ({ val })),
  };
}

const toRecordTime = (at: number) => toIso(at).replace(/(:\d\d)Z$/, '$1.000Z');

export async function makeRepost(
  calling: Calling,
  of: Receipt,
  createdAt: number,
): Promise<RepostRecord> {
  return {
    $type: 'app.bsky.feed.repost',
    subject: await requireRef(calling, of),
    createdAt: toRecordTime(createdAt),
  };
}

async function makeReply(calling: Calling, { before }: PartRequest): Promise<PostRecord['reply']> {
  const [first, last] = [before[0], before.at(-1)];
  if (!first || !last) return undefined;
  const root = await requireRef(calling, first);
  return { root, parent: last === first ? root : await requireRef(calling, last) };
}

/**
 * A mention of an unknown handle stays plain text: with an empty DID the server would
 * refuse the whole post.
 */
async function makeFacets(calling: Calling, text: string): Promise<unknown[]> {
  const { RichText } = await import('@atproto/api');
  const rich = new RichText({ text });
  rich.detectFacetsWithoutResolution();
  const facets: unknown[] = [];
  for (const facet of [...(rich.facets ?? []), ...missedMentions(rich)]) {
    const features: unknown[] = [];
    for (const feature of facet.features) {
      if (feature.$type !== 'app.bsky.richtext.facet#mention') features.push(feature);
      else {
        const did = await resolveHandle(calling, (feature as { did?: string }).did ?? '');
        if (did) features.push({ ...feature, did });
      }
    }
    if (features.length > 0) facets.push({ index: { ...facet.index }, features });
  }
  return JSON.parse(JSON.stringify(facets)) as unknown[];
}

interface Facet {
  index: { byteStart: number; byteEnd: number };
  features: { $type: string; did?: string }[];
}

interface Rich {
  text: string;
  facets?: Facet[] | undefined;
  unicodeText: { utf16IndexToUtf8Index(index: number): number };
}

/** The library sees only mentions behind a blank: not those in quotation marks. */
function missedMentions({ text, facets = [], unicodeText }: Rich): Facet[] {
  return domainMentions
    .find(text)
    .map(({ start, end, address }) => ({
      index: {
        byteStart: unicodeText.utf16IndexToUtf8Index(start),
        byteEnd: unicodeText.utf16IndexToUtf8Index(end),
      },
      features: [{ $type: 'app.bsky.richtext.facet#mention', did: address.slice(1) }],
    }))
    .filter(({ index }) =>
      facets.every(
        (one) => one.index.byteEnd <= index.byteStart || one.index.byteStart >= index.byteEnd,
      ),
    );
}

async function resolveHandle(
  { agent, signal }: Calling,
  handle: string,
): Promise<string | undefined> {
  try {
    const { data } = await agent.com.atproto.identity.resolveHandle({ handle }, { signal });
    return data.did || undefined;
  } catch (error) {
    if ((error as { status?: unknown }).status === 400) return undefined;
    throw error;
  }
}

/**
 * A post has one embed: pictures win over a card, and so does what is quoted, which may have
 * pictures beside it.
 */
async function makeEmbed(
  context: Making,
  request: PartRequest,
): Promise<Record<string, unknown> | undefined> {
  const { part, message, index } = request;
  const quoted =
    index === 0 && message.relation?.as === 'quote'
      ? await requireRef(context, message.relation.of)
      : undefined;
  const record = quoted && { $type: 'app.bsky.embed.record', record: quoted };
  if (part.media.length === 0) return record ?? makeCard(context, request);
  const media = part.media.some(isMoving)
    ? makeVideo(request)
    : await makePictures(context, part.media);
  return record ? { $type: 'app.bsky.embed.recordWithMedia', record, media } : media;
}

async function makePictures(
  calling: Calling,
  media: Part['media'],
): Promise<Record<string, unknown>> {
  const images = [];
  for (const one of media) images.push(await uploadPicture(calling, one));
  return { $type: 'app.bsky.embed.images', images };
}

async function makeCard(
  context: Making,
  { message, index, note }: PartRequest,
): Promise<Record<string, unknown> | undefined> {
  if (!message.card || index > 0) return undefined;
  const { deps, signal } = context;
  const { counted } = message;
  // Our own door would count us.
  const page = counted?.url === message.card ? counted.target : message.card;
  const { picture, fault, ...card } = await fetchCard(page, deps, signal);
  if (fault) note?.(bareCard(page, fault));
  const fitting = picture && (await deps.shrink?.(picture, maxThumb));
  const thumb = fitting && (await uploadBlob(context, fitting.data, fitting.mime));
  return {
    $type: 'app.bsky.embed.external',
    external: { uri: message.card, ...card, ...pickDefined({ thumb }) },
  };
}

async function uploadPicture(
  calling: Calling,
  { rendition, alt, src }: Part['media'][number],
): Promise<unknown> {
  if (!rendition) throw notRendered(src, 'bluesky');
  const data = await readFile(rendition.path).catch((error: unknown) => {
    throw retriedUpload(src, error);
  });
  const image = await uploadBlob(calling, data, rendition.mime);
  return { image, alt, aspectRatio: { width: rendition.width, height: rendition.height } };
}
