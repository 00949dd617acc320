import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  parseDocument,
  Scalar,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import { keyOf, matches, rangeOf } from './yaml-nodes.ts';
import { writeBlock, writeFlow, writeInline, writeScalar } from './write-values.ts';

/** Bytes of a text to be replaced: from, to (exclusive), and what comes there. */
export interface Splice {
  from: number;
  to: number;
  text: string;
}

/** A value to be written below a key of the first level; undefined: the key goes. */
export interface Change {
  key: string;
  value: unknown;
}

interface Source {
  text: string;
  document: Document;
}

export const parseFront = (text: string): Document.Parsed =>
  parseDocument(text, { schema: 'core', logLevel: 'silent' });

/**
 * What turns `text`, a block map of YAML or nothing, into one with the changes. Everything that
 * stays the same keeps its bytes: comments, order, quotes, indentation.
 */
export function spliceChanges(text: string, changes: readonly Change[]): Splice[] {
  const source: Source = { text, document: parseFront(text) };
  const root: unknown = source.document.contents;
  const map = isMap(root) ? root : undefined;
  return changes.flatMap(({ key, value }): Splice[] => {
    const pair = map?.items.find((one) => keyOf(one) === key);
    if (pair && value === undefined) return [removePair(source, map as YAMLMap, pair)];
    if (pair) return splicePair(source, pair, { value, column: 0, isFlow: map?.flow === true });
    return value === undefined ? [] : [addPair(source, map, { key, value })];
  });
}

export function applySplices(text: string, splices: readonly Splice[]): string {
  // From the end; of those at one place the last first, so that they stand in their order.
  const ordered = splices.toReversed().sort((a, b) => b.from - a.from);
  return ordered.reduce((all, one) => all.slice(0, one.from) + one.text + all.slice(one.to), text);
}

interface Wanted {
  value: unknown;
  /** The column of the pair's key. */
  column: number;
  isFlow: boolean;
}

function splicePair(source: Source, pair: Pair, wanted: Wanted): Splice[] {
  const node = pair.value as Node | null;
  if (node && matches(node, wanted.value)) return [];
  const [keyFrom, keyTo] = rangeOf(pair.key as Node);
  // `key:` with nothing behind it.
  const isEmpty = !node || (isScalar(node) && node.source === '' && node.type === 'PLAIN');
  if (isEmpty) {
    const colon = source.text.indexOf(':', keyTo) + 1;
    return [{ from: colon, to: colon, text: ` ${writeInline(wanted.value, wanted)}` }];
  }
  const inner = spliceNode(source, node, { ...wanted, column: columnOf(source.text, keyFrom) });
  return inner ?? [replaceNode(source, { keyTo, node }, wanted)];
}

/** Inside the node; undefined: it has to be replaced as a whole. */
function spliceNode(source: Source, node: Node, wanted: Wanted): Splice[] | undefined {
  const { value } = wanted;
  if (matches(node, value)) return [];
  if (isAlias(node)) return undefined;
  if (isScalar(node) && isPlainValue(value)) return spliceScalar(source, node, wanted);
  if (isMap(node) && isRecord(value)) return spliceMap(source, node, value);
  if (isSeq(node) && Array.isArray(value)) return spliceSeq(source, node, value);
  return undefined;
}

function spliceScalar(source: Source, node: Scalar, wanted: Wanted): Splice[] | undefined {
  const [from, to] = rangeOf(node);
  const isBlock = node.type === 'BLOCK_LITERAL' || node.type === 'BLOCK_FOLDED';
  if (isBlock || source.text.slice(from, to).includes('\n')) return undefined;
  const style = node.type === 'PLAIN' ? undefined : node.type;
  const text = (wanted.isFlow ? writeFlow : writeScalar)(wanted.value, style);
  return text.includes('\n') ? undefined : [{ from, to, text }];
}

function spliceMap(
  source: Source,
  map: YAMLMap,
  value: Record<string, unknown>,
): Splice[] | undefined {
  if (!map.items.length) return undefined;
  const splices: Splice[] = [];
  const column = columnOf(source.text, rangeOf(map.items[0]?.key as Node)[0]);
  const kept = map.items.filter((pair) => value[keyOf(pair) ?? ''] !== undefined);
  if (!kept.length) return undefined;
  for (const pair of map.items) {
    const next = value[keyOf(pair) ?? ''];
    if (next === undefined) splices.push(removePair(source, map, pair));
    else splices.push(...splicePair(source, pair, { value: next, column, isFlow: !!map.flow }));
  }
  const known = new Set(map.items.map(keyOf));
  const added = Object.entries(value).filter(([key, one]) => one !== undefined && !known.has(key));
  for (const [key, one] of added) splices.push(addPair(source, map, { key, value: one }));
  return splices;
}

/** Items that stay at the beginning and at the end keep their bytes. */
function spliceSeq(source: Source, seq: YAMLSeq, value: unknown[]): Splice[] | undefined {
  const items = seq.items as Node[];
  if (!items.length || !value.length) return undefined;
  let first = 0;
  while (first < items.length && first < value.length && isMatch(items[first], value[first]))
    first++;
  let last = 0;
  const most = Math.min(items.length, value.length) - first;
  while (last < most && isMatch(items.at(-1 - last), value.at(-1 - last))) last++;
  const before = items.slice(first, items.length - last);
  const after = value.slice(first, value.length - last);
  const splices: Splice[] = [];
  for (const [i, node] of before.entries()) {
    if (i >= after.length) {
      splices.push(removeItem(source, seq, first + i));
      continue;
    }
    const column = itemColumn(source.text, seq);
    const inner = spliceNode(source, node, { value: after[i], column, isFlow: !!seq.flow });
    if (!inner) return undefined;
    splices.push(...inner);
  }
  const rest = after.slice(before.length);
  if (rest.length) splices.push(addItems(source, seq, { after: first + before.length - 1, rest }));
  return splices;
}

