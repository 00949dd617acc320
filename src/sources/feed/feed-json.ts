import { z } from 'zod';
import { pickDefined } from '../../core/pick-defined.ts';
import { FeedError, type FeedItem, readDate, type ReadFeed, resolveAddress } from './feed-items.ts';
import { htmlToText, titleToText } from './feed-text.ts';
import { cut, cutWords, most, tidy, tidyLines } from './text/foreign-text.ts';

const text = z.string().optional().catch(undefined);
const author = z.object({ name: text }).optional().catch(undefined);

const item = z.object({
  id: z.union([z.string(), z.number()]).transform(String).optional().catch(undefined),
  url: text,
  external_url: text,
  title: text,
  content_html: text,
  content_text: text,
  summary: text,
  image: text,
  date_published: text,
  date_modified: text,
  author,
  authors: z.array(author).optional().catch(undefined),
  attachments: z
    .array(z.object({ url: text, mime_type: text, title: text }))
    .optional()
    .catch(undefined),
});

const feed = z.object({
  version: z.string().startsWith('https://jsonfeed.org/version/'),
  language: text,
  authors: z.array(author).optional().catch(undefined),
  author,
  items: z.array(item),
});
type JsonFeed = z.output<typeof feed>;

/** JSON Feed 1 and 1.1. Throws FeedError. */
export function readJsonFeed(source: string, url: string): ReadFeed {
  const parsed = feed.safeParse(parse(source));
  if (!parsed.success)
    throw new FeedError('the answer is JSON, but not a JSON Feed: check the URL');
  const { items, language } = parsed.data;
  return pickDefined({
    items: items.map((one) => toItem(one, parsed.data, url)),
    lang: language,
  });
}

function parse(source: string): unknown {
  try {
    return JSON.parse(source);
  } catch {
    throw new FeedError('the answer is not valid JSON');
  }
}

const toWords = (text = '') => cutWords(tidyLines(cut(text, most.html)), most.words);

function toItem(
  one: JsonFeed['items'][number],
  { authors, author: single }: JsonFeed,
  base: string,
): FeedItem {
  const link =
    resolveAddress(one.url, base) ??
    resolveAddress(one.external_url, base) ??
    resolveAddress(one.attachments?.find(({ url }) => url !== undefined)?.url, base);
  const plain = htmlToText(one.content_html ?? '');
  const content = toWords(one.content_text) || plain.text;
  const summary = toWords(one.summary) || content;
  const title = titleToText(one.title ?? '');
  const attached = one.attachments?.find(({ mime_type }) => mime_type?.startsWith('image/'));
  const picture = resolveAddress(one.image ?? attached?.url, base);
  const alt = tidy(cut(attached?.title ?? '', most.title)) || (plain.image?.alt ?? '');
  return pickDefined({
    key: one.id || link || `${title}\n${one.date_published ?? ''}`,
    title,
    summary,
    author: tidy(
      cut((one.authors?.[0] ?? one.author ?? authors?.[0] ?? single)?.name ?? '', most.name),
    ),
    link,
    date: readDate(one.date_published ?? one.date_modified),
    image: picture === undefined ? undefined : { url: picture, alt },
  });
}
