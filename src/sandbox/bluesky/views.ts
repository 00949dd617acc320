import { pickDefined } from '../../core/pick-defined.ts';
import { countAudience, type Audience } from '../world/sandbox-audience.ts';
import { deny } from './answers.ts';
import { findBlueskyPerson } from './auth.ts';
import { likeCollection } from './publishing.ts';
import { blobCidOf, subjectOf } from './validate.ts';
import { isObject, toJson, type Answer, type Fields, type Incoming } from '../http/routing.ts';
import { personId, type BlueskyPerson } from '../world/network-rows.ts';
import type { SandboxPost, World } from '../world/world.ts';

export interface BlueskyContext {
  world: World;
  audience: Audience;
  /** Where stored pictures are shown: the page server's origin. */
  pageOrigin: () => string;
}

const newestFirst = (a: SandboxPost, b: SandboxPost) => b.at - a.at || (a.id < b.id ? 1 : -1);

export function getPosts(context: BlueskyContext, { query }: Incoming): Answer {
  const uris = query.getAll('uris');
  if (uris.length < 1 || uris.length > 25)
    deny('InvalidRequest', `Error: Params/uris must not have more than 25 elements`);
  const posts = uris.flatMap((uri) => context.world.post('bluesky', uri) ?? []);
  return toJson(200, { posts: posts.map((post) => toPostView(context, post)) });
}

export function getAuthorFeed(context: BlueskyContext, { query }: Incoming): Answer {
  const person = requireActor(context.world, query);
  const most = Number(query.get('limit') ?? 50);
  if (!Number.isInteger(most) || most < 1 || most > 100)
    deny('InvalidRequest', 'limit must be between 1 and 100');
  const filter = query.get('filter') ?? 'posts_with_replies';
  const cursor = query.get('cursor');
  const rest = context.world
    .posts('bluesky')
    .filter(
      (post) =>
        post.author === personId(person) && (filter !== 'posts_no_replies' || !post.inReplyTo),
    )
    .filter((post) => filter !== 'posts_with_media' || post.pictures.length > 0)
    .sort(newestFirst);
  const from = cursor ? rest.findIndex(({ id }) => id === cursor) + 1 : 0;
  const page = rest.slice(from, from + most);
  const last = page.at(-1);
  return toJson(200, {
    ...pickDefined({ cursor: rest.length > from + most ? last?.id : undefined }),
    feed: page.map((post) => ({ post: toPostView(context, post) })),
  });
}

export function getProfile(
  { world }: BlueskyContext,
  viewer: BlueskyPerson,
  { query }: Incoming,
): Answer {
  const person = requireActor(world, query);
  const own = world.posts('bluesky').filter(({ author }) => author === personId(person));
  return toJson(200, {
    ...toAuthor(person),
    description: '',
    indexedAt: '2024-01-01T00:00:00.000Z',
    followersCount: person.followers ?? 500,
    followsCount: 120,
    postsCount: own.length,
    ...(person.chatFrom ? { associated: { chat: { allowIncoming: person.chatFrom } } } : {}),
    viewer: person.follows?.includes(viewer.handle)
      ? { followedBy: `at://${personId(person)}/app.bsky.graph.follow/self` }
      : {},
  });
}

function requireActor(world: World, query: URLSearchParams): BlueskyPerson {
  return (
    findBlueskyPerson(world.people, query.get('actor') ?? '') ??
    deny('InvalidRequest', 'Profile not found')
  );
}

export function toAuthor(person: BlueskyPerson): Fields {
  return {
    did: personId(person),
    handle: person.handle,
    displayName: person.name ?? person.handle,
    createdAt: '2024-01-01T00:00:00.000Z',
    labels: [],
  };
}

function toPostView(context: BlueskyContext, post: SandboxPost): Fields {
  const { world, audience } = context;
  const counts = countAudience(world, audience, post);
  const likers = world.people.filter(
    (one) =>
      one.network === 'bluesky' &&
      world
        .records(`at://${personId(one)}/${likeCollection}/`)
        .some(({ value }) => subjectOf(value) === post.id),
  );
  const person = findBlueskyPerson(world.people, post.author);
  const embed = toEmbedView(context, post);
  return {
    uri: post.id,
    cid: post.cid,
    author: person ? toAuthor(person) : { did: post.author, handle: post.handle },
    record: world.record(post.id)?.value,
    ...pickDefined({ embed }),
    replyCount: counts.replies,
    repostCount: counts.reposts,
    likeCount: counts.likes + likers.length,
    quoteCount: counts.quotes,
    bookmarkCount: Math.floor(counts.likes / 12),
    indexedAt: new Date(post.at).toISOString(),
    labels: [],
  };
}

function toEmbedView(context: BlueskyContext, post: SandboxPost): Fields | undefined {
  const media = toMediaView(context, post);
  if (!post.quotes) return media;
  const record = toQuoteView(context.world, post.quotes);
  return media
    ? {
        $type: 'app.bsky.embed.recordWithMedia#view',
        record: { $type: 'app.bsky.embed.record#view', record },
        media,
      }
    : { $type: 'app.bsky.embed.record#view', record };
}

function toQuoteView(world: World, uri: string): Fields {
  const [quoted, record] = [world.post('bluesky', uri), world.record(uri)];
  const person = quoted && findBlueskyPerson(world.people, quoted.author);
  if (!quoted || !record || !person)
    return { $type: 'app.bsky.embed.record#viewNotFound', uri, notFound: true };
  const { cid, value } = record;
  return {
    $type: 'app.bsky.embed.record#viewRecord',
    uri,
    cid,
    author: toAuthor(person),
    value,
    indexedAt: new Date(quoted.at).toISOString(),
  };
}

function toVideoView(world: World, post: SandboxPost, playlist: string): Fields {
  const { embed } = world.record(post.id)?.value ?? {};
  const { video, alt, aspectRatio, presentation } = (
    isObject(embed) && isObject(embed.media) ? embed.media : embed
  ) as Fields;
  const cid = blobCidOf(video) ?? '';
  return {
    $type: 'app.bsky.embed.video#view',
    cid,
    playlist,
    ...pickDefined({ alt, aspectRatio, presentation }),
  };
}

function toMediaView({ world, pageOrigin }: BlueskyContext, post: SandboxPost): Fields | undefined {
  const address = (file: string) => `${pageOrigin()}/media/${file}`;
  const [first] = post.pictures;
  if (first?.moves) return toVideoView(world, post, address(first.file));
  if (post.pictures.length > 0) {
    const { embed } = world.record(post.id)?.value ?? {};
    const media = isObject(embed) && isObject(embed.media) ? embed.media : embed;
    const images = isObject(media) && Array.isArray(media.images) ? (media.images as Fields[]) : [];
    return {
      $type: 'app.bsky.embed.images#view',
      images: post.pictures.map(({ file, alt }, i) => ({
        thumb: address(file),
        fullsize: address(file),
        alt,
        ...pickDefined({ aspectRatio: images[i]?.aspectRatio }),
      })),
    };
  }
  if (!post.card) return undefined;
  const { url, title, description, image } = post.card;
  return {
    $type: 'app.bsky.embed.external#view',
    external: { uri: url, title, description, ...pickDefined({ thumb: image && address(image) }) },
  };
}
