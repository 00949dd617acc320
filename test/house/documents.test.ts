import { readdirSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { expect, test } from 'vitest';
import { buildProgram } from '../../src/cli/program.ts';
import { commands } from '../../src/commands/all-commands.ts';
import { toJsonSchema } from '../../src/config/schema.ts';
import { states } from '../../src/core/delivery/delivery.ts';
import { entryTypes } from '../../src/core/journal.ts';
import { frontMatter } from '../../src/sources/folder/front-matter.ts';
import { home, readText } from './sources.ts';

const markdownIn = (folder: string) =>
  readdirSync(join(home, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name))
    .toSorted();

const pages = markdownIn('docs');
const decisions = markdownIn('docs/decisions');
const documents = [
  'README.md',
  'ARCHITECTURE.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  'posts/README.md',
  ...pages,
  ...decisions,
];
/** What users read: the README and one page for each subject. */
const guide = ['README.md', ...pages].map(readText).join('\n');

const has = (text: string, word: string) =>
  new RegExp(
    `(?<![\\w-])${word.replaceAll(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`)}(?![\\w-])`,
  ).test(text);
const missingIn = (text: string, words: readonly string[]) =>
  [...new Set(words)].filter((word) => !has(text, word));

/** Every key of an object that a JSON Schema speaks of, at whatever depth. */
function keysOf(schema: unknown): string[] {
  if (Array.isArray(schema)) return schema.flatMap(keysOf);
  if (typeof schema !== 'object' || schema === null) return [];
  return Object.entries(schema).flatMap(([key, value]) =>
    key === 'properties' && typeof value === 'object' && value !== null
      ? [...Object.keys(value), ...Object.values(value).flatMap(keysOf)]
      : keysOf(value),
  );
}

test('every type of journal entry and every state of a delivery is in the guide, and docs/journal.md has a row for each', () => {
  expect(missingIn(guide, [...entryTypes, ...states])).toEqual([]);
  const rows = readText('docs/journal.md')
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => cellsOf(line)[0])
    .join('\n');
  expect(missingIn(rows, [...entryTypes, ...states])).toEqual([]);
});

test('every setting is in the guide', () => {
  const keys = keysOf(toJsonSchema());
  expect(keys.length).toBeGreaterThan(40);
  expect(missingIn(guide, keys)).toEqual([]);
});

test('every key of the front matter is in the guide', () => {
  expect(missingIn(guide, Object.keys(frontMatter.shape))).toEqual([]);
});

test('every verb is in docs/commands.md, and its table knows no others', () => {
  const verbs = buildProgram(home, { commands, isJson: false }).commands.map((command) =>
    command.name(),
  );
  const table = readText('docs/commands.md').split('## All verbs')[1]?.split(/^## /m)[0] ?? '';
  expect(missingIn(table, verbs)).toEqual([]);
  const named = [...table.matchAll(/^\| (.+?) \|/gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`([a-z]+)/g)].map(([, verb = '']) => verb),
  );
  expect(named.length).toBeGreaterThan(20);
  expect(named.filter((verb) => !verbs.includes(verb))).toEqual([]);
});

test('every long option of a verb is in the guide', () => {
  const quiet = new Set([
    '--json',
    '--help',
    '--version',
    '--yes',
    '--log',
    '--file',
    '--port',
    '--wait',
    '--redacted',
    '--network',
    '--timezone',
    '--force',
  ]);
  const options = buildProgram(home, { commands, isJson: false })
    .commands.flatMap((command) => command.options.map(({ long }) => long ?? ''))
    .filter((long) => !quiet.has(long));
  expect(options.filter((option) => !guide.includes(option))).toEqual([]);
});

test('every dependency has its sentence in ARCHITECTURE.md, and no other has', () => {
  const kinds = ['dependencies', 'optionalDependencies', 'devDependencies'] as const;
  const manifest = JSON.parse(readText('package.json')) as Record<
    (typeof kinds)[number],
    Record<string, string>
  >;
  const names = kinds.flatMap((kind) => Object.keys(manifest[kind]));
  const text = readText('ARCHITECTURE.md').split('## Dependencies')[1] ?? '';
  const told = [...text.matchAll(/^\| (`.+?) \|/gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name),
  );
  expect(told.toSorted()).toEqual(names.toSorted());
});

test('ARCHITECTURE.md has a line for each folder of the code', () => {
  const folders = readdirSync(join(home, 'src'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
  const told = [...readText('ARCHITECTURE.md').matchAll(/^\| `([a-z]+)\/` \|/gm)].map(
    ([, name = '']) => name,
  );
  expect(told.toSorted()).toEqual(folders.toSorted());
});

test('links between the documents lead somewhere', () => {
  const broken = documents.flatMap((document) =>
    linksIn(document)
      .filter(
        ({ path, anchor }) =>
          !canRead(path) || (anchor !== undefined && !anchorsIn(path).includes(anchor)),
      )
      .map(({ target }) => `${document}: ${target}`),
  );
  expect(broken).toEqual([]);
});

test('every page of docs is listed in docs/README.md, and every decision in its index', () => {
  const listed = (index: string) => linksIn(index).map(({ path }) => path);
  expect(pages.length).toBeGreaterThan(15);
  expect(decisions.length).toBeGreaterThan(20);
  expect(
    pages.filter((page) => page !== 'docs/README.md' && !listed('docs/README.md').includes(page)),
  ).toEqual([]);
  expect(
    decisions.filter(
      (one) =>
        one !== 'docs/decisions/README.md' && !listed('docs/decisions/README.md').includes(one),
    ),
  ).toEqual([]);
});

test('README.md is short', () => {
  expect(readText('README.md').split('\n').length).toBeLessThan(150);
});

test('no cell of a table is long', () => {
  const long = documents.flatMap((document) =>
    readText(document)
      .split('\n')
      .flatMap((line, i) =>
        (line.startsWith('|') ? cellsOf(line).filter((cell) => cell.length > 120) : []).map(
          () => `${document}:${i + 1}`,
        ),
      ),
  );
  expect(long).toEqual([]);
});

/** The cells of one line of a table; a bar behind a backslash is text. */
function cellsOf(line: string): string[] {
  return line
    .split(/(?<!\\)\|/)
    .slice(1, -1)
    .map((cell) => cell.trim());
}

const withoutCode = (text: string) =>
  text.replaceAll(/^```[^]*?^```$/gm, '').replaceAll(/`[^`\n]+`/g, '');

/**
 * Links and pictures of a document, with the path from the project's root. URLs elsewhere, and
 * examples in code, are left out.
 */
function linksIn(document: string) {
  return [
    ...withoutCode(readText(document)).matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)/g),
  ].map(([, target = '', anchor]) => ({
    target: anchor === undefined ? target : `${target}#${anchor}`,
    path: target === '' ? document : normalize(join(dirname(document), target)),
    anchor,
  }));
}

/** The anchors that GitHub gives to the headings of a document. */
function anchorsIn(document: string): string[] {
  return [...readText(document).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

function canRead(path: string): boolean {
  try {
    return readText(path).length > 0;
  } catch {
    return false;
  }
}
