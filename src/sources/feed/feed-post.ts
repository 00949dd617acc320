import { createHash } from 'node:crypto';
import type { MediaRef, Post } from '../../core/post/post.ts';
import { type Instant, toIso } from '../../core/time.ts';
import type { StoredImage } from './feed-image.ts';
import type { FeedItem } from './feed-items.ts';
import { fillTemplate, shorten } from './feed-text.ts';
import { hashPost, idFromPath } from '../folder/post-file.ts';

/** What a feed's posts have in common, from the configuration. */
export interface FeedRules {
  url: string;
  template: string;
  queue?: string;
  perDay?: number;
  networks?: string[];
  campaign?: string;
  approval: boolean;
}

export interface ItemFacts {
  item: FeedItem;
  image?: StoredImage | undefined;
  lang?: string | undefined;
  now: Instant;
  /** Its place among the new ones, oldest first. */
  index: number;
}

// What a campaign's UTM tags may add to a link.
const roomForTags = 80;

/** One item as a post, in plain text that fits everywhere. */
export function toFeedPost(rules: FeedRules, { item, image, lang, now, index }: ItemFacts): Post {
  const id = feedPostId(rules.url, item);
  const link = /\{\{\s*(?:campaign\.)?link\s*\}\}/.test(rules.template) ? item.link : undefined;
  // Short notes have no title: their first words stand for it.
  const title =
    item.title || shorten(item.summary.replaceAll('\n', ' '), (text) => text.length <= 200);
  const words = {
    title,
    summary: item.title ? item.summary.replaceAll(/\n+/g, ' ') : '',
    author: item.author,
    ...(link === undefined ? {} : { link }),
  };
  const { text, params } = fillTemplate(
    rules.template,
    words,
    rules.campaign === undefined ? 0 : roomForTags,
  );
  const media: MediaRef[] =
    image && item.image
      ? [{ src: item.image.url, file: image.file, alt: (item.image.alt || title).slice(0, 1000) }]
      : [];
  const date = Math.min(item.date ?? now, now);
  const language =
    lang === undefined || !/^[a-z]{2,3}(-[a-z0-9]{2,8})*$/i.test(lang) ? undefined : lang;
  const post: Post = {
    id,
    source: rules.url,
    file: item.link ?? rules.url,
    hash: '',
    order: `feed:${toIso(date)} ${String(index).padStart(5, '0')} ${id}`,
    draft: false,
    weight: 0,
    approval: rules.approval,
    hashtags: [],
    card: true,
    media,
    thread: 'manual',
    parts: [text],
    overrides: {},
    followUps: [],
    params,
    ...(title === '' ? {} : { title }),
    ...(link === undefined ? {} : { link }),
    ...(language === undefined ? {} : { lang: language }),
    ...(rules.queue === undefined ? {} : { queue: rules.queue }),
    ...(rules.networks ? { networks: rules.networks } : {}),
    ...(rules.campaign === undefined ? {} : { campaign: rules.campaign }),
    ...(rules.perDay === undefined ? {} : { feedPerDay: rules.perDay }),
  };
  post.hash = hashPost(post, image ? [image.sha256] : []);
  return post;
}

/** The same for the same item, so that a look that was cut short can be made again. */
function feedPostId(url: string, item: FeedItem): string {
  const slug = idFromPath(item.title).slice(0, 40).replace(/-+$/, '') || 'item';
  return `feed-${slug}-${createHash('sha256').update(url).update(item.key).digest('hex').slice(0, 8)}`;
}
