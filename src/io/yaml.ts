import {
  type Document,
  isCollection,
  isMap,
  isNode,
  isPair,
  isScalar,
  LineCounter,
  type Node,
  parseDocument,
  visit,
  type YAMLParseError,
} from 'yaml';
import { errorAt, type Problem } from '../core/problem.ts';

export type Path = readonly PropertyKey[];
type At = 'key' | 'value' | 'text';

/** A YAML text, with the position of each of its values. */
export interface LocatedYaml {
  value: unknown;
  problems: Problem[];
  /**
   * `file:line:column` of a value, of the text inside its quotes, or of its key; of the nearest
   * parent where it is absent.
   */
  locate(path: Path, at?: At): string;
}

interface YamlInput {
  file: string;
  firstLine?: number;
  /** Whether the value below these keys is a text: then it keeps the spelling of the file. */
  isText?: (keys: readonly string[]) => boolean;
}

const maxAliases = 50;
/** What follows them says nothing new. */
const mostErrors = 20;

/**
 * Dates stay text, duplicate keys and alias bombs are problems, nothing is evaluated. `firstLine`
 * is the file's line on which the text begins.
 */
export function parseYaml(text: string, input: YamlInput): LocatedYaml {
  const tangled = findTangledLine(text);
  if (tangled === undefined) return parseUntangled(text, input);
  const { file, firstLine = 1 } = input;
  const where = `${file}:${firstLine + tangled}:1`;
  const hint = 'write one key or one item on a line, and quote a text that has many brackets';
  return {
    value: undefined,
    problems: [errorAt(where, 'has keys, lists or brackets nested too deeply', hint)],
    locate: () => where,
  };
}

const mostNested = 40;
/** Keys written with `? `: each one in another doubles the work. */
const mostQuestions = 5;

/** The library takes minutes over it, or runs out of stack. The line, from 0. */
function findTangledLine(text: string): number | undefined {
  let [open, questions] = [0, 0];
  const found = text.split('\n').findIndex((line) => {
    const signs = /^(?:[ \t]*[-?:](?=[ \t]|$))+/.exec(line)?.[0] ?? '';
    for (const sign of line) {
      if (sign === '[' || sign === '{') open += 1;
      else if (sign === ']' || sign === '}') open -= 1;
      if (open > 20 * mostNested) return true;
      if (open < 0) open = 0;
    }
    questions += /^[ \t]*(?:-[ \t]+)*\?(?:[ \t]|$)/.test(line) ? signs.split('?').length - 1 : 0;
    return questions > mostQuestions || signs.replaceAll(/[ \t]/g, '').length > mostNested;
  });
  return found < 0 ? undefined : found;
}

function parseUntangled(text: string, { file, firstLine = 1, isText }: YamlInput): LocatedYaml {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    schema: 'core',
    uniqueKeys: true,
    prettyErrors: false,
    logLevel: 'silent',
  });
  const where = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${Math.max(1, line) + firstLine - 1}:${Math.max(1, col)}`;
  };
  const swallowed = isText ? keepSpelling(document, isText) : [];
  const { value, problems } = readValue({ document, text }, where);
  return {
    value,
    problems: [...problems, ...swallowed.map((offset) => errorAt(where(offset), ...afterHash))],
    locate: (path, at = 'value') => where(offsetOf(document, path, at)),
  };
}

function readValue(
  { document, text }: Source,
  where: (offset: number) => string,
): Pick<LocatedYaml, 'value' | 'problems'> {
  // One mistake makes several errors: the next one at the same place says nothing new.
  const errors = document.errors
    .slice(0, mostErrors)
    .filter(({ pos }, i, all) => all.findIndex((one) => one.pos[0] === pos[0]) === i);
  const problems = errors.map((error) => problemOf({ document, text }, error, where));
  const aliases = countAliases(document);
  if (aliases > maxAliases) {
    const hint = `at most ${maxAliases} are supported: write the values out`;
    problems.push(errorAt(where(0), `${aliases} YAML aliases`, hint));
  }
  if (problems.length) return { value: undefined, problems };
  try {
    return { value: document.toJS({ maxAliasCount: 100 }), problems };
  } catch (error) {
    const what = firstSentence(error instanceof Error ? error.message : String(error));
    return { value: undefined, problems: [errorAt(where(0), what, 'write the values out')] };
  }
}

/** `1.10` is a text of four letters where a text is meant, and so is a key that is a number. */
function keepSpelling(document: Document, isText: (keys: readonly string[]) => boolean): number[] {
  const swallowed: number[] = [];
  visit(document, {
    Scalar: (at, scalar, path) => {
      // `hashtags: #spring`, `title: We are #1`: a comment that was meant as text.
      if (scalar.type === 'PLAIN' && /^[\p{L}\p{N}_]/u.test(scalar.comment ?? ''))
        swallowed.push(scalar.range?.[1] ?? 0);
      const isMute = typeof scalar.value === 'string' || scalar.value === null;
      if (isMute || scalar.source === undefined) return;
      const keys = path.filter(isPair).map(({ key }) => (isScalar(key) ? String(key.value) : ''));
      if (at === 'key' || isText(keys)) scalar.value = scalar.source;
    },
  });
  return swallowed;
}

