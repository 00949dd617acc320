import { readFile } from 'node:fs/promises';
import type { Agent } from '@atproto/api';
import type { Part, Receipt } from '../../core/post/message.ts';
import { toIso } from '../../core/time.ts';
import { PublishError, type PartRequest } from '../../ports/publisher.ts';
import { fetchCard } from './card.ts';
import { toRef } from './relation.ts';
import type { PostRecord, RepostRecord } from './shapes.ts';
import type { Deps } from '../publisher-deps.ts';

const maxThumb = 950_000;

/**
 * Everything that the post will ever be: links and mentions resolved, pictures uploaded, the card
 * made.
 */
export async function makeRecord(
  agent: Agent,
  request: PartRequest,
  deps: Deps,
  signal: AbortSignal,
): Promise<PostRecord> {
  const { part, message, index } = request;
  const facets = await makeFacets(agent, part.text, signal);
  const embed = await makeEmbed(agent, request, deps, signal);
  const labels = message.labels ?? [];
  return {
    $type: 'app.bsky.feed.post',
    text: part.text,
    // One millisecond for each part keeps a thread in order.
    createdAt: toRecordTime(request.createdAt + index),
    ...(facets.length > 0 ? { facets } : {}),
    ...(message.lang ? { langs: [message.lang] } : {}),
    ...(labels.length > 0
      ? {
          labels: {
            $type: 'com.atproto.label.defs#selfLabels',
            values: labels.map((val) => ({ val })),
          },
        }
      : {}),
    ...(await makeReply(agent, request, signal)),
    ...(embed ? { embed } : {}),
  };
}

const toRecordTime = (at: number) => toIso(at).replace(/(:\d\d)Z$/, '$1.000Z');

export async function makeRepost(
  agent: Agent,
  of: Receipt,
  createdAt: number,
  signal: AbortSignal,
): Promise<RepostRecord> {
  return {
    $type: 'app.bsky.feed.repost',
    subject: await toRef(agent, of, signal),
    createdAt: toRecordTime(createdAt),
  };
}

async function makeReply(
  agent: Agent,
  { before }: PartRequest,
  signal: AbortSignal,
): Promise<Pick<PostRecord, 'reply'>> {
  const [first, last] = [before[0], before.at(-1)];
  if (!first || !last) return {};
  const root = await toRef(agent, first, signal);
  return { reply: { root, parent: last === first ? root : await toRef(agent, last, signal) } };
}

/**
 * A mention of somebody who is not there stays plain text: with an empty DID the server would
 * refuse the whole post.
 */
async function makeFacets(agent: Agent, text: string, signal: AbortSignal): Promise<unknown[]> {
  const { RichText } = await import('@atproto/api');
  const rich = new RichText({ text });
  rich.detectFacetsWithoutResolution();
  const facets: unknown[] = [];
  for (const facet of rich.facets ?? []) {
    const features: unknown[] = [];
    for (const feature of facet.features) {
      if (feature.$type !== 'app.bsky.richtext.facet#mention') features.push(feature);
      else {
        const did = await resolveHandle(agent, (feature as { did: string }).did, signal);
        if (did) features.push({ ...feature, did });
      }
    }
    if (features.length > 0) facets.push({ index: { ...facet.index }, features });
  }
  return JSON.parse(JSON.stringify(facets)) as unknown[];
}

async function resolveHandle(
  agent: Agent,
  handle: string,
  signal: AbortSignal,
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
  agent: Agent,
  request: PartRequest,
  deps: Deps,
  signal: AbortSignal,
): Promise<Record<string, unknown> | undefined> {
  const { part, message, index } = request;
  const quoted =
    index === 0 && message.relation?.as === 'quote'
      ? await toRef(agent, message.relation.of, signal)
      : undefined;
  const record = quoted && { $type: 'app.bsky.embed.record', record: quoted };
  if (part.media.length === 0) return record ?? makeCard(agent, request, deps, signal);
  const images = [];
  for (const media of part.media) images.push(await uploadPicture(agent, media, signal));
  const pictures = { $type: 'app.bsky.embed.images', images };
  return record ? { $type: 'app.bsky.embed.recordWithMedia', record, media: pictures } : pictures;
}

async function makeCard(
  agent: Agent,
  { message, index }: PartRequest,
  deps: Deps,
  signal: AbortSignal,
): Promise<Record<string, unknown> | undefined> {
  if (!message.card || index > 0) return undefined;
  const { picture, ...card } = await fetchCard(message.card, deps, signal);
  const fitting = picture && (await deps.shrink?.(picture, maxThumb));
  const thumb = fitting && (await uploadBlob(agent, fitting.data, fitting.mime, signal));
  return {
    $type: 'app.bsky.embed.external',
    external: { uri: message.card, ...card, ...(thumb ? { thumb } : {}) },
  };
}

async function uploadPicture(
  agent: Agent,
  { rendition, alt, src }: Part['media'][number],
  signal: AbortSignal,
): Promise<unknown> {
  if (!rendition)
    throw new PublishError('refused', `${src} was not made ready for Bluesky: run check`);
  const data = await readFile(rendition.path).catch((error: unknown) => {
    throw new PublishError(
      'not-sent',
      `the picture made from ${src} cannot be read. It is made again`,
      { cause: error },
    );
  });
  const image = await uploadBlob(agent, data, rendition.mime, signal);
  return { image, alt, aspectRatio: { width: rendition.width, height: rendition.height } };
}

/** The same bytes get the same address, so an upload may be repeated freely. */
async function uploadBlob(
  agent: Agent,
  data: Uint8Array,
  mime: string,
  signal: AbortSignal,
): Promise<unknown> {
  const answer = await agent.com.atproto.repo.uploadBlob(data, { encoding: mime, signal });
  const { ref, mimeType, size } = answer.data.blob;
  return { $type: 'blob', ref: { $link: ref.toString() }, mimeType, size };
}
