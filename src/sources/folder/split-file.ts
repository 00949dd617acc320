import { errorAt, type Problem } from '../../core/problem.ts';

export interface SplitFile {
  /** Front matter without its fences; absent: the file has none. */
  front?: string;
  /** The file's line on which the front matter begins, from 1. */
  frontLine: number;
  body: string;
  /** The file's line on which the body begins, from 1. */
  bodyLine: number;
}

/** RTF, a web page, PDF, a property list. */
const isOtherFile = /^\s*(?:\{\\rtf\d|<!doctype\b|<html[\s>]|<\?xml\b|%PDF-\d|bplist\d)/i;
const isBlank = (line: string) => line.trim() === '';
const isOpening = (line: string) => /^---\s*$/.test(line);
/** What people and editors write for a fence. */
const isFenceLike = (line: string) => /^\s*(?:-{2,}|\+\+\+|[\u2013\u2014]+-*)\s*$/.test(line);
const isClosing = (line: string) => /^(?:---|\.\.\.)\s*$/.test(line);

/**
 * Front matter stands between a first line `---` and the next `---` or `...`; a byte order mark and
 * blank lines before it are fine. What only looks like front matter is an error: a draft must not
 * be published because of a blank or a comment above it.
 */
export function splitFile(text: string, file: string): SplitFile | Problem {
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/);
  const first = lines.findIndex((line) => !isBlank(line));
  if (text.includes('\0') || isOtherFile.test(lines[first] ?? ''))
    return errorAt(
      `${file}:${Math.max(first, 0) + 1}:1`,
      'is the file of another program, and no Markdown',
      'save it as plain text, in UTF-8',
    );
  if (first < 0) return { body: '', frontLine: 1, bodyLine: 1 };
  if (!isOpening(lines[first] ?? ''))
    return findMisplaced(text, file) ?? { body: lines.join('\n'), frontLine: 1, bodyLine: 1 };
  const end = lines.findIndex((line, i) => i > first && isClosing(line));
  if (end < 0)
    return errorAt(
      `${file}:${first + 1}:1`,
      'the front matter is not closed',
      'end it with a line of ---',
    );
  return {
    front: lines.slice(first + 1, end).join('\n'),
    frontLine: first + 2,
    body: lines.slice(end + 1).join('\n'),
    bodyLine: end + 2,
  };
}

/** Keys that people write above a post, here and in the tools that they come from. */
const knownKeys = new Set(
  `id title draft published networks campaign queue date timezone notBefore expires weight approval
  hashtags tags link card media lang cw thread after followUps evergreen params categories slug
  layout description author aliases`.split(/\s+/),
);

const keyOf = (line: string) => /^\s*"?([A-Za-z][\w-]*)"?\s*[:=](?:\s|$|")/.exec(line)?.[1];
const isKnown = (line: string) => knownKeys.has(keyOf(line) ?? '');

/** Lines of `key: value` and of lists and blocks below a key, a known key among them. */
function isFrontBlock(lines: readonly string[]): boolean {
  const written = lines.filter((line) => !isBlank(line) && !/^\s*#/.test(line));
  const isYaml = (line: string) => keyOf(line) !== undefined || /^\s+\S|^\s*[-}\]]/.test(line);
  return written.some(isKnown) && written.every(isYaml);
}

interface Misplaced {
  line: number;
  what: string;
  hint: string;
}

const moveUp = {
  what: 'the front matter has to begin on the first line',
  hint: 'put a line of --- above it, with nothing before it',
};

/** What some editors show as the end of a line. */
const breaks = /\r\n|[\n\r\v\f\u0085\u2028\u2029]/u;
/** What nobody sees, and what quotes or escapes a line. */
const bare = (line: string) =>
  line.replaceAll(/\p{Cf}/gu, '').replace(/^(?:(?:\s*>)+ ?|\s*\\(?=\S))/, '');

function findMisplaced(text: string, file: string): Problem | undefined {
  const raw = text.split(breaks);
  const first = raw.findIndex((line) => !isBlank(line));
  const inCode = findCode(raw, first);
  const lines = raw.map((line, i) => (inCode.has(i) || line.length > 1000 ? '.' : bare(line)));
  const found =
    first < 0
      ? undefined
      : (findOtherFormat(lines, first) ?? findDressed(lines, first) ?? findBelow(lines, first));
  return found && errorAt(`${file}:${found.line + 1}:1`, found.what, found.hint);
}

/** The lines of code, which only shows front matter. Code that begins the file is looked at. */
function findCode(lines: readonly string[], first: number): Set<number> {
  const inCode = new Set<number>();
  let opened: number | undefined;
  for (const [i, line] of lines.entries()) {
    if (/^\s{0,3}(?:`{3}|~{3})/.test(line)) opened = opened === undefined ? i : undefined;
    else if (opened !== undefined && opened !== first) inCode.add(i);
  }
  return inCode;
}

/** Front matter between rules or code fences at the very beginning. */
function findDressed(lines: readonly string[], first: number): Misplaced | undefined {
  const isRule = (line: string) => /^(?:[*_=~−―‒-]{3,}|`{3,}\w*)\s*$/u.test(line);
  if (!isRule(lines[first] ?? '')) return undefined;
  const end = lines.findIndex((line, i) => i > first && isRule(line));
  if (end < 0 || !isFrontBlock(lines.slice(first + 1, end))) return undefined;
  return { line: first, ...moveUp };
}

/** TOML, JSON, and a fence that is not one. */
function findOtherFormat(lines: readonly string[], first: number): Misplaced | undefined {
  const head = lines[first] ?? '';
  const next = lines.slice(first + 1).find((line) => !isBlank(line)) ?? '';
  const hint = 'write it as YAML between two lines of ---';
  if (/^\s*\+\+\+\s*$/.test(head))
    return { line: first, what: 'front matter in TOML is not supported', hint };
  if (
    /^\s*\{\s*("|$)/.test(head) &&
    (/^\s*\{\s*"[\w-]+"\s*:/.test(head) || /^\s*"[\w-]+"\s*:/.test(next))
  )
    return { line: first, what: 'front matter in JSON is not supported', hint };
  return isFenceLike(head) && keyOf(next) !== undefined ? { line: first, ...moveUp } : undefined;
}

/** Front matter below a comment or a text, or without the line that opens it. */
function findBelow(lines: readonly string[], first: number): Misplaced | undefined {
  const fence = lines.findIndex((line, i) => i > first && isFenceLike(line));
  if (fence < 0) return undefined;
  if (isFrontBlock(lines.slice(first, fence))) return { line: first, ...moveUp };
  const end = lines.findIndex((line, i) => i > fence && (isFenceLike(line) || isClosing(line)));
  const block = lines.slice(fence + 1, end < 0 ? undefined : end);
  return isFrontBlock(block) ? { line: fence, ...moveUp } : undefined;
}
