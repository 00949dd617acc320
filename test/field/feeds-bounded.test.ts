import { describe, expect, test } from 'vitest';
import { decodeFeed } from '../../src/sources/feed/feed-decode.ts';
import { readFeed } from '../../src/sources/feed/read-feed.ts';
import { toFeedPost } from '../../src/sources/feed/feed-post.ts';
import {
  fillTemplate,
  htmlToText,
  shorten,
  titleToText,
} from '../../src/sources/feed/feed-text.ts';
import { cutWords, tidyLines } from '../../src/sources/feed/text/foreign-text.ts';
import { withoutCashtags, withoutMentions } from '../../src/sources/feed/text/harmless.ts';
import { cpuTime, inputs } from './kit.ts';

const runs = inputs(3, 15);
const [short, long] = [10_000, 100_000];
/** Ten times the text may take ten times as long, and some; a hundred times is quadratic. */
const mostGrowth = 40;
/** What takes less is not measured, but noise: in milliseconds. */
const noise = 4;

const pieces: Record<string, string> = {
  'words of one letter': 'a ',
  'a word without an end': 'a',
  'sentences of one letter': 'A b. ',
  hyphens: '-',
  'hyphens and blanks': '- ',
  'line breaks': '\n',
  blanks: ' ',
  'nested tags': '<div>',
  'nested tags of a name each': '<b><i>',
  'tags without an end': '<p ',
  'signs without a tag': '<',
  comments: '<!--',
  CDATA: '<![CDATA[',
  'attributes without an end': '<img alt="',
  entities: '&amp;',
  ampersands: '&',
  'mail addresses': 'a@',
  'mentions of one letter': '@a',
  'mentions with dots': '@a.a',
  hosts: 'a.',
  'addresses in a row': 'http://a',
  addresses: 'https://a.com/ ',
  cashtags: '$a ',
  braces: '{',
  'braces and backslashes': String.raw`\{{`,
  'a letter with many marks': '\u0301',
  joiners: '\u200D',
  flags: '🇩🇪',
  families: '👨‍👩‍👧‍👦',
  halves: '\uD83D',
  'items that do not end': '<item>',
  'links that do not end': '<link href="a" ',
  'marked-up text': '<content type="xhtml">',
  declarations: ' xmlns:a="b"',
};

const now = Date.parse('2026-11-24T08:00:00Z');
const rules = {
  url: 'https://example.com/feed.xml',
  template: '{{title}}: {{summary}} ({{author}}) {{link}}',
  approval: false,
};
const read = async (body: string) => {
  const { items } = await readFeed({
    body: Buffer.from(body),
    headers: {},
    url: rules.url,
  }).catch(() => ({ items: [] }));
  for (const item of items.slice(0, 3)) toFeedPost(rules, { item, now, index: 0 });
};
const rss = (item: string) =>
  `<rss version="2.0"><channel><title>t</title><item>${item}</item></channel></rss>`;
const inCdata = (text: string) => `<![CDATA[${text.replaceAll(']]>', '')}]]>`;
const json = (item: object) =>
  JSON.stringify({
    version: 'https://jsonfeed.org/version/1.1',
    items: [{ id: '1', title: 'T', ...item }],
  });
const words = { title: 'T', summary: 'S', author: 'A', link: 'https://example.com/' };
const fits = (text: string) => text.length <= 200;

/** Everything that a feed's text goes through. */
const works: Record<string, (text: string) => unknown> = {
  htmlToText,
  titleToText,
  tidyLines,
  cutWords: (text) => cutWords(text, 600),
  shorten: (text) => shorten(text, fits),
  withoutMentions,
  withoutCashtags,
  'fillTemplate with a title': (title) => fillTemplate(rules.template, { ...words, title }),
  'fillTemplate with a summary': (summary) => fillTemplate(rules.template, { ...words, summary }),
  'fillTemplate with an author': (author) => fillTemplate(rules.template, { ...words, author }),
  decodeFeed: (text) => decodeFeed(Buffer.from(`<?xml ${text}`), `text/xml; ${text}`),
  'a whole answer': (text) => read(text),
  'a root element': (text) => read(`<rss ${text}`),
  'an RSS title': (text) => read(rss(`<title>${inCdata(text)}</title>`)),
  'an RSS description without a title': (text) =>
    read(rss(`<description>${inCdata(text)}</description>`)),
  'RSS markup': (text) => read(rss(text)),
  'an RSS content': (text) => read(rss(`<content:encoded>${inCdata(text)}</content:encoded>`)),
  'an RSS author': (text) =>
    read(rss(`<title>t</title><dc:creator>${inCdata(text)} (</dc:creator>`)),
  'an RSS link': (text) =>
    read(rss(`<title>t</title><link>${inCdata(`http://a.test/${text}`)}</link>`)),
  'an RSS guid': (text) => read(rss(`<title>t</title><guid>${inCdata(`http://${text}`)}</guid>`)),
  'an RSS date': (text) => read(rss(`<title>t</title><pubDate>${inCdata(text)}</pubDate>`)),
  'an RSS category': (text) => read(rss(`<title>t</title><category>${inCdata(text)}</category>`)),
  'an RSS enclosure': (text) =>
    read(
      rss(
        `<title>t</title><enclosure type="image/png" url="http://a/${encodeURI(text.toWellFormed())}"/>`,
      ),
    ),
  'a JSON text': (text) => read(json({ title: undefined, content_text: text })),
  'a JSON HTML': (text) => read(json({ content_html: text })),
  'a JSON summary and author': (text) => read(json({ summary: text, authors: [{ name: text }] })),
  'a JSON link': (text) => read(json({ url: `http://a.test/${text}`, image: text })),
  'a JSON title': (text) => read(json({ title: text, language: text, date_published: text })),
};

async function fastest(work: () => unknown): Promise<number> {
  let best = Infinity;
  for (let run = 0; run < runs; run++) {
    const before = cpuTime();
    await work();
    best = Math.min(best, cpuTime() - before);
  }
  return best;
}

const toLength = (piece: string, length: number) =>
  piece.repeat(Math.ceil(length / piece.length)).slice(0, length);

describe(`ten times the text is no more than some ten times the work, the best of ${runs}`, () => {
  test.for(Object.entries(works))('%s', { timeout: 120_000 }, async ([, work]) => {
    for (const [family, piece] of Object.entries(pieces)) {
      const few = await fastest(() => work(toLength(piece, short)));
      const many = await fastest(() => work(toLength(piece, long)));
      expect
        .soft(many / Math.max(few, noise), `${family}: ${few} and ${many} ms`)
        .toBeLessThan(mostGrowth);
    }
  });
});
