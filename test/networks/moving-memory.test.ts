import { once } from 'node:events';
import { rmSync, truncateSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import type { Account } from '../../src/core/network/account.ts';
import { defaultPeople } from '../../src/sandbox/open-sandbox.ts';
import { openTestPublisher, signal } from './kit.ts';
import { moving } from './moving-kit.ts';

const size = 512 * 1024 * 1024;
const did = 'did:plc:aaaaaaaaaaaaaaaaaaaaaaaa';
const link = 'bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku';

/** What each of the networks answers, as short as it may be. */
const answers: [RegExp, unknown][] = [
  [/getServiceAuth/, { token: 'token' }],
  [/initialize|finalize/, { data: { id: '1', expires_after_secs: 100 } }],
  [/append/, { data: { expires_at: 1 } }],
  [/Session/, { did, handle: 'a.test', accessJwt: 'e.e30.x', refreshJwt: 'e.e30.x', active: true }],
  [/describeRepo/, { did, handle: 'a.test', didDoc: {}, collections: [], handleIsCorrect: true }],
  [/getUploadLimits/, { canUpload: true }],
  [/uploadVideo/, { jobId: 'job', state: 'JOB_STATE_CREATED' }],
  [/uploadBlob/, { blob: { $type: 'blob', ref: { $link: link }, mimeType: 'video/mp4', size } }],
  [/instance/, { version: '4.6.0' }],
  [/media/, { id: '1', url: null }],
];

/** Reads everything, and keeps none of it. */
async function openBottomless() {
  const server = createServer((request, response) => {
    request.resume();
    request.on('end', () => {
      response.setHeader('content-type', 'application/json');
      const [, answer] = answers.find(([route]) => route.test(request.url ?? '')) ?? [];
      response.end(JSON.stringify(answer));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { server, url: `http://127.0.0.1:${port}` };
}

const [x, bluesky, mastodon] = defaultPeople;
const accounts: [string, (baseUrl: string) => Account][] = [
  ['x', (baseUrl) => ({ ...x, name: 'x', baseUrl, maxLength: 280 })],
  ['bluesky', (baseUrl) => ({ ...bluesky, name: 'b', baseUrl, isPinned: true })],
  [
    'bluesky by its service',
    (baseUrl) => ({ ...bluesky, name: 'b', baseUrl, isPinned: true, videoUrl: baseUrl }),
  ],
  ['mastodon', (baseUrl) => ({ ...mastodon, name: 'm', baseUrl })],
];

for (const [way, accountAt] of accounts)
  test(`a video of half a gigabyte never stands in memory (${way})`, async () => {
    const { server, url } = await openBottomless();
    const publisher = await openTestPublisher(accountAt(url));
    const medium = moving('video');
    const { path } = medium.rendition!;
    truncateSync(path, size);
    const held = () => {
      const { heapUsed, arrayBuffers } = process.memoryUsage();
      return heapUsed + arrayBuffers;
    };
    const before = held();
    let most = 0;
    const watch = setInterval(() => {
      most = Math.max(most, held());
    }, 5);
    const large = { ...medium, rendition: { ...medium.rendition!, bytes: size } };
    await publisher.uploads!.send({ medium: large }, signal);
    clearInterval(watch);
    server.close();
    rmSync(path);
    expect(most - before).toBeLessThan(size / 2);
  });
