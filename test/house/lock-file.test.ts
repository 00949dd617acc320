import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

interface Locked {
  version?: string;
  integrity?: string;
  link?: boolean;
  optional?: boolean;
  os?: string | string[];
  cpu?: string | string[];
  bin?: Record<string, string>;
}

const json = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8')) as {
    packages: Record<string, Locked>;
    allowScripts: Record<string, boolean>;
    optionalDependencies: Record<string, string>;
  };
const { packages } = json('package-lock.json');
const manifest = json('package.json');
const nodes = Object.entries(packages).filter(([, { bin }]) => bin?.['node']);

test('every package has a checksum in the lock file', () => {
  const bare = Object.entries(packages).filter(
    ([path, { integrity }]) => path !== '' && !integrity?.startsWith('sha512-'),
  );
  expect(bare.map(([path]) => path)).toEqual([]);
});

test('no package may run an install script', () => {
  expect(Object.values(manifest.allowScripts)).not.toContain(true);
});

test('each Node from npm is for one platform, and has the version of package.json', () => {
  const platforms = nodes.map(([, { os, cpu }]) => [os, cpu].flat().join(' '));
  expect(platforms.toSorted()).toEqual([
    'darwin arm64',
    'darwin x64',
    'linux arm64',
    'linux x64',
    'win32 x64',
  ]);
  for (const [path, { version, optional }] of nodes) {
    expect(optional).toBe(true);
    expect(version).toBe(manifest.optionalDependencies[path.replace('node_modules/', '')]);
    expect(Number(version?.split('.')[0])).toBeGreaterThanOrEqual(24);
  }
});

test('the image leaves out the Node from npm', () => {
  const steps = readFileSync(new URL('../../Dockerfile', import.meta.url), 'utf8');
  const install = /^RUN npm ci (?:.*\\\n)*.*/m.exec(steps)?.[0];
  expect(install).toContain('node_modules/node-linux-* node_modules/.bin/node');
  const linux = nodes.map(([path]) => path).filter((path) => path.includes('linux'));
  for (const path of linux) expect(path).toMatch(/^node_modules\/node-linux-/);
});
