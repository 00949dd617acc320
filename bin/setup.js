// Runs before `npm start` and `npm test`, on any Node from 20 up: installs the packages of the lock
// file that are missing, Node 24 for this machine among them. `--all` includes the development
// packages.
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isNewEnough, packageOfNode } from './node-package.js';

const home = join(dirname(fileURLToPath(import.meta.url)), '..');
const all = process.argv.includes('--all');
const lockFile = join(home, 'package-lock.json');

if (existsSync(lockFile) && !isComplete()) {
  const what = all ? 'Dripline and its development packages' : 'Dripline';
  console.log(`Installing ${what} (once, about half a minute) …`);
  // `npm ci` empties node_modules first, so an interrupted installation never looks complete.
  const done = spawnSync(
    'npm',
    ['ci', ...(all ? [] : ['--omit=dev']), '--no-audit', '--no-fund', '--loglevel=error'],
    {
      cwd: home,
      stdio: 'inherit',
      shell: process.platform === 'win32',
    },
  );
  if (done.status !== 0) {
    console.error(
      'npm failed; its message is above. Is the npm registry reachable, and is the disk not full?',
    );
    process.exit(1);
  }
  // npm leaves out an optional package that it cannot get or verify, and says nothing.
  if (!isNewEnough() && !installedNode()) {
    console.error(
      `npm could not get or verify ${packageOfNode()}, and this is Node.js ${process.version}. ` +
        'Install Node.js 24 yourself (https://nodejs.org), or run this again.',
    );
    process.exit(1);
  }
}
linkProgram();

/** Every package of the lock file is installed, in the right version. */
function isComplete() {
  const installed = packagesOf(join(home, 'node_modules', '.package-lock.json'));
  if (!installed) return false;
  const wanted = packagesOf(lockFile) ?? {};
  for (const [path, { version, dev, devOptional, optional }] of Object.entries(wanted)) {
    if (path === '' || optional || devOptional || (dev && !all)) continue;
    if (installed[path]?.version !== version) return false;
  }
  const node = installedNode();
  // A Node that an earlier version installed in here is no Node of the machine's own.
  if (!node) return isNewEnough() && !process.execPath.startsWith(join(home, 'node_modules'));
  return node === wanted[`node_modules/${packageOfNode()}`]?.version;
}

function installedNode() {
  const folder = join(home, 'node_modules', packageOfNode());
  if (!existsSync(join(folder, 'bin'))) return undefined;
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).version;
}

function packagesOf(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages;
  } catch {
    return undefined;
  }
}

/**
 * `npx dripline` in a checkout: npm links the commands of dependencies only, not a package's own.
 */
function linkProgram() {
  const link = join(home, 'node_modules', '.bin', 'dripline');
  const target = join('..', '..', 'bin', 'dripline.js');
  if (process.platform === 'win32' || !existsSync(dirname(link))) return;
  try {
    if (lstatSync(link, { throwIfNoEntry: false })) {
      if (readlinkSync(link) === target) return;
      rmSync(link);
    }
    chmodSync(join(home, 'bin', 'dripline.js'), 0o755);
    symlinkSync(target, link);
  } catch {
    // A read-only checkout works anyway, as `node bin/dripline.js`.
  }
}
