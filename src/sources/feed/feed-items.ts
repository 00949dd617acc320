import { cut, most } from './text/foreign-text.ts';

/**
 * One entry of a feed, in whatever format it came. Texts are HTML where they can be; addresses are
 * absolute.
 */
export interface FeedItem {
  /** guid, else link, else title and date: what makes it the same item after an edit. */
  key: string;
  title: string;
  link?: string;
  summary: string;
  author: string;
  /** Milliseconds since 1970; absent where the feed has none that can be read. */
  date?: number;
  image?: { url: string; alt: string };
}

export interface ReadFeed {
  items: FeedItem[];
  /** How long the feed asks to be left alone, in milliseconds. */
  ttlFor?: number;
  lang?: string;
}

/** The answer is not a feed; the message says what it is instead. */
export class FeedError extends Error {
  override name = 'FeedError';
}

/** Without a login; undefined for what is not a web address, or longer than any that is read. */
export const resolveAddress = (address: string | undefined, base: string): string | undefined => {
  const text = (address ?? '').trim();
  if (text === '' || text.length > most.address || !URL.canParse(text, base)) return undefined;
  const url = new URL(text, base);
  url.username = '';
  url.password = '';
  const isWeb = url.protocol === 'http:' || url.protocol === 'https:';
  return isWeb && url.href.length <= most.address ? url.href : undefined;
};

/** RFC 822 and ISO dates alike. */
export const readDate = (text: string | undefined): number | undefined => {
  const at = text === undefined ? Number.NaN : Date.parse(cut(text.trim(), 100));
  return Number.isNaN(at) ? undefined : at;
};
