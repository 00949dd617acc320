import type { z } from 'zod';
import { pickDefined } from '../core/pick-defined.ts';
import { errorAt, type Problem } from '../core/problem.ts';
import { didYouMean, suggest } from '../core/text/suggest.ts';
import type { LocatedYaml, Path } from './yaml.ts';

/** The issues of a schema, each at its place in the file. */
export function toProblems(
  error: z.ZodError,
  yaml: LocatedYaml,
  keysAt: (path: Path) => readonly string[],
): Problem[] {
  return error.issues.flatMap((issue) => problemsOf(issue, yaml, keysAt));
}

function problemsOf(
  found: z.core.$ZodIssue,
  yaml: LocatedYaml,
  keysAt: (path: Path) => readonly string[],
): Problem[] {
  const issue = { ...found, path: pathIn(yaml.value, found.path) };
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => {
      const where = yaml.locate([...issue.path, key], 'key');
      return errorAt(where, `unknown key "${key}"`, didYouMean(key, keysAt(issue.path)));
    });
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
  const where = yaml.locate(issue.path);
  const problem = { where, what: name ? `${name}: ${what}` : what, severity: 'error' as const };
  return [pickDefined({ ...problem, hint })];
}

/** What needs no brackets is read as a list of one: its place is its own, not that of item 0. */
const pathIn = (value: unknown, path: readonly PropertyKey[]): PropertyKey[] =>
  path.filter((step, i) => {
    const list = valueAt(value, path.slice(0, i));
    return typeof step !== 'number' || Array.isArray(list) || list === undefined;
  });

const depth = (issues: readonly z.core.$ZodIssue[]) =>
  Math.max(0, ...issues.map((one) => one.path.length));

/** The library's messages are for programmers and are replaced; ours are kept. */
function tellIssue(issue: z.core.$ZodIssue, yaml: LocatedYaml): Told {
  const value = valueAt(yaml.value, issue.path);
  if (!/^(Invalid|Too|Unrecognized)/.test(issue.message)) {
    const [what, hint] = splitHint(issue.message);
    const isMissing = issue.code === 'invalid_type' && value === undefined;
    return [isMissing ? 'is missing' : what, hint];
  }
  switch (issue.code) {
    case 'invalid_value':
      return tellChoice(value, issue.values.map(String));
    case 'invalid_type':
      return [tellType(value, issue.expected), undefined];
    case 'too_big':
      return [`may be at most ${issue.maximum}`, undefined];
    case 'too_small':
      return [tellTooSmall(issue), undefined];
    case 'invalid_key':
      return splitHint(issue.issues[0]?.message ?? issue.message);
    default:
      return splitHint(issue.message);
  }
}

type Told = [what: string, hint: string | undefined];

function tellType(value: unknown, expected: string): string {
  if (value === undefined) return 'is missing';
  return `needs ${kindNames[expected] ?? expected}, not ${kindOf(value)}`;
}

function tellTooSmall({ origin, inclusive, minimum }: z.core.$ZodIssueTooSmall): string {
  if (origin !== 'number') return 'is empty';
  return `has to be ${inclusive ? 'at least' : 'more than'} ${minimum}`;
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

function tellChoice(value: unknown, choices: string[]): Told {
  if (value === undefined) return ['is missing', `one of ${choices.join(', ')}`];
  const meant = typeof value === 'string' ? suggest(value, choices) : undefined;
  const what = `${JSON.stringify(value)} is not one of ${choices.join(', ')}`;
  return [what, meant === undefined ? undefined : `did you mean "${meant}"?`];
}

/** Our own messages carry their hint behind a bar. */
function splitHint(message: string): Told {
  const [what = message, hint] = message.split(' | ');
  return [what.replace(/^Invalid input: /, ''), hint];
}
