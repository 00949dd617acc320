import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseConfig } from '../../src/config/parse-config.ts';
import { openEnvironment } from '../../src/config/environment.ts';
import { until } from '../flow/world.ts';
import { ended, start } from './kit.ts';

test('`sandbox` prints its accounts as a block that the configuration takes as it stands', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'dripline-block-'));
  const child = start(folder, ['sandbox', '--port', '0']);
  let output = '';
  child.stdout?.on('data', (chunk) => (output += String(chunk)));
  const end = ended(child);
  try {
    await until('the block', () => /token: .*\n/.test(output) || child.exitCode !== null);
    const block = output.slice(output.indexOf('\ntimezone:'));
    const { raw } = parseConfig(block, 'pasted', {
      environment: openEnvironment(folder, {}),
    });
    expect(Object.keys(raw.accounts ?? {})).toEqual(['x', 'bluesky', 'mastodon']);
    expect(block).toContain('"sandbox-access-secret"');
    expect(block).not.toContain('…');
  } finally {
    child.kill();
    await end;
    rmSync(folder, { recursive: true, force: true });
  }
});