const isMatch = (node: Node | undefined, value: unknown) =>
  node !== undefined && matches(node, value);

function replaceNode(
  { text }: Source,
  { keyTo, node }: { keyTo: number; node: Node },
  { value, column, isFlow }: Wanted,
): Splice {
  const colon = text.indexOf(':', keyTo) + 1;
  const to = endOf(text, node);
  const isBelow = text.slice(colon, rangeOf(node)[0]).includes('\n');
  const isMultiline = isBelow || text.slice(colon, to).includes('\n');
  const put = isFlow ? ` ${writeFlow(value)}` : writeBlock(value, column);
  // Behind a value of several lines there is no comment that could be kept.
  const from = isMultiline || put.startsWith('\n') ? colon : rangeOf(node)[0];
  return { from, to, text: from === colon ? put : put.trimStart() };
}

function addPair(
  { text }: Source,
  map: YAMLMap | undefined,
  { key, value }: { key: string; value: unknown },
): Splice {
  const last = map?.items.at(-1);
  if (map?.flow && last) {
    const at = endOf(text, (last.value ?? last.key) as Node);
    return {
      from: at,
      to: at,
      text: `, ${writeFlow({ [key]: value }).replace(/^\{\s*|\s*\}$/g, '')}`,
    };
  }
  const column = last ? columnOf(text, rangeOf(last.key as Node)[0]) : 0;
  const line = `${writeScalar(key)}:${writeBlock(value, column)}`;
  const isTop = !last || column === 0;
  if (isTop) {
    const start = text === '' || text.endsWith('\n') ? '' : '\n';
    return { from: text.length, to: text.length, text: `${start}${line}\n` };
  }
  const at = lineEnd(text, endOf(text, (last.value ?? last.key) as Node));
  return { from: at, to: at, text: `\n${' '.repeat(column)}${line}` };
}

/** With its line and the comment on it; comments above stay. */
function removePair({ text }: Source, map: YAMLMap, pair: Pair): Splice {
  const [from] = rangeOf(pair.key as Node);
  const to = endOf(text, (pair.value ?? pair.key) as Node);
  const at = map.items.indexOf(pair);
  if (map.flow) return removeFlow({ at, from, to, items: map.items.map(spanOf(text)) });
  const isFirst = text.slice(lineStart(text, from), from).trim() !== '';
  const next = map.items[at + 1];
  // The first key of an item stands behind its dash: the next one moves up to it.
  if (isFirst && next) return { from, to: rangeOf(next.key as Node)[0], text: '' };
  const end = lineEnd(text, to);
  return { from: lineStart(text, from), to: Math.min(end + 1, text.length), text: '' };
}

const spanOf = (text: string) => (pair: Pair) => ({
  from: rangeOf(pair.key as Node)[0],
  to: endOf(text, (pair.value ?? pair.key) as Node),
});

interface FlowItems {
  at: number;
  from: number;
  to: number;
  items: { from: number; to: number }[];
}

function removeFlow({ at, from, to, items }: FlowItems): Splice {
  const next = items[at + 1];
  if (next) return { from, to: next.from, text: '' };
  return { from: items[at - 1]?.to ?? from, to, text: '' };
}

function removeItem({ text }: Source, seq: YAMLSeq, at: number): Splice {
  const items = (seq.items as Node[]).map((node) => ({
    from: rangeOf(node)[0],
    to: endOf(text, node),
  }));
  const { from = 0, to = 0 } = items[at] ?? {};
  if (seq.flow) return removeFlow({ at, from, to, items });
  const end = lineEnd(text, to);
  const dash = lineStart(text, text.lastIndexOf('-', from));
  return { from: dash, to: Math.min(end + 1, text.length), text: '' };
}

function addItems(
  { text }: Source,
  seq: YAMLSeq,
  { after, rest }: { after: number; rest: unknown[] },
): Splice {
  const node = seq.items[Math.max(0, after)] as Node;
  const end = endOf(text, node);
  if (seq.flow) {
    if (after >= 0)
      return { from: end, to: end, text: rest.map((one) => `, ${writeFlow(one)}`).join('') };
    const start = rangeOf(node)[0];
    return { from: start, to: start, text: rest.map((one) => `${writeFlow(one)}, `).join('') };
  }
  const column = itemColumn(text, seq);
  const lines = rest.map((one) => `${' '.repeat(column)}-${writeBlock(one, column, 'item')}`);
  if (after >= 0) {
    const at = lineEnd(text, end);
    return { from: at, to: at, text: lines.map((line) => `\n${line}`).join('') };
  }
  const at = lineStart(text, text.lastIndexOf('-', rangeOf(node)[0]));
  return { from: at, to: at, text: lines.map((line) => `${line}\n`).join('') };
}

/** The column of the dashes of a block list. */
function itemColumn(text: string, seq: YAMLSeq): number {
  const [from] = rangeOf(seq.items[0] as Node);
  return columnOf(text, text.lastIndexOf('-', from));
}

/** Without the blank lines and the comment that follow. */
function endOf(text: string, node: Node): number {
  const [from, to] = rangeOf(node);
  return from + text.slice(from, to).trimEnd().length;
}

const lineStart = (text: string, at: number) => text.lastIndexOf('\n', at - 1) + 1;
const lineEnd = (text: string, at: number) => {
  const end = text.indexOf('\n', at);
  return end < 0 ? text.length : end;
};
const columnOf = (text: string, at: number) => at - lineStart(text, at);
const isPlainValue = (value: unknown) => typeof value !== 'object' || value === null;
const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
