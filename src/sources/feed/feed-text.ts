import { Parser } from 'htmlparser2';
import { pickDefined } from '../../core/pick-defined.ts';
import { fits } from '../../core/text/length.ts';
import { networks } from '../../core/network/network.ts';
import { traitsOf } from '../../core/network/traits-of.ts';

export interface PlainHtml {
  text: string;
  /** The first picture in it. */
  image?: { src: string; alt: string };
}

const silent = new Set(['script', 'style', 'template', 'noscript', 'iframe', 'head']);
const blockTags = new Set(
  'p div br li ul ol tr table blockquote section article pre figure h1 h2 h3 h4 h5 h6 hr'.split(
    ' ',
  ),
);

/** What a reader sees of HTML: entities decoded, tags gone, blocks on lines of their own. */
export function htmlToText(html: string): PlainHtml {
  let text = '';
  let silence = 0;
  let image: PlainHtml['image'];
  const parser = new Parser(
    {
      onopentag(name, { src = '', alt = '' }) {
        if (silent.has(name)) silence++;
        if (blockTags.has(name)) text += '\n';
        if (name === 'img' && src !== '' && !image) image = { src, alt: tidy(alt) };
      },
      ontext(piece) {
        if (silence === 0) text += piece;
      },
      onclosetag(name) {
        if (silent.has(name) && silence > 0) silence--;
        if (blockTags.has(name)) text += '\n';
      },
    },
    { decodeEntities: true },
  );
  parser.write(html);
  parser.end();
  return pickDefined({ text: tidyLines(text), image });
}

// In a title a `<` is more often a sign than a tag.
const titleTag =
  /<(?!\/?(?:a|b|i|u|s|em|strong|code|span|sub|sup|br|small|cite|mark|p|div|img)\b)/gi;

export const titleToText = (html: string): string =>
  tidy(htmlToText(html.replaceAll(titleTag, '&lt;')).text);

const tidy = (text: string) => text.replaceAll(/[\s\u00A0]+/g, ' ').trim();
const tidyLines = (text: string) =>
  text
    .split('\n')
    .map(tidy)
    .filter((line) => line !== '')
    .join('\n');

/**
 * As much of the text as `isGood` allows: whole sentences if they are most of it, else whole words
 * and an ellipsis. Empty: nothing fits.
 */
export function shorten(text: string, isGood: (text: string) => boolean): string {
  if (isGood(text)) return text;
  const words = longest(
    [...text.matchAll(/\s+/g)].map(({ index }) => `${trimEnd(text.slice(0, index))}…`),
    isGood,
  );
  const sentences = [...new Intl.Segmenter('en', { granularity: 'sentence' }).segment(text)].map(
    ({ index }) => text.slice(0, index).trimEnd(),
  );
  const sentence = longest(
    sentences.filter((one) => /[.!?…。！？]["'”’)]?$/u.test(one)),
    isGood,
  );
  if (sentence.length > 0.6 * words.length) return sentence;
  if (words !== '') return words;
  const graphemes = [
    ...new Intl.Segmenter('en', { granularity: 'grapheme' }).segment(text.slice(0, 2000)),
  ].map(({ index }) => `${text.slice(0, index)}…`);
  return longest(graphemes.slice(1), isGood);
}

const trimEnd = (text: string) => text.replace(/[\s,;:–—-]+$/u, '');

/**
 * The longest that is good, of texts in rising order where a longer one is good only if the shorter
 * ones are.
 */
function longest(texts: string[], isGood: (text: string) => boolean): string {
  let [low, high] = [0, texts.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isGood(texts[middle] ?? '')) low = middle + 1;
    else high = middle;
  }
  return texts[low - 1] ?? '';
}

export interface ItemWords {
  title: string;
  summary: string;
  author: string;
  link?: string;
}

export interface FilledTemplate {
  /** `{{link}}` is left for the composer, which tags it. */
  text: string;
  /** Values for what an item itself writes in double braces: it stays as it is written. */
  params: Record<string, string>;
}

/** A link that is longer than this is too long for networks that count it in full. */
const mostLink = 200;

/**
 * The template with an item's words, shortened to what every network takes; `extra` is room kept
 * for what is added to the link.
 */
export function fillTemplate(template: string, words: ItemWords, extra = 0): FilledTemplate {
  const link = words.link === undefined ? '' : `${words.link}${'a'.repeat(extra)}`;
  // A link at the end is left out: the composer adds it there, or shows its card instead.
  const body = template.replace(/\s*\{\{\s*(?:campaign\.)?link\s*\}\}\s*$/, '');
  const isAtEnd = body !== template && link !== '';
  const hasRoom = (text: string) => {
    const filled = text.replaceAll(linkVariable, link);
    const whole = isAtEnd ? `${filled}\n\n${link}` : filled;
    return networks
      .map((network) => traitsOf(network).limits.text)
      .filter(({ urlLength }) => urlLength !== undefined || link.length <= mostLink)
      .every((limits) => fits(whole, limits).ok);
  };
  const fitting = {
    ...words,
    summary: words.summary.slice(0, 600),
    title: words.title.slice(0, 600),
  };
  const fill = (changes: Partial<ItemWords>) =>
    fillOnce(body, { ...fitting, ...changes }, link !== '');
  for (const name of ['summary', 'title', 'author'] as const) {
    if (hasRoom(fill({}))) break;
    const short = shorten(fitting[name], (value) => hasRoom(fill({ [name]: value })));
    // A summary of a few words is worse than none.
    fitting[name] = name === 'summary' && short.length < 20 ? '' : short;
  }
  return shield(fill({}));
}

const linkVariable = /\{\{\s*(?:campaign\.)?link\s*\}\}/g;

// Stands in a value for the first of two braces until the template is filled.
const guard = '\uE000';

function fillOnce(template: string, words: ItemWords, hasLink: boolean): string {
  const isEmpty = (name: string) =>
    name === 'title' || name === 'summary' || name === 'author'
      ? words[name] === ''
      : /^(campaign\.)?link$/.test(name) && !hasLink;
  const lines = template.split('\n').map((line) => {
    const isGone = [...line.matchAll(/\{\{\s*([\w.]+)\s*\}\}/g)].some(([, name = '']) =>
      isEmpty(name),
    );
    const filled = line.replaceAll(
      /\{\{\s*(title|summary|author|(?:campaign\.)?link)\s*\}\}/g,
      (whole, name: string) => {
        if (isEmpty(name)) return '';
        return name.endsWith('link') ? whole : words[name as 'title'].replaceAll('{{', `${guard}{`);
      },
    );
    // What stood between two values parts nothing when one of them is empty.
    return isGone
      ? filled.replaceAll(/ {2,}/g, ' ').replaceAll(/^[\s:|·–—,-]+|[\s:|·–—,-]+$/g, '')
      : filled;
  });
  return lines
    .join('\n')
    .replaceAll(/\n{3,}/g, '\n\n')
    .trim();
}

function shield(filled: string): FilledTemplate {
  const params: Record<string, string> = {};
  const text = filled.replaceAll(`${guard}{`, () => {
    params.braces = '{{';
    return '{{params.braces}}';
  });
  return { text, params };
}
