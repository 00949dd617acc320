import { Parser as HtmlParser } from 'htmlparser2';
import RssParser from 'rss-parser';
import { pickDefined } from '../../core/pick-defined.ts';
import { minute } from '../../core/time.ts';
import { FeedError, type FeedItem, readDate, type ReadFeed, resolveAddress } from './feed-items.ts';
import { htmlToText, titleToText } from './feed-text.ts';

const byteOrderMarks: Record<string, string> = {
  fffe: 'utf-16le',
  feff: 'utf-16be',
  efbb: 'utf-8',
};

/** Characters by byte order mark, header, XML declaration, else UTF-8. */
export function decodeFeed(body: Buffer, contentType: string): string {
  const head = body.subarray(0, 200).toString('latin1');
  const declared = /^\W{0,3}\s*<\?xml[^>]*?encoding\s*=\s*["']([\w.:-]+)["']/.exec(head)?.[1];
  const named = /charset\s*=\s*["']?([\w.:-]+)/i.exec(contentType)?.[1];
  const mark = byteOrderMarks[body.subarray(0, 2).toString('hex')];
  const candidates = [mark, named, declared, 'utf-8'].filter((one) => one !== undefined);
  // A header that says UTF-8 by habit loses against the bytes.
  for (const label of candidates) {
    try {
      return new TextDecoder(label, { fatal: true }).decode(body);
    } catch {
      continue;
    }
  }
  return new TextDecoder(declared && isKnownEncoding(declared) ? declared : 'utf-8').decode(body);
}

function isKnownEncoding(label: string): boolean {
  try {
    return Boolean(new TextDecoder(label));
  } catch {
    return false;
  }
}

/** What to say about a web page in a feed's place, with the feed that it names itself. */
export function tellWebPage(text: string, url: string): string {
  let named: string | undefined;
  const parser = new HtmlParser({
    onopentag(tag, { rel = '', type = '', href }) {
      if (
        tag === 'link' &&
        /\balternate\b/i.test(rel) &&
        /^application\/(rss\+xml|atom\+xml|feed\+json)/i.test(type)
      )
        named ??= resolveAddress(href, url);
    },
  });
  parser.write(text.slice(0, 200_000));
  parser.end();
  const hint = named === undefined ? 'check the URL' : `the page names ${named}`;
  return `the answer is a web page, not a feed: ${hint}`;
}

// A bad date or an unclosed tag in one of these makes rss-parser fail for the whole feed: they are
// read here instead.
const ownNames = [
  'description',
  'summary',
  'content',
  'content:encoded',
  'published',
  'updated',
  'link',
];
const ownTag = new RegExp(`<(/?)(${ownNames.join('|')})(?=[\\s>/])`, 'g');
const itemFields = [
  ...ownNames.map((name) => `raw.${name}`),
  'guid',
  'enclosure',
  'media:content',
  'media:group',
  'media:description',
  'media:thumbnail',
  '$',
];

const parser = new RssParser({
  // An `<rss>` without a version is taken for 2.
  defaultRSS: 2,
  customFields: {
    feed: ['raw.link', '$'].map((name) => [name, `own ${name}`, { keepArray: true }]) as never,
    item: itemFields.map((name) => [name, `own ${name}`, { keepArray: true }]),
  },
});

type Raw = Record<string, unknown>;

/** RSS, RDF and Atom. Throws FeedError. */
export async function readXmlFeed(text: string, url: string): Promise<ReadFeed> {
  let feed: Raw & { items: Raw[] };
  try {
    feed = await parser.parseString(repair(text));
  } catch (error) {
    throw new FeedError(`the answer is not a valid feed (${tellParser(error)})`);
  }
  const base = resolveAddress(attributeOf(feed, 'xml:base'), url) ?? url;
  const ttl = Number(textOf(feed.ttl));
  const lang = textOf(feed.language) ?? attributeOf(feed, 'xml:lang');
  return pickDefined({
    items: feed.items.map((one) => toItem(one, base)),
    ttlFor: ttl > 0 ? ttl * minute : undefined,
    lang,
  });
}

function tellParser(error: unknown): string {
  const [first = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
  return /^Cannot read|undefined|null/.test(first) ? 'it has no channel' : first;
}

/**
 * Turns the mistakes of real feeds into XML that a parser takes. Every step is linear in the
 * length.
 */
function repair(text: string): string {
  const source = wrapMarkup(text.replace(/^<\?xml[^>]*\?>/, ''));
  // CDATA is left as it is.
  return source
    .split('<![CDATA[')
    .map((piece, i) => {
      const end = i === 0 ? 0 : piece.indexOf(']]>');
      return end < 0 ? piece : piece.slice(0, end) + repairMarkup(piece.slice(end));
    })
    .join('<![CDATA[');
}

const repairMarkup = (text: string) =>
  text
    .replaceAll(/&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#x[\da-f]{1,6});)/gi, '&amp;')
    .replaceAll(ownTag, '<$1raw.$2');

const markupStart = /<(title|summary|content)\b[^>]{0,200}\btype\s*=\s*["']xhtml["'][^>]{0,200}>/g;

/** XHTML inside Atom becomes text, since its order of words would be lost in parsing. */
function wrapMarkup(text: string): string {
  let wrapped = '';
  let from = 0;
  for (const match of text.matchAll(markupStart)) {
    if (match.index < from) continue;
    const start = match.index + match[0].length;
    const end = text.indexOf(`</${match[1]}>`, start);
    if (end < 0) break;
    const inner = text.slice(start, end).replaceAll(']]>', ']]&gt;').replaceAll('<![CDATA[', '');
    wrapped += `${text.slice(from, start)}<![CDATA[${inner}]]>`;
    from = end;
  }
  return wrapped + text.slice(from);
}

const own = (raw: Raw, name: string): unknown => raw[`own ${name}`];

/** The text of an element, however the parser wrapped it. */
function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value.trim() || undefined;
  if (Array.isArray(value)) return value.map(textOf).find((one) => one !== undefined);
  return typeof value === 'object' && value !== null && '_' in value ? textOf(value._) : undefined;
}

const listOf = (value: unknown): Raw[] =>
  Array.isArray(value)
    ? value.filter((one): one is Raw => typeof one === 'object' && one !== null)
    : [];

const attribute = (element: Raw, name: string): string | undefined =>
  textOf((element.$ as Raw | undefined)?.[name]);

function attributeOf(raw: Raw, name: string): string | undefined {
  return textOf((own(raw, '$') as Raw | undefined)?.[name]);
}

function toItem(raw: Raw, feedBase: string): FeedItem {
  const base = resolveAddress(attributeOf(raw, 'xml:base'), feedBase) ?? feedBase;
  const id = textOf(own(raw, 'guid')) ?? textOf(raw.id);
  const link = resolveAddress(linkOf(raw) ?? permalinkOf(raw, id), base);
  const full = textOf(own(raw, 'raw.content:encoded')) ?? textOf(own(raw, 'raw.content'));
  const short = textOf(own(raw, 'raw.description')) ?? textOf(own(raw, 'raw.summary'));
  const content = htmlToText(full ?? short ?? '');
  const title = titleToText(textOf(raw.title) ?? '');
  const dateText =
    textOf(own(raw, 'raw.published')) ??
    textOf(raw.pubDate) ??
    textOf(raw.date) ??
    textOf(own(raw, 'raw.updated'));
  const author = titleToText(textOf(raw.creator) ?? textOf(raw.author) ?? '');
  return pickDefined({
    key: id ?? link ?? `${title}\n${dateText ?? ''}`,
    title,
    summary: short === undefined ? content.text : htmlToText(short).text,
    author: author.replace(/^\S+@\S+ \((.+)\)$/, '$1'),
    link,
    date: readDate(dateText),
    image: imageOf(raw, base, content.image),
  });
}

/** RSS writes the address between the tags, Atom as an attribute, several of them by relation. */
function linkOf(raw: Raw): string | undefined {
  const links = own(raw, 'raw.link');
  const elements = listOf(links);
  const page = elements.find(
    (one) =>
      attribute(one, 'href') !== undefined &&
      (attribute(one, 'rel') ?? 'alternate') === 'alternate',
  );
  return textOf(links) ?? (page && attribute(page, 'href'));
}

function permalinkOf(raw: Raw, id: string | undefined): string | undefined {
  const [guid] = listOf(own(raw, 'guid'));
  const isPermalink = guid ? attribute(guid, 'isPermaLink') !== 'false' : true;
  return isPermalink && id !== undefined && /^https?:\/\//i.test(id) ? id : undefined;
}

/** Enclosure or media:content; the picture inside the text only lends its description. */
function imageOf(
  raw: Raw,
  base: string,
  inText: { src: string; alt: string } | undefined,
): FeedItem['image'] {
  const groups = listOf(own(raw, 'media:group'));
  const media = [
    ...listOf(own(raw, 'media:content')),
    ...groups.flatMap((group) => listOf(group['media:content'])),
  ];
  const enclosures = [
    ...listOf(own(raw, 'enclosure')),
    ...listOf(own(raw, 'raw.link')).filter((one) => attribute(one, 'rel') === 'enclosure'),
  ];
  const picture = [...enclosures, ...media].find(isPicture);
  const url =
    picture && resolveAddress(attribute(picture, 'url') ?? attribute(picture, 'href'), base);
  if (picture === undefined || url === undefined) return undefined;
  const described =
    textOf(picture['media:description']) ??
    textOf(groups.flatMap((group) => group['media:description'])) ??
    textOf(own(raw, 'media:description'));
  return { url, alt: described === undefined ? (inText?.alt ?? '') : titleToText(described) };
}

function isPicture(element: Raw): boolean {
  const type = attribute(element, 'type');
  if (type !== undefined) return type.startsWith('image/');
  return (
    attribute(element, 'medium') === 'image' ||
    /\.(jpe?g|png|webp|avif)(\?|$)/i.test(attribute(element, 'url') ?? '')
  );
}
