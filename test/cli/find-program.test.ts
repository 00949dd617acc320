import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findProgram } from '../../src/cli/find-program.ts';

test('hints name what works where one stands, and never the package of someone else', () => {
  using place = makePlace();
  const { home, elsewhere, user } = place;
  const at = (folder: string, environment = {}) => findProgram({ home, folder, environment });
  expect(at(home)).toBe('npx dripline');
  expect(at(user)).toBe('npx dripline');
  expect(at(elsewhere)).toBe(`node "${join(home, 'bin', 'dripline.js')}"`);
  expect(at(home, { DRIPLINE_PROGRAM: 'dripline' })).toBe('dripline');
});

/** A clone, a folder that has it installed, and one that has not. */
function makePlace() {
  const root = mkdtempSync(join(tmpdir(), 'dripline-program-'));
  const folder = (name: string) => {
    mkdirSync(join(root, name), { recursive: true });
    return join(root, name);
  };
  const home = folder('a clone');
  const user = folder('user');
  folder('user/node_modules');
  symlinkSync(home, join(user, 'node_modules', 'dripline'));
  return {
    home,
    user,
    elsewhere: folder('elsewhere'),
    [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }),
  };
}
