import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { buildProgram } from '../../src/cli/program.ts';
import { toJsonSchema } from '../../src/config/schema.ts';
import { states } from '../../src/core/delivery/delivery.ts';
import { entryTypes } from '../../src/core/journal.ts';
import { frontMatter } from '../../src/sources/folder/front-matter.ts';
import { home, readText } from './sources.ts';

const readme = readText('README.md');

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

test('every type of journal entry and every state that needs a word is in the README', () => {
  expect(missingIn(readme, entryTypes)).toEqual([]);
  expect(
    missingIn(
      readme,
      states.filter((state) =>
        ['failed', 'skipped', 'missed', 'expired', 'withdrawn', 'uncertain'].includes(state),
      ),
    ),
  ).toEqual([]);
});

test('every setting is in the README', () => {
  const keys = keysOf(toJsonSchema());
  expect(keys.length).toBeGreaterThan(40);
  expect(missingIn(readme, keys)).toEqual([]);
});

test('every key of the front matter is in the README', () => {
  expect(missingIn(readme, Object.keys(frontMatter.shape))).toEqual([]);
});

test('every verb is in the README, and the README knows no others', () => {
  const verbs = buildProgram(home, { isJson: false }).commands.map((command) => command.name());
  const table = readme.split('## Commands')[1]?.split('## ')[0] ?? '';
  expect(missingIn(table, verbs)).toEqual([]);
  const named = [...table.matchAll(/^\| (.+?) \|/gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`([a-z]+)/g)].map(([, verb = '']) => verb),
  );
  expect(named.length).toBeGreaterThan(20);
  expect(named.filter((verb) => !verbs.includes(verb))).toEqual([]);
});

test('every long option of a verb is in the README', () => {
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
  const options = buildProgram(home, { isJson: false })
    .commands.flatMap((command) => command.options.map(({ long }) => long ?? ''))
    .filter((long) => !quiet.has(long));
  expect(options.filter((option) => !readme.includes(option))).toEqual([]);
});

test('every dependency has its sentence in ARCHITECTURE.md, and no other has', () => {
  const { dependencies, devDependencies } = JSON.parse(readText('package.json')) as Record<
    'dependencies' | 'devDependencies',
    Record<string, string>
  >;
  const names = [...Object.keys(dependencies), ...Object.keys(devDependencies)];
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
  const documents = ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'CHANGELOG.md'];
  const broken = documents.flatMap((document) =>
    [...readText(document).matchAll(/\]\((?!https?:)([^)#]+)\)/g)]
      .filter(([, target = '']) => !canRead(target))
      .map(([, target]) => `${document}: ${target}`),
  );
  expect(broken).toEqual([]);
});

function canRead(path: string): boolean {
  try {
    return readText(path).length > 0;
  } catch {
    return false;
  }
}
