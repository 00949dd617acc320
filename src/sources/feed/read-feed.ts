import { withoutCredentials } from '../../core/text/credentials.ts';
import type { GetAnswer } from '../../io/guarded-get.ts';
import { FeedError, type ReadFeed } from './feed-items.ts';
import { readJsonFeed } from './feed-json.ts';
import { decodeFeed } from './feed-decode.ts';
import { readXmlFeed, tellWebPage } from './feed-xml.ts';

/**
 * RSS 0.9 to 2, RDF, Atom or JSON Feed, by what the bytes are and not by what they are called.
 * Throws FeedError.
 */
export async function readFeed({
  body,
  headers,
  url,
}: Pick<GetAnswer, 'body' | 'headers' | 'url'>): Promise<ReadFeed> {
  // Relative links must not carry the feed's credentials.
  const base = withoutCredentials(url);
  const text = decodeFeed(body, headers['content-type'] ?? '').trimStart();
  if (text === '') throw new FeedError('the answer is empty');
  if (text.startsWith('{')) return readJsonFeed(text, base);
  if (/^(?:<\?xml[^>]*>\s*)?(?:<!doctype html|<html)[\s>]/i.test(text.slice(0, 2000)))
    throw new FeedError(tellWebPage(text, base));
  if (!text.startsWith('<'))
    throw new FeedError('the answer is neither XML nor JSON: check the URL');
  return readXmlFeed(text, base);
}
