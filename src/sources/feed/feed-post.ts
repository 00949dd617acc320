import { createHash } from 'node:crypto';
import { pickDefined } from '../../core/pick-defined.ts';
import type { MediaRef, Post } from '../../core/post/post.ts';
import { type Instant, toIso } from '../../core/time.ts';
import type { StoredImage } from './feed-image.ts';
import type { FeedItem } from './feed-items.ts';
import { fillTemplate, type ItemWords, shorten } from './feed-text.ts';
import { cut, cutWords, most } from './text/foreign-text.ts';
import { withoutMentions } from './text/harmless.ts';
import { hashPost, idFromPath } from '../post-identity.ts';

/** What a feed's posts have in common, from the configuration. */
export interface FeedRules {
  /** By which it is known everywhere. */
  url: string;
  /** What is asked for, with credentials; absent: the URL. */
  address?: string;
  template: string;
  queue?: string;
  perDay?: number;
  networks?: string[];
  campaign?: string;
  approval: boolean;
  /** It may lie on this machine or in a private network. */
  allowPrivate?: boolean;
  /** A link becomes so long where links are counted. */
  linkLength?: number;
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
export function toFeedPost(rules: FeedRules, facts: ItemFacts): Post {
  const { item, image, lang, now, index } = facts;
  const id = feedPostId(rules.url, item);
  const words = wordsOf(item, rules.template);
  const tags = rules.campaign === undefined ? 0 : roomForTags;
  const longer = (rules.linkLength ?? 0) - (words.link?.length ?? 0);
  const room = Math.max(tags, longer);
  const { text, params } = fillTemplate(rules.template, words, room);
  const date = Math.min(item.date ?? now, now);
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
    media: mediaOf(facts, words.title),
    thread: 'manual',
    // An item without any words is its address.
    parts: [text === '' && words.link !== undefined ? '{{link}}' : text],
    overrides: {},
    followUps: [],
    params,
    ...pickDefined({
      title: withoutMentions(cutWords(words.title, most.words)) || undefined,
      link: words.link,
      lang: lang !== undefined && isLanguage(lang) ? lang : undefined,
      queue: rules.queue,
      networks: rules.networks,
      campaign: rules.campaign,
      feedPerDay: rules.perDay,
    }),
  };
  post.hash = hashPost(post, image ? [image.sha256] : []);
  return post;
}

function wordsOf(item: FeedItem, template: string): ItemWords {
  // Short notes have no title: their first words take its place.
  const summary = cutWords(item.summary, most.words).replaceAll(/\n+/g, ' ');
  const firstWords = () => shorten(summary, (text) => text.length <= 200);
  const hasLink = /\{\{\s*(?:campaign\.)?link\s*\}\}/.test(template);
  return pickDefined({
    title: item.title || firstWords(),
    summary: item.title ? summary : '',
    author: item.author,
    link: hasLink ? item.link : undefined,
  });
}

function mediaOf({ item, image }: ItemFacts, title: string): MediaRef[] {
  if (!image || !item.image) return [];
  return [{ src: item.image.url, file: image.file, alt: cut(item.image.alt || title, most.alt) }];
}

const isLanguage = (lang: string) => /^[a-z]{2,3}(-[a-z0-9]{2,8})*$/i.test(lang);

/** The same for the same item, so that a read that was cut short can be repeated. */
function feedPostId(url: string, item: FeedItem): string {
  const slug = idFromPath(cut(item.title, 200)).slice(0, 40).replace(/-+$/, '') || 'item';
  const digest = createHash('sha256').update(url).update(item.key).digest('hex');
  return `feed-${slug}-${digest.slice(0, 8)}`;
}
