#!/usr/bin/env node
// Simple enough for Node 20: an older Node hands over to the Node 24 that npm installed.
import { existsSync } from 'node:fs';
import * as modules from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isNewEnough, packageOfNode } from './node-package.js';

const home = join(dirname(fileURLToPath(import.meta.url)), '..');
const source = join(home, 'src', 'cli', 'main.ts');

if (isNewEnough()) {
  modules.enableCompileCache?.();
  (await import('./quick-imports.js')).quickImports();
  // Killed without a signal, the Node that handed over leaves no one behind.
  if (process.env.DRIPLINE_HANDED_OVER === '1' && process.channel) {
    process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
    process.channel.unref();
  }
  if (!existsSync(join(home, 'node_modules')) && existsSync(source)) {
    console.error(`The packages of Dripline are not installed: run \`npm ci\` in ${home}.`);
    process.exit(1);
  }
  await import(existsSync(source) ? source : join(home, 'dist', 'cli', 'main.js'));
} else {
  const node = newerNode();
  if (!node) {
    console.error(
      `Dripline needs Node.js 24, and this is ${process.version}. ` +
        `Install it from https://nodejs.org, or run \`npm ci\` in ${home}.`,
    );
    process.exit(1);
  }
  // The C library gives memory back instead of keeping some for each thread, as in the Dockerfile.
  const lean = { MALLOC_ARENA_MAX: '1', MALLOC_TRIM_THRESHOLD_: '65536' };
  const own = [...process.execArgv, fileURLToPath(import.meta.url)];
  const { spawn } = await import('node:child_process');
  const child = spawn(node, [...own, ...process.argv.slice(2)], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { ...lean, ...process.env, DRIPLINE_HANDED_OVER: '1' },
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
}

function newerNode() {
  try {
    const folder = dirname(
      modules.createRequire(import.meta.url).resolve(`${packageOfNode()}/package.json`),
    );
    return [join(folder, 'bin', 'node'), join(folder, 'bin', 'node.exe')].find((file) =>
      existsSync(file),
    );
  } catch {
    return undefined;
  }
}
