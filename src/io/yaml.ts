import {
  type Document,
  isCollection,
  isMap,
  isNode,
  isScalar,
  LineCounter,
  type Node,
  parseDocument,
  visit,
} from 'yaml';
import type { z } from 'zod';
import type { Problem } from '../core/problem.ts';
import { didYouMean, suggest } from '../core/suggest.ts';

type Path = readonly PropertyKey[];
type At = 'key' | 'value' | 'text';

/** A YAML text that knows where each of its values stands. */
export interface LocatedYaml {
  value: unknown;
  problems: Problem[];
  /**
   * `file:line:column` of a value, of the text inside its quotes, or of its key; of the nearest
   * parent where it is absent.
   */
  locate(path: Path, at?: At): string;
}

const maxAliases = 50;

/**
 * Dates stay text, duplicate keys and alias bombs are problems, nothing is evaluated. `firstLine`
 * is the file's line on which the text begins.
 */
export function parseYaml(
  text: string,
  { file, firstLine = 1 }: { file: string; firstLine?: number },
): LocatedYaml {
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
  const problems: Problem[] = document.errors.map((error) => ({
    where: where(error.pos[0]),
    what: firstSentence(error.message),
    hint: hintFor(error.code),
    severity: 'error',
  }));
  const aliases = countAliases(document);
  if (aliases > maxAliases)
    problems.push({
      where: where(0),
      what: `${aliases} YAML aliases`,
      hint: `at most ${maxAliases} are read: write the values out`,
      severity: 'error',
    });
  let value: unknown;
  if (!problems.length) {
    try {
      value = document.toJS({ maxAliasCount: 100 });
    } catch (error) {
      problems.push({
        where: where(0),
        what: firstSentence(error instanceof Error ? error.message : String(error)),
        hint: 'write the values out',
        severity: 'error',
      });
    }
  }
  return { value, problems, locate: (path, at = 'value') => where(offsetOf(document, path, at)) };
}

function countAliases(document: Document): number {
  let aliases = 0;
  visit(document, {
    Alias: () => {
      aliases++;
    },
  });
  return aliases;
}

/** Without the words of the file, which may be a secret. */
function firstSentence(message: string): string {
  if (message.startsWith('Unresolved alias')) return 'a text that begins with * and has no quotes';
  return (message.split('\n')[0] ?? message).replace(/:? (?:".*"|'.*')?\.?$/, '');
}

function hintFor(code: string): string {
  if (code === 'DUPLICATE_KEY') return 'each key once: remove one of them';
  if (code === 'BAD_INDENT' || code === 'TAB_AS_INDENT')
    return 'indent with spaces, equally for keys of one level';
  return 'a text with ": ", "#" or a bracket in it needs quotes';
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

/** What a schema had to say, at the place in the file that it is about. */
export function toProblems(
  error: z.ZodError,
  yaml: LocatedYaml,
  keysAt: (path: Path) => readonly string[],
): Problem[] {
  return error.issues.flatMap((issue) => problemsOf(issue, yaml, keysAt));
}

function problemsOf(
  issue: z.core.$ZodIssue,
  yaml: LocatedYaml,
  keysAt: (path: Path) => readonly string[],
): Problem[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key): Problem => ({
      where: yaml.locate([...issue.path, key], 'key'),
      what: `unknown key "${key}"`,
      hint: didYouMean(key, keysAt(issue.path)),
      severity: 'error',
    }));
  }
  if (issue.code === 'invalid_union') {
    const branch = issue.errors.toSorted((a, b) => depth(b) - depth(a))[0] ?? [];
    const inner = branch.flatMap((one) =>
      problemsOf({ ...one, path: [...issue.path, ...one.path] }, yaml, keysAt),
    );
    if (inner.length) return inner;
  }
  const [what, hint] = tellIssue(issue, yaml);
  const name = issue.path.map(String).join('.');
  return [
    {
      where: yaml.locate(issue.path),
      what: name ? `${name}: ${what}` : what,
      ...(hint === undefined ? {} : { hint }),
      severity: 'error',
    },
  ];
}

const depth = (issues: readonly z.core.$ZodIssue[]) =>
  Math.max(0, ...issues.map((one) => one.path.length));

/** The library's own words are for programmers; a message of ours stands as it is. */
function tellIssue(issue: z.core.$ZodIssue, yaml: LocatedYaml): [string, string | undefined] {
  if (!/^(Invalid|Too|Unrecognized)/.test(issue.message)) return splitHint(issue.message);
  const value = valueAt(yaml.value, issue.path);
  switch (issue.code) {
    case 'invalid_value':
      return tellChoice(value, issue.values.map(String));
    case 'invalid_type':
      return [
        value === undefined
          ? 'is missing'
          : `needs ${kindNames[issue.expected] ?? issue.expected}, not ${kindOf(value)}`,
        undefined,
      ];
    case 'too_big':
      return [`may be at most ${issue.maximum}`, undefined];
    case 'too_small':
      return [
        issue.origin === 'number'
          ? `has to be ${issue.inclusive ? 'at least' : 'more than'} ${issue.minimum}`
          : 'is empty',
        undefined,
      ];
    case 'invalid_key':
      return splitHint(issue.issues[0]?.message ?? issue.message);
    default:
      return splitHint(issue.message);
  }
}

const valueAt = (value: unknown, path: Path): unknown =>
  path.reduce<unknown>(
    (at, step) =>
      typeof at === 'object' && at !== null
        ? (at as Record<PropertyKey, unknown>)[step]
        : undefined,
    value,
  );

const kindNames: Record<string, string> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'keys with values',
  record: 'keys with values',
  null: 'nothing',
  tuple: 'a list',
};

function kindOf(value: unknown): string {
  if (value === null) return 'nothing';
  if (typeof value === 'boolean') return `${value}`;
  return kindNames[Array.isArray(value) ? 'array' : typeof value] ?? typeof value;
}

function tellChoice(value: unknown, choices: string[]): [string, string | undefined] {
  if (value === undefined) return ['is missing', `one of ${choices.join(', ')}`];
  const meant = typeof value === 'string' ? suggest(value, choices) : undefined;
  return [
    `${JSON.stringify(value)} is not one of ${choices.join(', ')}`,
    meant === undefined ? undefined : `did you mean "${meant}"?`,
  ];
}

/** Our own messages carry their hint behind a bar. */
function splitHint(message: string): [string, string | undefined] {
  const [what = message, hint] = message.split(' | ');
  return [what.replace(/^Invalid input: /, ''), hint];
}
