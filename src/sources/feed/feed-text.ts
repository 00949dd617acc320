import { Parser } from 'htmlparser2';
import { pickDefined } from '../../core/pick-defined.ts';
import { fits } from '../../core/text/length.ts';
import { networks } from '../../core/network/network.ts';
import { traitsOf } from '../../core/network/traits-of.ts';
import { cut, cutWords, most, tidy, tidyLines } from './text/foreign-text.ts';
import { hasTooManyCashtags, withoutCashtags, withoutMentions } from './text/harmless.ts';

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
  let depth = 0;
  let silence = 0;
  let image: PlainHtml['image'];
  const parser = new Parser(
    {
      onopentag(name, { src = '', alt = '' }) {
        // The parser takes longer for each open tag than for the one before.
        if (++depth > mostDepth) parser.pause();
        if (silent.has(name)) silence++;
        if (blockTags.has(name)) text += '\n';
        if (name === 'img' && src !== '' && !image)
          image = { src, alt: tidy(cut(alt, most.title)) };
      },
      ontext(piece) {
        if (silence === 0) text += piece;
      },
      onclosetag(name) {
        depth--;
        if (silent.has(name) && silence > 0) silence--;
        if (blockTags.has(name)) text += '\n';
      },
    },
    { decodeEntities: true },
  );
  parser.write(cut(html, most.html));
  if (depth <= mostDepth) parser.end();
  return pickDefined({ text: cutWords(tidyLines(text), most.words), image });
}

const mostDepth = 200;

// In a title a `<` is more often a sign than a tag.
const titleTag =
  /<(?!\/?(?:a|b|i|u|s|em|strong|code|span|sub|sup|br|small|cite|mark|p|div|img)\b)/gi;

export const titleToText = (html: string): string =>
  tidy(htmlToText(cut(html, most.title).replaceAll(titleTag, '&lt;')).text);

/**
 * As much of the text as `isGood` allows: whole sentences if they are most of it, else whole words
 * and an ellipsis. Empty: nothing fits.
 */
export function shorten(whole: string, isGood: (text: string) => boolean): string {
  if (isGood(whole)) return whole;
  const text = cut(whole, mostToShorten);
  const upTo = (at: number) => `${trimEnd(text.slice(0, at))}…`;
  const gaps = [...text.matchAll(/\s+/g)].map(({ index }) => index);
  const words = longest(gaps, upTo, isGood);
  const sentence = longest(sentenceEnds(text), (at) => text.slice(0, at), isGood);
  if (sentence.length > 0.6 * words.length) return sentence;
  if (words !== '') return words;
  const graphemes = [
    ...new Intl.Segmenter('en', { granularity: 'grapheme' }).segment(cut(text, 2000)),
  ].map(({ index }) => index);
  return longest(graphemes.slice(1), (at) => `${text.slice(0, at)}…`, isGood);
}

/** Nothing that is published from a feed is longer. */
const mostToShorten = 3000;

function trimEnd(text: string): string {
  let end = text.length;
  while (end > 0 && /[\s,;:–—-]/u.test(text[end - 1] ?? '')) end--;
  return text.slice(0, end);
}

function sentenceEnds(text: string): number[] {
  const segments = new Intl.Segmenter('en', { granularity: 'sentence' }).segment(text);
  return [...segments].flatMap(({ index, segment }) => {
    const sentence = segment.trimEnd();
    const isWhole = /[.!?…。！？]["'”’)]?$/u.test(sentence.slice(-3));
    return isWhole && index + segment.length < text.length ? [index + sentence.length] : [];
  });
}

/**
 * The longest that is good of the texts that end at these places, in rising order, where a longer
 * one is good only if the shorter ones are.
 */
function longest(
  places: number[],
  textTo: (at: number) => string,
  isGood: (text: string) => boolean,
): string {
  let [low, high] = [0, places.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isGood(textTo(places[middle] ?? 0))) low = middle + 1;
    else high = middle;
  }
  return low === 0 ? '' : textTo(places[low - 1] ?? 0);
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
  const fitting = toHarmless(words, template);
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

/** Cut, and without what an item writes to a person or to a network. */
function toHarmless(words: ItemWords, template: string): ItemWords {
  const { title, summary, author } = words;
  const isOverdone = hasTooManyCashtags(`${template} ${title} ${summary} ${author}`);
  const calm = (text: string, max: number) => {
    const quiet = withoutMentions(cutWords(text, max).replaceAll(guard, ''));
    return isOverdone ? withoutCashtags(quiet) : quiet;
  };
  return {
    ...words,
    title: calm(title, most.words),
    summary: calm(summary, most.words),
    author: calm(author, most.name),
  };
}

// Stands in a value for each brace until the template is filled.
const guard = '\uE000';
const braces = new RegExp(`(?<!\\\\)\\\\*${guard}+`, 'g');

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
        return name.endsWith('link') ? whole : words[name as 'title'].replaceAll('{', guard);
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

/** A lone brace stays one; more of them, or a backslash before them, could mean something. */
function shield(filled: string): FilledTemplate {
  const names = new Map<string, string>();
  const text = filled.replaceAll(braces, (run: string, at: number) => {
    const literal = run.replaceAll(guard, '{');
    const isLone = filled[at - 1] !== '{' && filled[at + run.length] !== '{';
    if (literal === '{' && isLone) return literal;
    if (!names.has(literal)) names.set(literal, `braces${names.size || ''}`);
    return `{{params.${names.get(literal)}}}`;
  });
  return { text, params: Object.fromEntries([...names].map(([one, name]) => [name, one])) };
}
