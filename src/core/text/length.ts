import type { TextLimits } from '../network/limits.ts';
import { findWebLinks } from './links.ts';
import { countHints, findStretches, type Stretch } from './weighted-links.ts';

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });
const encoder = new TextEncoder();

/**
 * In code units: what is longer is too long on any count, since nobody has so many addresses in a
 * post, and is not looked at.
 */
const mostMeasured = ({ max }: TextLimits) => Math.max(20_000, 10 * max);

/**
 * The length of the text as the network counts it, in the unit of its limits; the larger one where
 * its rules are not clear.
 */
export function measureText(text: string, limits: TextLimits): number {
  if (text.length > mostMeasured(limits)) return text.length;
  if (limits.unit === 'weighted') return weigh(text.normalize('NFC'), limits.urlLength ?? 23);
  const counted = limits.shortensMentions ? shortenMentions(text) : text;
  const count = limits.unit === 'codepoint' ? countCodePoints : countGraphemes;
  if (limits.urlLength === undefined) return count(counted);
  let length = 0;
  eachStretch(counted, findWebLinks(counted), (stretch, link) => {
    length += link ? (limits.urlLength ?? 0) : count(stretch);
  });
  return length;
}

export interface Fit {
  length: number;
  max: number;
  ok: boolean;
  /** UTF-8 bytes, where the network limits them too. */
  bytes?: number;
}

export function fits(text: string, limits: TextLimits): Fit {
  const length = measureText(text, limits);
  if (limits.maxBytes === undefined) return { length, max: limits.max, ok: length <= limits.max };
  const bytes = encoder.encode(text).length;
  return { length, max: limits.max, ok: length <= limits.max && bytes <= limits.maxBytes, bytes };
}

