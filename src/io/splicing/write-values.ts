import { Document, isMap, isScalar, isSeq, Scalar, visit } from 'yaml';

const options = { lineWidth: 0, flowCollectionPadding: true } as const;

/** On one line, as inside brackets. `style`: the quotes that a text had before. */
export function writeFlow(value: unknown, style?: Scalar.Type): string {
  const document = new Document([value], { schema: 'core' });
  visit(document, {
    Scalar: (_, node) => {
      if (typeof node.value !== 'string') return;
      if (/[\n\r\t]/.test(node.value)) node.type = 'QUOTE_DOUBLE';
      else if (style !== undefined) node.type = style;
    },
  });
  return document
    .toString({ ...options, collectionStyle: 'flow' })
    .trimEnd()
    .slice(2, -2);
}

/**
 * What stands behind `key:` or `-` at this column, with its space or line break: lists of words on
 * one line, everything else on lines of its own.
 */
export function writeBlock(value: unknown, column: number, place: 'key' | 'item' = 'key'): string {
  if (!isComposed(value)) return ` ${writeText(value, column)}`;
  const lines = new Document(value, { schema: 'core' });
  visit(lines, {
    Seq: (_, node) => {
      if (node.items.every((one) => isScalar(one) && !String(one.value).includes('\n')))
        node.flow = true;
    },
    Scalar: (_, node) => {
      if (typeof node.value === 'string' && !isBlockSafe(node.value)) node.type = 'QUOTE_DOUBLE';
    },
  });
  const { contents } = lines;
  const isOneLine = (isSeq(contents) && contents.flow) || isEmptyValue(value);
  const text = lines.toString(options).trimEnd();
  if (isOneLine) return ` ${text}`;
  const pad = ' '.repeat(column + 2);
  const indented = text.split('\n').map((line) => (line === '' ? '' : pad + line));
  if (place === 'item' && isMap(contents)) return ` ${indented.join('\n').trimStart()}`;
  return `\n${indented.join('\n')}`;
}

/** For a key that has no value yet. */
export const writeInline = (value: unknown, place: { column: number; isFlow: boolean }): string =>
  place.isFlow ? writeFlow(value) : writeBlock(value, place.column).replace(/^ /, '');

/** Several lines as a block below the key, where that says the same. */
function writeText(value: unknown, column: number): string {
  if (typeof value !== 'string' || !value.includes('\n') || !isBlockSafe(value))
    return writeScalar(value);
  const pad = ' '.repeat(column + 2);
  const lines = value.replace(/\n$/, '').split('\n');
  const head = value.endsWith('\n') ? '|' : '|-';
  return [head, ...lines.map((line) => (line === '' ? '' : pad + line))].join('\n');
}

/** On one line behind a key. */
export function writeScalar(value: unknown, style?: Scalar.Type): string {
  const document = new Document({ k: value }, { schema: 'core' });
  visit(document, {
    Scalar: (at, node) => {
      if (at === 'key' || typeof node.value !== 'string') return;
      if (/[\n\r\t]/.test(node.value)) node.type = 'QUOTE_DOUBLE';
      else if (style !== undefined) node.type = style;
    },
  });
  return document.toString(options).trimEnd().slice('k: '.length);
}

/** A literal block gives back exactly this text. */
const isBlockSafe = (text: string): boolean =>
  !text.includes('\n') ||
  (!/^[\s]/.test(text) && !/[ \t]$/m.test(text) && !text.endsWith('\n\n') && !/[\r\t]/.test(text));

const isComposed = (value: unknown): value is object => typeof value === 'object' && value !== null;
const isEmptyValue = (value: object) => Object.keys(value).length === 0;
