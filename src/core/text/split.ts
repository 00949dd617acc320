import { fits } from './length.ts';
import type { TextLimits } from '../network/limits.ts';
import { findWeightedLinks } from './weighted-links.ts';

/** Nobody reads more; what follows stays one part, which does not fit. */
const mostParts = 100;

/**
 * The parts of a thread, each within the limits, cut after a paragraph, else a sentence, a word, a
 * grapheme. A link is never cut; one that is too long is a part of its own that does not fit.
 */
export function splitText(text: string, limits: TextLimits): string[] {
  const parts: string[] = [];
  let rest = text.trim();
  while (rest !== '' && parts.length < mostParts) {
    const near = firstStretch(rest, limits);
    if (near === undefined && fits(rest, limits).ok) break;
    const end = near === undefined ? findCut(rest, limits) : cutWithin(near, limits);
    if (end >= rest.length) break;
    parts.push(rest.slice(0, end).trimEnd());
    rest = rest.slice(end).trimStart();
  }
  if (rest !== '') parts.push(rest);
  return parts;
}

/** In code units: what a part may hold at most, with long addresses in it. */
const windowFor = ({ max }: TextLimits) => Math.max(4000, 8 * max);
/** In code units: what is looked at first, since most parts end in it. */
const firstWindowFor = ({ max }: TextLimits) => 2 * max + 100;

/** Looks no further than a part may reach, so that the work is linear. */
function findCut(whole: string, limits: TextLimits): number {
  const window = windowFor(limits);
  const end = whole.length > window ? whole.lastIndexOf(' ', window) : whole.length;
  const text = whole.slice(0, end > 0 ? end : window);
  const cut = cutWithin(text, limits);
  return cut < text.length || text === whole ? cut : whole.length;
}

/** The beginning of the text, up to a blank, so that its links are whole, if no part is longer. */
function firstStretch(whole: string, limits: TextLimits): string | undefined {
  const { max, maxBytes = Infinity } = limits;
  const from = firstWindowFor(limits);
  const blank = /\s/.exec(whole.slice(from, windowFor(limits)));
  if (!blank) return undefined;
  const text = whole.slice(0, from + blank.index);
  const { length, bytes = 0 } = fits(text, limits);
  return length > 2 * max || bytes > 2 * maxBytes ? text : undefined;
}

function cutWithin(text: string, limits: TextLimits): number {
  const isInside = insideLink(text);
  const levels = [paragraphs, sentences, words, graphemes];
  let longest = 0;
  for (const [level, list] of levels.entries()) {
    const cut = lastFitting(
      text,
      list(text).filter((at) => !isInside(at)),
      limits,
    );
    // A cut after a paragraph or a sentence must not leave the part nearly empty.
    if (
      cut > 0 &&
      (level >= 2 || fits(text.slice(0, cut).trimEnd(), limits).length >= limits.max / 3)
    )
      return cut;
    longest = Math.max(longest, cut);
  }
  if (longest > 0) return longest;
  // Nothing fits, not even one link or one grapheme.
  return graphemes(text).find((at) => at > 0 && !isInside(at)) ?? text.length;
}

/** How many places behind one that does not fit are tried. */
const triedBehind = 50;

/** The last of these places, in rising order, up to which the text fits. */
function lastFitting(text: string, places: number[], limits: TextLimits): number {
  const inside = places.filter((at) => at > 0 && at < text.length);
  const fitsTo = (at: number | undefined) => fits(text.slice(0, at).trimEnd(), limits).ok;
  // Short texts are measured quickly, and few parts are longer than this.
  const far = inside.findIndex((at) => at >= firstWindowFor(limits));
  let [low, high] = [0, far < 0 || fitsTo(inside[far]) ? inside.length : far];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (fitsTo(inside[middle])) low = middle + 1;
    else high = middle;
  }
  let best = inside[low - 1] ?? 0;
  const behind = inside.slice(low, low + triedBehind);
  if (!mayCountLess(text.slice(best, behind.at(-1)), limits)) return best;
  for (const at of behind) {
    const fit = fits(text.slice(0, at).trimEnd(), limits);
    if (fit.ok) best = at;
    // A text may count less once a link in it is complete, so try a little longer.
    else if (fit.length > limits.max * 1.5 + 50) break;
  }
  return best;
}

/** Only a link or a mention that is complete makes a text count less. */
const mayCountLess = (text: string, { urlLength, shortensMentions = false }: TextLimits) =>
  (urlLength !== undefined && text.includes('.')) || (shortensMentions && text.includes('@'));

function insideLink(text: string): (at: number) => boolean {
  const inside = new Uint8Array(text.length + 1);
  const found = [...text.matchAll(/https?:\/\/\S+/gi)].map(({ 0: url, index: start }) => ({
    start,
    end: start + url.length,
  }));
  for (const { start, end } of [...findWeightedLinks(text), ...found])
    inside.fill(1, start + 1, end);
  return (at) => inside[at] === 1;
}

const paragraphs = (text: string) =>
  [...text.matchAll(/\n[^\S\n]*\n\s*/g)].map((match) => match.index + match[0].length);
const words = (text: string) =>
  [...text.matchAll(/\s+/g)].map((match) => match.index + match[0].length);

function sentences(text: string): number[] {
  const ends = [...new Intl.Segmenter('en', { granularity: 'sentence' }).segment(text)].map(
    ({ index }) => index,
  );
  const lines = [...text.matchAll(/\n+/g)].map((match) => match.index + match[0].length);
  return [...ends, ...lines].sort((a, b) => a - b);
}

function graphemes(text: string): number[] {
  return [...new Intl.Segmenter('en', { granularity: 'grapheme' }).segment(text)].map(
    ({ index }) => index,
  );
}
