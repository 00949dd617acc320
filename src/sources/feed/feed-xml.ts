import { setImmediate } from 'node:timers/promises';
import { Parser as HtmlParser } from 'htmlparser2';
import RssParser from 'rss-parser';
import { pickDefined } from '../../core/pick-defined.ts';
import { minute } from '../../core/time.ts';
import { FeedError, type FeedItem, readDate, type ReadFeed, resolveAddress } from './feed-items.ts';
import { ownNames, repair } from './feed-repair.ts';
import { htmlToText, titleToText } from './feed-text.ts';
import { cut, most } from './text/foreign-text.ts';

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

// One for each feed: it keeps a state while it waits.
const openParser = () =>
  new RssParser({
    // An `<rss>` without a version is taken for 2.
    defaultRSS: 2,
    // In pieces: nothing waits for a large feed, and a broken one ends at its first mistake.
    xml2js: { async: true, chunkSize: 20_000 },
    customFields: {
      feed: ['raw.link', '$'].map((name) => [name, `own ${name}`, { keepArray: true }]) as never,
      item: itemFields.map((name) => [name, `own ${name}`, { keepArray: true }]),
    },
  });

type Raw = Record<string, unknown>;

interface XmlParser {
  parseStringPromise(text: string): Promise<unknown>;
  parseString(text: string, done: (error: unknown, tree: unknown) => void): void;
}

/** What goes wrong after the first piece would never be heard of in one step. */
async function parse(text: string): Promise<Raw & { items: Raw[] }> {
  const parser = openParser();
  const { xmlParser } = parser as unknown as { xmlParser: XmlParser };
  const tree = await xmlParser.parseStringPromise(text);
  xmlParser.parseString = (_, done) => done(undefined, tree);
  return parser.parseString('');
}

/** RSS, RDF and Atom. Throws FeedError. */
export async function readXmlFeed(text: string, url: string): Promise<ReadFeed> {
  let feed: Raw & { items: Raw[] };
  try {
    feed = await parse(repair(text));
  } catch (error) {
    throw new FeedError(`the answer is not a valid feed (${tellParser(error)})`);
  }
  const base = resolveAddress(attributeOf(feed, 'xml:base'), url) ?? url;
  const ttl = Number(textOf(feed.ttl));
  const lang = textOf(feed.language) ?? attributeOf(feed, 'xml:lang');
  const items: FeedItem[] = [];
  for (const one of feed.items) {
    items.push(toItem(one, base));
    if (items.length % 50 === 0) await setImmediate();
  }
  return pickDefined({
    items,
    ttlFor: ttl > 0 ? ttl * minute : undefined,
    lang: lang === undefined ? undefined : cut(lang, 50),
  });
}

function tellParser(error: unknown): string {
  const [first = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
  return /^Cannot read|undefined|null/.test(first) ? 'it has no channel' : first;
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
  const link = addressOf(raw, id, base);
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
    author: cut(author, most.name).replace(/^[^\s@]+@[^\s@]+ \((.+)\)$/, '$1'),
    link,
    date: readDate(dateText),
    image: imageOf(raw, base, content.image),
  });
}

/** An episode of a podcast may have no page, only its recording. */
function addressOf(raw: Raw, id: string | undefined, base: string): string | undefined {
  const written = [linkOf(raw), permalinkOf(raw, id), ...enclosuresOf(raw).map(placeOf)];
  return written.map((one) => resolveAddress(one, base)).find((one) => one !== undefined);
}

const placeOf = (element: Raw) => attribute(element, 'url') ?? attribute(element, 'href');

const enclosuresOf = (raw: Raw): Raw[] => [
  ...listOf(own(raw, 'enclosure')),
  ...listOf(own(raw, 'raw.link')).filter((one) => attribute(one, 'rel') === 'enclosure'),
];

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
  const picture = [...enclosuresOf(raw), ...media].find(isPicture);
  const url = picture && resolveAddress(placeOf(picture), base);
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
