import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { until } from '../flow/world.ts';
import { openCliWorld } from './kit.ts';

const program = join(import.meta.dirname, '../../bin/dripline.js');

/** As an older Node does it: hands over to the Node of the test, and says its process id. */
const olderNode = `
  const { spawn } = require('node:child_process');
  const words = ['serve', '--log', 'plain', '--yes'];
  const child = spawn(process.execPath, [${JSON.stringify(program)}, ...words], {
    stdio: ['ignore', 'pipe', 'ignore', 'ipc'],
    env: { ...process.env, DRIPLINE_HANDED_OVER: '1' },
  });
  console.log('pid ' + child.pid);
  child.stdout.pipe(process.stdout);
`;

const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

test.skipIf(process.platform === 'win32')(
  'an older Node that is killed leaves no service behind, and the next start finds the store free',
  async () => {
    await using world = await openCliWorld();
    for (let round = 0; round < 2; round++) {
      const parent = spawn(process.execPath, ['-e', olderNode], {
        cwd: world.folder,
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      let [pid, said] = [0, ''];
      createInterface({ input: parent.stdout }).on('line', (line) => {
        said += `${line}\n`;
        pid ||= Number(/^pid (\d+)$/.exec(line)?.[1] ?? 0);
      });
      await using left = new AsyncDisposableStack();
      left.defer(() => {
        parent.kill('SIGKILL');
        if (pid > 0 && isAlive(pid)) process.kill(pid, 'SIGKILL');
      });
      await until('it serves', () => said.includes('Dashboard:'));
      expect(isAlive(pid)).toBe(true);
      parent.kill('SIGKILL');
      await once(parent, 'exit');
      await until('the service ends', () => !isAlive(pid));
    }
  },
);
