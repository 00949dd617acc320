import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { home, readSources } from './sources.ts';

const mostColumns = 100;

/** Every line of the folder that is too long, with its place. */
const wideLines = (folder: string) =>
  readSources(folder).flatMap(({ path, text }) =>
    text
      .split('\n')
      .map((line, i) => ({ line, told: `${folder}/${path}:${i + 1} ${line.trim()}` }))
      .filter(({ line }) => line.length > mostColumns),
  );

test('no line of the code is wider than a review in two columns', () => {
  const wide = ['src', 'bin', 'bench', 'config', 'media'].flatMap(wideLines);
  expect(wide.map(({ told }) => told)).toEqual([]);
});

/** The formatter keeps the name of a test on the line of its call. */
const isTestName = (line: string) => /^\s*(test|it|describe|both)[\w.]*\(/.test(line);

/** A text or a regular expression alone on its line: what is expected, or the text of a file. */
const isOneText = (line: string) => /^\s*(?:[\w'"./${}[\]-]+: )?[`'"/[<]/.test(line);

test('no line of a test is wider, but for names of tests and texts alone on a line', () => {
  const wide = wideLines('test').filter(({ line }) => !isTestName(line) && !isOneText(line));
  expect(wide.map(({ told }) => told)).toEqual([]);
});

/** Context first, then one named object; what fits on a screen; no question within a question. */
const rules = {
  'max-params': ['error', { max: 3 }],
  'max-lines-per-function': ['error', { max: 40, skipBlankLines: true, skipComments: true }],
  'no-nested-ternary': 'error',
};

test('functions are short, take three parameters at most, and nest no ternaries', () => {
  const folder = mkdtempSync(join(tmpdir(), 'dripline-shape-'));
  try {
    const config = join(folder, 'rules.json');
    writeFileSync(config, JSON.stringify({ categories: { correctness: 'off' }, rules }));
    const oxlint = join(home, 'node_modules/.bin/oxlint');
    expect(lint(oxlint, ['-c', config, '-f', 'unix', join(home, 'src')])).not.toMatch(/\[Error/);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

/** What it printed, whether it found something or not. */
function lint(oxlint: string, args: string[]): string {
  try {
    return execFileSync(oxlint, args, { encoding: 'utf8' });
  } catch (error) {
    return (error as { stdout: string }).stdout;
  }
}
