import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { run } from './kit.ts';

/** As much of a server that speaks Mastodon's API as a login asks for. */
async function openInstance(instance: object) {
  const answers: Record<string, object> = {
    '/api/v2/instance': instance,
    '/api/v1/accounts/verify_credentials': {
      id: '1',
      username: 'me',
      acct: 'me',
      url: 'http://localhost/@me',
    },
    '/api/v1/apps/verify_credentials': {
      scopes: ['read', 'write'],
    },
  };
  const server = createServer(({ url = '' }, response) => {
    const answer = answers[url.split('?')[0] ?? ''];
    response.writeHead(answer ? 200 : 404, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answer ?? { error: 'Record not found' }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const folder = mkdtempSync(join(tmpdir(), 'dripline-limits-'));
  for (const name of ['posts', 'config']) mkdirSync(join(folder, name));
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const account = `{ network: mastodon, url: "${baseUrl}", token: abc }`;
  writeFileSync(
    join(folder, 'config/dripline.yaml'),
    `timezone: UTC\naccounts:\n  masto: ${account}\n`,
  );
  return {
    folder,
    write: (name: string, text: string) => writeFileSync(join(folder, 'posts', name), text),
    [Symbol.dispose]() {
      server.closeAllConnections();
      server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const toInstance = (version: string, maxCharacters: number, pictures = 4) => ({
  version,
  configuration: {
    statuses: { max_characters: maxCharacters, max_media_attachments: pictures },
  },
});

test('check measures by what the server of the account says', async () => {
  using instance = await openInstance(toInstance('4.6.0', 5000));
  instance.write('a.md', 'a'.repeat(4990));
  instance.write('b.md', 'b'.repeat(5001));
  const { stdout, code, stderr } = await run(instance.folder, 'check');
  expect(stderr).toBe('');
  expect(stdout).toMatch(/b\.md.*5001 characters.*5000 are allowed/);
  expect(stdout).not.toMatch(/a\.md/);
  expect(code).toBe(1);
});

test.each(['', '0.20.3+git-8ad7e07'])(
  'check refuses what a server that says "%s" would refuse on its day',
  async (version) => {
    using instance = await openInstance(toInstance(version, 500));
    instance.write('a.md', '👨‍👩‍👧‍👦'.repeat(100));
    instance.write('b.md', `https://example.com/${'u'.repeat(500)}`);
    instance.write('c.md', 'c'.repeat(500));
    const { stdout } = await run(instance.folder, 'check');
    expect(stdout).toMatch(/a\.md.*700 characters/);
    expect(stdout).toMatch(/b\.md.*520 characters/);
    expect(stdout).not.toMatch(/c\.md/);
  },
);