function countCodePoints(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

// oxlint-disable-next-line no-control-regex -- all of ASCII but the one sign that joins another
const lettersAlone = /^[\0-\x0C\x0E-\x7F]*$/;

function countGraphemes(text: string): number {
  // Cutting a text takes thousands of looks, and the segmenter is slow.
  if (lettersAlone.test(text)) return text.length;
  let count = 0;
  for (const _ of segmenter.segment(text)) count += 1;
  return count;
}

/** Mastodon counts `@user@host` as `@user`. */
function shortenMentions(text: string): string {
  return text.replace(
    /(?<![\p{L}\p{N}_/])(@[a-z0-9_]+(?:[a-z0-9_.-]*[a-z0-9_])?)@[\p{L}\p{N}.-]*[\p{L}\p{N}]/giu,
    '$1',
  );
}

interface Span {
  start: number;
  end: number;
}

/** Calls with what stands between the spans, and with each of them. */
function eachStretch<T extends Span>(
  text: string,
  spans: T[],
  use: (stretch: string, span?: T) => void,
): void {
  let from = 0;
  for (const span of spans) {
    if (span.start > from) use(text.slice(from, span.start));
    use(text.slice(span.start, span.end), span);
    from = span.end;
  }
  if (from < text.length) use(text.slice(from));
}

/** The shortest link, such as `t.co`. */
const shortestLink = 4;

/**
 * X's weights (configuration v3 of twitter-text): most of the world's alphabets 1, everything else
 * 2, an emoji 2, a link 23. Where it is not clear what X makes a link of, the most that it may be.
 */
function weigh(text: string, urlLength: number): number {
  let weight = 0;
  eachStretch(text, findStretches(text), (stretch, span) => {
    if (!span) weight += weighPlain(stretch);
    else if (span.isDoubtful)
      weight += weighPlain(stretch) + countHints(stretch) * (urlLength - shortestLink);
    else weight += weighLinks(text, span, urlLength);
  });
  return weight;
}

function weighLinks(text: string, span: Stretch, urlLength: number): number {
  let weight = 0;
  const own = text.slice(span.start, span.end);
  eachStretch(own, span.links.map(shift(-span.start)), (stretch, link) => {
    weight += link ? urlLength : weighPlain(stretch);
  });
  return weight;
}

const shift =
  (by: number) =>
  ({ start, end }: Span): Span => ({ start: start + by, end: end + by });

/** Each emoji of several characters has one of them; without it, characters count one by one. */
const joiners = /\u200D|\uFE0F|\u20E3|\p{RI}|\p{Emoji_Modifier}|[\u{E0020}-\u{E007F}]/u;

function weighPlain(text: string): number {
  if (!joiners.test(text)) return weighCharacters(text);
  let weight = 0;
  for (const { segment } of segmenter.segment(text))
    weight += isKnownEmoji(segment) ? 2 : weighCharacters(segment);
  return weight;
}

function weighCharacters(text: string): number {
  let weight = 0;
  for (const character of text) weight += isLight(character.codePointAt(0) ?? 0) ? 1 : 2;
  return weight;
}

function isLight(code: number): boolean {
  return (
    code <= 0x10ff ||
    (code >= 0x2000 && code <= 0x200d) ||
    (code >= 0x2010 && code <= 0x201f) ||
    (code >= 0x2032 && code <= 0x2037)
  );
}

// X's emoji table ends with Emoji 11: later ones count piece by piece, there and here.
const later = [
  String.raw`\u{1F90C}\u{1F90F}\u{1F977}\u{1F9BB}\u{1F9CD}-\u{1F9CF}\u{1FA70}-\u{1FAFF}`,
  String.raw`\u{1F46A}-\u{1F46D}\u{1F91D}\u{1F48F}\u{1F491}\u{1F46F}\u{1F93C}`,
].join('');
const tone = String.raw`[\u{1F3FB}-\u{1F3FF}]`;
const adult = String.raw`[\u{1F468}\u{1F469}]`;
const child = String.raw`[\u{1F466}\u{1F467}]`;
const people = [
  String.raw`\u{1F3C3}\u{1F3C4}\u{1F3CA}\u{1F46E}\u{1F471}\u{1F473}\u{1F477}\u{1F481}\u{1F482}`,
  String.raw`\u{1F486}\u{1F487}\u{1F645}-\u{1F647}\u{1F64B}\u{1F64D}\u{1F64E}\u{1F6A3}`,
  String.raw`\u{1F6B4}-\u{1F6B6}\u{1F926}\u{1F937}-\u{1F939}\u{1F93D}\u{1F93E}\u{1F9B8}\u{1F9B9}`,
  String.raw`\u{1F9D6}-\u{1F9DD}`,
].join('');
const tools = [
  String.raw`\u{1F33E}\u{1F373}\u{1F393}\u{1F3A4}\u{1F3A8}\u{1F3EB}\u{1F3ED}\u{1F4BB}\u{1F4BC}`,
  String.raw`\u{1F527}\u{1F52C}\u{1F680}\u{1F692}\u{1F9B0}-\u{1F9B3}`,
].join('');
const trade = String.raw`(?:[\u2695\u2696\u2708]\uFE0F|[${tools}])`;
const sporty = String.raw`[\u26F9\u{1F575}\u{1F3CB}\u{1F3CC}](?:\uFE0F|${tone})`;
const gendered = String.raw`[${people}]${tone}?|[\u{1F46F}\u{1F93C}\u{1F9DE}\u{1F9DF}]|${sporty}`;
const knownEmoji = [
  String.raw`[\p{Emoji}--\p{Emoji_Presentation}--[0-9#*\u267E\u26A7]]\uFE0F`,
  String.raw`[0-9#*]\uFE0F?\u20E3`,
  String.raw`(?!\u{1F1E8}\u{1F1F6})\p{RGI_Emoji_Flag_Sequence}`,
  String.raw`\p{RGI_Emoji_Tag_Sequence}`,
  String.raw`[\p{Emoji_Modifier_Base}--[${later}]]${tone}`,
  String.raw`${adult}${tone}?\u200D${trade}`,
  String.raw`(?:${gendered})\u200D[\u2640\u2642]\uFE0F`,
  String.raw`${adult}\u200D\u2764\uFE0F\u200D(?:\u{1F48B}\u200D)?${adult}`,
  String.raw`${adult}(?:\u200D${adult})?\u200D${child}(?:\u200D${child})?`,
  String.raw`\u{1F441}\uFE0F\u200D\u{1F5E8}\uFE0F`,
  String.raw`\u{1F3F3}\uFE0F\u200D\u{1F308}|\u{1F3F4}\u200D\u2620\uFE0F`,
];
const knownEmojiExpression = new RegExp(`^(?:${knownEmoji.join('|')})$`, 'v');

function isKnownEmoji(grapheme: string): boolean {
  // A lone sign of Latin-1 (the copyright sign) is a letter to X, not an emoji.
  return grapheme.length > 1 && grapheme.length < 40 && knownEmojiExpression.test(grapheme);
}
