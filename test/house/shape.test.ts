import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { home, readSources } from './sources.ts';

const mostColumns = 100;

test('no line of the code is wider than a review in two columns', () => {
  const wide = ['src', 'bin'].flatMap((folder) =>
    readSources(folder).flatMap(({ path, text }) =>
      text
        .split('\n')
        .flatMap((line, i) =>
          line.length > mostColumns ? [`${folder}/${path}:${i + 1} ${line.trim()}`] : [],
        ),
    ),
  );
  expect(wide).toEqual([]);
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
