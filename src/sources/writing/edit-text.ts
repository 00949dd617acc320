import { Refusal } from '../../core/problem.ts';
import { readYamlKeys, setYamlKeys } from '../../io/splicing/yaml-keys.ts';
import { splitFile } from '../folder/split-file.ts';
import { aliasesOf } from '../folder/front-matter.ts';

export interface TextEdit {
  /** Values of front matter by key; undefined: the key goes. */
  set?: Record<string, unknown>;
  /** The text below, without the blank lines around it. */
  body?: string;
}

/** A file's text in pieces that give it again when they are put together. */
export interface TextPieces {
  /** Byte order mark, blank lines and the opening fence, with its line break; empty: no fences. */
  opening: string;
  front: string;
  /** The closing fence and the blank lines behind it. */
  closing: string;
  body: string;
  /** The white space at the end. */
  end: string;
}

/**
 * The text with the changes. Whatever is not changed keeps its bytes: comments, order, quotes,
 * indentation, line ends, byte order mark, keys that we do not know. Throws a Refusal where that
 * cannot be promised.
 */
export function editText(text: string, { set = {}, body }: TextEdit, file: string): string {
  const pieces = splitText(text, file);
  const eol = /\r\n|\n|\r/.exec(text)?.[0] ?? '\n';
  const front = editFront(pieces.front, set, file);
  const isFence = /^\s*---/.test(body ?? '');
  const isNew = pieces.opening === '' && (front !== '' || isFence);
  const mark = text.startsWith('\uFEFF') ? '\uFEFF' : '';
  const changed = {
    opening: isNew ? `${mark}---${eol}` : pieces.opening,
    front: front === pieces.front ? front : withEnds(front, pieces.front, eol),
    closing: isNew ? `---${eol}${eol}` : pieces.closing,
    body: body === undefined ? pieces.body : withEnds(body, pieces.body, eol),
    end: pieces.end || (pieces.body === '' && body ? eol : ''),
  };
  if (isNew && mark && changed.body.startsWith(mark)) changed.body = changed.body.slice(1);
  const result = joinText(changed);
  const after = splitText(result, file);
  const isSame = toLf(after.body).trim() === toLf(body ?? pieces.body).trim();
  if (!isSame || toLf(after.front) !== toLf(changed.front)) throw tooTangled(file);
  return result;
}

export const toLf = (text: string) => text.replaceAll(/\r\n|\r/g, '\n');

const joinText = ({ opening, front, closing, body, end }: TextPieces) =>
  opening + front + closing + body + end;

/** Throws a Refusal where the front matter is not what the parser of posts would take for it. */
export function splitText(text: string, file: string): TextPieces {
  const split = splitFile(text, file);
  if ('what' in split) throw new Refusal(`${split.where} ${split.what}: ${split.hint ?? ''}`);
  if (split.front === undefined) return { opening: '', front: '', closing: '', ...trim(text) };
  const starts = lineStarts(text);
  const frontAt = starts[split.frontLine - 1] ?? text.length;
  const bodyAt = starts[split.bodyLine - 1] ?? text.length;
  const closingAt = starts[split.bodyLine - 2] ?? text.length;
  const { body, end } = trim(text.slice(bodyAt));
  const closing = text.slice(closingAt, text.length - body.length - end.length);
  return {
    opening: text.slice(0, frontAt),
    front: text.slice(frontAt, closingAt),
    closing,
    body,
    end,
  };
}

/** Without blank lines at the beginning, which then belong to the fence, and white space behind. */
function trim(text: string): { body: string; end: string } {
  const body = text.trimEnd();
  const lead = /^(?:[ \t]*(?:\r\n|\n|\r))*/.exec(body)?.[0].length ?? 0;
  return { body: body.slice(lead), end: text.slice(body.length) };
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (const { index, 0: end } of text.matchAll(/\r\n|\n|\r/g)) starts.push(index + end.length);
  return starts;
}

/** New text with line breaks of \n takes the breaks of the file; lines that stay keep their own. */
function withEnds(text: string, before: string, eol: string): string {
  const lines = toLf(text).split('\n');
  const old = before.split(/(?<=\r\n|\n|\r(?!\n))/);
  const bare = old.map((line) => line.replace(/[\r\n]+$/, ''));
  let first = 0;
  while (first < lines.length && first < bare.length && lines[first] === bare[first]) first++;
  let last = 0;
  const most = Math.min(lines.length, bare.length) - first;
  while (last < most && lines.at(-1 - last) === bare.at(-1 - last)) last++;
  const endOf = (i: number) => {
    const from = i < first ? i : old.length - (lines.length - i);
    const isKept = i < first || i >= lines.length - last;
    return (isKept && /[\r\n]+$/.exec(old[from] ?? '')?.[0]) || eol;
  };
  return lines.map((line, i) => (i < lines.length - 1 ? line + endOf(i) : line)).join('');
}

/** All of it anew. Lines that stay keep their ends. */
export function rewriteText(text: string, typed: string): string {
  const mark = text.startsWith('\uFEFF') ? '\uFEFF' : '';
  const eol = /\r\n|\n|\r/.exec(text)?.[0] ?? '\n';
  return mark + withEnds(typed.replace(/^\uFEFF/, ''), text.slice(mark.length), eol);
}

function editFront(front: string, set: Record<string, unknown>, file: string): string {
  const keys = readKeys(front, file);
  const changes = Object.entries(set).map(([key, value]) => {
    const names = [key, ...aliasesOf(key)];
    return { key: names.find((name) => keys.has(name)) ?? key, value };
  });
  if (!changes.length) return front;
  const changed = setYamlKeys(toLf(front), changes);
  if (changed === undefined) throw tooTangled(file);
  return changed === toLf(front) ? front : changed;
}

/** What the front matter has at its first level. Throws a Refusal. */
export function readKeys(front: string, file: string): Map<string, unknown> {
  const read = readYamlKeys(toLf(front));
  if (read.kind === 'keys') return read.keys;
  const what = read.kind === 'broken' ? 'is not valid YAML' : 'is not a list of keys';
  throw new Refusal(`The front matter of ${file} ${what}: correct it as text first`);
}

const tooTangled = (file: string) =>
  new Refusal(
    `${file} is written in a way in which the form would change more than was asked for: ` +
      'edit it as text',
  );