const afterHash = [
  'what follows the # is a comment, and would be lost',
  'put the value in quotes; a comment has a space behind its #',
] as const;

function countAliases(document: Document): number {
  let aliases = 0;
  visit(document, {
    Alias: () => {
      aliases++;
    },
  });
  return aliases;
}

/** Without the text of the file, which may be a secret. */
function firstSentence(message: string): string {
  if (message.startsWith('Unresolved alias')) return 'a text that begins with * and has no quotes';
  return (message.split('\n')[0] ?? message).replace(/:? (?:".*"|'.*')?\.?$/, '');
}

const needsQuotes = 'a text with ": ", "#" or a bracket in it needs quotes';
const indentation = 'indent with spaces, equally for keys of one level';

/** By the library's error codes. */
const hints: Partial<Record<YAMLParseError['code'], string>> = {
  DUPLICATE_KEY: 'each key once: remove one of them',
  BAD_INDENT: indentation,
  TAB_AS_INDENT: indentation,
  BAD_DQ_ESCAPE: 'use single quotes, or write \\\\ for a backslash',
  BAD_SCALAR_START: 'a text that begins with @, ` or % needs quotes',
  BAD_ALIAS: 'a text that begins with & or * needs quotes',
  MULTIPLE_ANCHORS: 'a text that begins with & or * needs quotes',
  MULTIPLE_TAGS: 'a text that begins with ! needs quotes',
  TAG_RESOLVE_FAILED: 'a text that begins with ! needs quotes',
  MULTIPLE_DOCS: 'remove the line of --- within the YAML',
  BAD_DIRECTIVE: 'remove the line that begins with %',
  MULTILINE_IMPLICIT_KEY: 'write the key on one line, with ": " before its value',
};

/** Where one code has several causes: by the beginning of the message. */
const hintsByMessage: [start: string, hint: string][] = [
  ['Missing ,', 'put ", " between the items'],
  ['Implicit map keys', 'write ": " and a value after the key'],
  ['Sequence item without', 'begin the item with "- "'],
  ['Comments must be', 'put a space before the #'],
];

const hintFor = (code: YAMLParseError['code'], message: string) =>
  hintsByMessage.find(([start]) => message.startsWith(start))?.[1] ?? hints[code] ?? needsQuotes;

/** The offset of the last text in quotes: one that is not closed runs to the end. */
function lastQuoted(document: Document.Parsed): number | undefined {
  let offset: number | undefined;
  visit(document, {
    Scalar: (_, { type, range }) => {
      if (type === 'QUOTE_DOUBLE' || type === 'QUOTE_SINGLE') offset = range?.[0] ?? offset;
    },
  });
  return offset;
}

interface Source {
  document: Document.Parsed;
  text: string;
}

function problemOf(
  { document, text }: Source,
  error: YAMLParseError,
  where: (offset: number) => string,
): Problem {
  const at = where(error.pos[0]);
  if (error.code === 'BLOCK_AS_IMPLICIT_KEY') {
    const line = text.slice(error.pos[0]).split('\n', 1)[0] ?? '';
    return /:(?:\s|$)/.test(line)
      ? errorAt(at, 'a text with ": " in it is not in quotes', 'put the whole value in quotes')
      : errorAt(at, 'the line below is indented, though this one has a value', indentation);
  }
  const { code, message } = error;
  const quote = /^Missing closing (["'])/.exec(message)?.[1];
  if (quote) {
    const opening = where(lastQuoted(document) ?? error.pos[0]);
    return errorAt(opening, 'a quote is not closed', `add ${quote} where the text ends`);
  }
  const bracket = /^Flow (?:map|sequence) .* end with a ([\]}])$/.exec(message)?.[1];
  if (bracket) return errorAt(at, 'a bracket is not closed', `add ${bracket} at the end`);
  return errorAt(at, firstSentence(message), hintFor(code, message));
}

function offsetOf(document: Document, path: Path, at: At): number {
  let node: unknown = document.contents;
  let offset = isNode(node) ? (node.range?.[0] ?? 0) : 0;
  for (const [i, step] of path.entries()) {
    if (!isCollection(node)) break;
    const key: unknown = isMap(node)
      ? node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(step))
          ?.key
      : undefined;
    const next: unknown = node.get(typeof step === 'symbol' ? String(step) : step, true);
    const isLast = i === path.length - 1;
    if (isNode(key) && ((isLast && at === 'key') || !isNode(next))) return key.range?.[0] ?? offset;
    if (!isNode(next)) break;
    node = next;
    offset = (next as Node).range?.[0] ?? offset;
  }
  const isQuoted = isScalar(node) && (node.type === 'QUOTE_DOUBLE' || node.type === 'QUOTE_SINGLE');
  return at === 'text' && isQuoted ? offset + 1 : offset;
}
