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

export const resolveAddress = (address: string | undefined, base: string): string | undefined => {
  if (address === undefined || address.trim() === '' || !URL.canParse(address.trim(), base))
    return undefined;
  const url = new URL(address.trim(), base);
  return url.protocol === 'http:' || url.protocol === 'https:' ? url.href : undefined;
};

/** RFC 822 and ISO dates alike. */
export const readDate = (text: string | undefined): number | undefined => {
  const at = text === undefined ? Number.NaN : Date.parse(text.trim());
  return Number.isNaN(at) ? undefined : at;
};
