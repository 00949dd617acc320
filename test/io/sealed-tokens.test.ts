import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openTokens } from '../../src/io/secrets/sealed-tokens.ts';

test('a token says its id to one purpose alone, after a restart too, and none can be made up', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'dripline-tokens-'));
  const file = join(folder, 'token.key');
  const tokens = await openTokens(file);
  const id = 'welcome.first-steps@p-7k2mq4';
  const token = tokens.make('unsubscribe', id);
  expect(token).toMatch(/^[\w-]+$/);
  expect((await openTokens(file)).read('unsubscribe', token)).toBe(id);
  expect(tokens.read('bounce', token)).toBeUndefined();
  for (let i = 0; i < token.length; i += 1) {
    const other = token[i] === 'A' ? 'B' : 'A';
    const forged = token.slice(0, i) + other + token.slice(i + 1);
    // The last character may hold bits that no byte has.
    if (Buffer.from(forged, 'base64url').equals(Buffer.from(token, 'base64url'))) continue;
    expect(tokens.read('unsubscribe', forged), forged).toBeUndefined();
  }
  for (const wrong of ['', 'x', '../..', `${token}\n`, 'A'.repeat(5000)])
    expect(tokens.read('unsubscribe', wrong)).toBeUndefined();
  rmSync(folder, { recursive: true });
});
