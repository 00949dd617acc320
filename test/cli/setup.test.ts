import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { expect, test } from 'vitest';

const bin = new URL('../../bin/', import.meta.url);
const { packageOfNode } = (await import(new URL('node-package.js', bin).href)) as {
  packageOfNode(): string;
};
const own = packageOfNode();

interface Checkout {
  wanted: Record<string, object>;
  installed?: Record<string, object>;
  /** The version of the Node below node_modules. */
  node?: string;
}

/** Runs bin/setup.js where `npm` only notes how it was called. */
function setUp({ wanted, installed, node }: Checkout, words: string[] = []) {
  const home = mkdtempSync(join(tmpdir(), 'dripline-setup-'));
  const write = (name: string, value: object) => {
    mkdirSync(join(home, name, '..'), { recursive: true });
    writeFileSync(join(home, name), JSON.stringify(value));
  };
  cpSync(bin, join(home, 'bin'), { recursive: true });
  write('package.json', { type: 'module' });
  write('package-lock.json', { packages: { '': {}, ...wanted } });
  if (installed) write('node_modules/.package-lock.json', { packages: installed });
  if (node) {
    write(`node_modules/${own}/package.json`, { version: node });
    mkdirSync(join(home, 'node_modules', own, 'bin'));
  }
  mkdirSync(join(home, 'path'));
  writeFileSync(join(home, 'path', 'npm'), `#!/bin/sh\necho "$@" > ${join(home, 'called')}\n`);
  chmodSync(join(home, 'path', 'npm'), 0o755);
  const path = [join(home, 'path'), process.env['PATH']].join(delimiter);
  const done = spawnSync(process.execPath, [join(home, 'bin', 'setup.js'), ...words], {
    env: { ...process.env, PATH: path },
    encoding: 'utf8',
  });
  expect([done.status, done.stderr]).toEqual([0, '']);
  return existsSync(join(home, 'called'));
}

const at = (version: string, rest: object = {}) => ({ version, ...rest });
const nodeAt = (version: string) => ({
  [`node_modules/${own}`]: at(version, { optional: true }),
});
const foreign = { 'node_modules/node-plan9-x64': at('24.1.0', { optional: true }) };
const a = (version: string) => ({ 'node_modules/a': at(version) });
const tool = { 'node_modules/tool': at('1.0.0', { dev: true }) };

test.each<[string, Checkout, string[], boolean]>([
  ['nothing is installed', { wanted: a('1.0.0') }, [], true],
  ['all is installed', { wanted: a('1.0.0'), installed: a('1.0.0') }, [], false],
  ['a package is older', { wanted: a('1.0.1'), installed: a('1.0.0') }, [], true],
  [
    'the Node of the lock file is there',
    { wanted: { ...nodeAt('24.1.0'), ...foreign }, installed: nodeAt('24.1.0'), node: '24.1.0' },
    [],
    false,
  ],
  [
    'the Node that is there is another',
    { wanted: nodeAt('24.1.0'), installed: nodeAt('24.0.0'), node: '24.0.0' },
    [],
    true,
  ],
  [
    'no Node is there and the machine has one that is new enough',
    { wanted: { ...nodeAt('24.1.0'), ...foreign }, installed: {} },
    [],
    false,
  ],
  ['a tool is missing and not asked for', { wanted: tool, installed: {} }, [], false],
  ['a tool is missing and asked for', { wanted: tool, installed: {} }, ['--all'], true],
])('%s: what npm start and npm test install first', (_, checkout, words, installs) => {
  expect(setUp(checkout, words)).toBe(installs);
});
