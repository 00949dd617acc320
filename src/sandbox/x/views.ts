import { createHash } from 'node:crypto';
import { countAudience, type Audience } from '../world/sandbox-audience.ts';
import type { Fields } from '../http/routing.ts';
import { findXLinks } from '../world/link-rules.ts';
import type { Counts } from '../world/network-row.ts';
import { personId, type XPerson } from '../world/network-rows.ts';
import { isVideo } from '../world/moving-files.ts';
import type { Picture, SandboxPost, World } from '../world/world.ts';

const escape = (text: string) =>
  text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');

/**
 * The text as X hands it out: links shortened, `&<>` escaped, a link for the pictures and for a
 * quoted post at the end.
 */
export function renderText(post: SandboxPost): { text: string; urls: Fields[] } {
  const urls: Fields[] = [];
  let text = '';
  let at = 0;
  const add = (expanded: string, display: string, more: Fields = {}) => {
    const url = shorten(`${post.id} ${urls.length} ${expanded}`);
    const start = [...text].length;
    text += url;
    urls.push({
      start,
      end: start + url.length,
      url,
      expanded_url: expanded,
      display_url: display,
      ...more,
    });
  };
  for (const link of findXLinks(post.text)) {
    text += escape(post.text.slice(at, link.start));
    add(link.url, shorten25(link.url));
    at = link.end;
  }
  text += escape(post.text.slice(at));
  if (post.quotes) appendLink(`https://x.com/${post.handle}/status/${post.quotes}`);
  if (post.pictures[0])
    appendLink(`${post.url}/${isVideo(post.pictures[0].mime) ? 'video' : 'photo'}/1`, {
      media_key: mediaKeyOf(post.pictures[0]),
    });
  return { text, urls };

  function appendLink(expanded: string, more: Fields = {}) {
    if (text) text += ' ';
    add(
      expanded,
      expanded.replace('https://x.com', post.pictures[0] && more.media_key ? 'pic.x.com' : 'x.com'),
      more,
    );
  }
}

function shorten(seed: string): string {
  const hash = createHash('sha256').update(seed).digest('base64url');
  return `https://t.co/${hash.replace(/[-_]/g, 'a').slice(0, 10)}`;
}

function shorten25(url: string): string {
  const plain = url.replace(/^https?:\/\/(www\.)?/, '');
  return plain.length > 26 ? `${plain.slice(0, 25)}…` : plain;
}

/** The number in front tells what it is. */
export const mediaKeyOf = ({ id, moves }: Pick<Picture, 'id' | 'moves'>): string =>
  `${moves ? { video: 7, gif: 16 }[moves] : 3}_${id}`;

export interface FieldNames {
  fields: Set<string>;
  /**
   * Asked with `post.fields`: the names of 2026 (`repost_count`, `referenced_posts`), where what
   * refers to others is an expansion.
   */
  isNew: boolean;
}

export function readFieldNames(query: URLSearchParams): FieldNames {
  const isNew = query.has('post.fields');
  const expanded = isNew ? (query.get('expansions') ?? '') : '';
  const list = query.get('post.fields') ?? query.get('tweet.fields') ?? '';
  return { fields: new Set(`${list},${expanded}`.split(',').filter(Boolean)), isNew };
}

export function toPost(
  { world, audience }: { world: World; audience: Audience },
  post: SandboxPost,
  { fields, isNew }: FieldNames,
): Fields {
  const { text, urls } = renderText(post);
  const view: Fields = {
    id: post.id,
    text,
    [isNew ? 'edit_history_post_ids' : 'edit_history_tweet_ids']: [post.id],
  };
  const references = [
    ...(post.inReplyTo ? [{ type: 'replied_to', id: post.inReplyTo }] : []),
    ...(post.quotes ? [{ type: 'quoted', id: post.quotes }] : []),
  ];
  const all: Fields = {
    author_id: post.author,
    created_at: new Date(post.at).toISOString(),
    conversation_id: rootOf(world, post).id,
    lang: post.language ?? 'en',
    source: 'Dripline',
    possibly_sensitive: false,
    reply_settings: 'everyone',
    public_metrics: countMetrics(countAudience(world, audience, post), isNew),
    entities: urls.length > 0 ? { urls } : undefined,
    attachments:
      post.pictures.length > 0 ? { media_keys: post.pictures.map(mediaKeyOf) } : undefined,
    in_reply_to_user_id: post.inReplyTo ? world.post('x', post.inReplyTo)?.author : undefined,
    referenced_tweets: references.length > 0 ? references : undefined,
    referenced_posts: references.length > 0 ? references : undefined,
  };
  for (const name of fields) if (all[name] !== undefined) view[name] = all[name];
  return view;
}

function rootOf(world: World, post: SandboxPost): SandboxPost {
  const parent = post.inReplyTo ? world.post('x', post.inReplyTo) : undefined;
  return parent ? rootOf(world, parent) : post;
}

function countMetrics(counts: Counts, isNew: boolean): Fields {
  return {
    [isNew ? 'repost_count' : 'retweet_count']: counts.reposts,
    reply_count: counts.replies,
    like_count: counts.likes,
    quote_count: counts.quotes,
    bookmark_count: Math.floor(counts.likes / 9),
    impression_count: counts.views,
  };
}

export function toUser(world: World, person: XPerson, fields: Set<string>): Fields {
  const posts = world.posts('x').filter(({ handle }) => handle === person.handle);
  const all: Fields = {
    public_metrics: {
      followers_count: person.followers ?? 500,
      following_count: 120,
      tweet_count: posts.length,
      listed_count: 3,
    },
    created_at: '2024-01-01T00:00:00.000Z',
    verified: false,
    protected: false,
    description: '',
  };
  const view: Fields = {
    id: personId(person),
    name: person.name ?? person.handle,
    username: person.handle,
  };
  for (const name of fields) if (all[name] !== undefined) view[name] = all[name];
  return view;
}
