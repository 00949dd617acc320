import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test } from 'vitest';
import { Refusal } from '../../src/core/problem.ts';
import {
  blueskyAgent,
  failureOf,
  freePorts,
  mastodonClient,
  newFile,
  openTestSandbox,
  png,
  xClient,
} from './clients.ts';

type Urls = Record<'page' | 'x' | 'bluesky' | 'mastodon', string>;

async function startProcess(file: string): Promise<{ child: ChildProcess; urls: Urls }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'server.ts'), file], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  return { child, urls: JSON.parse(line) as Urls };
}

const post = {
  repo: '',
  collection: 'app.bsky.feed.post',
  rkey: '3m6dwkmrlcg2a',
  record: { text: 'Hello', createdAt: '2026-11-24T09:00:00Z' },
  swapRecord: null,
};
const key = { requestInit: { headers: { 'Idempotency-Key': 'k' } } };
const acceptedBy = async (urls: Urls) =>
  (await (await fetch(`${urls.page}/posts.json`)).json()) as {
    network: string;
    id: string;
    url: string;
    text: string;
  }[];

test('what was answered for survives kill -9: posts, keys, duplicates, pictures and deletions', async () => {
  const file = newFile();
  const first = await startProcess(file);
  const x = xClient(first.urls.x);
  const agent = await blueskyAgent(first.urls.bluesky);
  const masto = mastodonClient(first.urls.mastodon);
  const { data: tweet } = await x.v2.tweet('Hello');
  const { data: gone } = await x.v2.tweet('Gone');
  await x.v2.deleteTweet(gone.id);
  const record = await agent.com.atproto.repo.putRecord({ ...post, repo: agent.assertDid });
  const media = await masto.v2.media.create({
    file: new Blob([png], { type: 'image/png' }),
    skipPolling: true,
  });
  const status = await masto.v1.statuses.create({ status: 'Hello', mediaIds: [media.id] }, key);
  const before = await acceptedBy(first.urls);
  expect(before.map(({ id }) => id)).toEqual([tweet.id, record.data.uri, status.id]);
  first.child.kill('SIGKILL');
  await once(first.child, 'exit');

  const second = await startProcess(file);
  expect(await acceptedBy(second.urls)).toEqual(before);
  expect((await failureOf(xClient(second.urls.x).v2.tweet('Hello'))).data.detail).toMatch(
    /duplicate content/,
  );
  const later = (await xClient(second.urls.x).v2.tweet('Gone')).data.id;
  expect(BigInt(later)).toBeGreaterThan(BigInt(gone.id));
  const resumed = await blueskyAgent(second.urls.bluesky);
  expect(
    (await resumed.com.atproto.repo.putRecord({ ...post, repo: resumed.assertDid })).data.commit,
  ).toBeUndefined();
  const again = await mastodonClient(second.urls.mastodon).v1.statuses.create(
    { status: 'Changed' },
    key,
  );
  expect(again.id).toBe(status.id);
  expect(Buffer.from(await (await fetch(again.mediaAttachments[0]!.url!)).arrayBuffer())).toEqual(
    png,
  );
  expect(await acceptedBy(second.urls)).toHaveLength(4);
  second.child.kill('SIGTERM');
  expect((await once(second.child, 'exit'))[0]).toBe(0);
});

test('killed at any moment of a burst, it has every post that it answered for, and at most the ones in hand besides', async () => {
  const file = newFile();
  const { child, urls } = await startProcess(file);
  const answered: string[] = [];
  const masto = mastodonClient(urls.mastodon);
  const burst = Array.from({ length: 40 }, (_, i) =>
    masto.v1.statuses
      .create({ status: `Burst ${i}` })
      .then(({ id }) => {
        answered.push(id);
        if (answered.length === 15) child.kill('SIGKILL');
      })
      .catch(() => undefined),
  );
  await Promise.all(burst);
  await using sandbox = await openTestSandbox({ file });
  const there = sandbox.accepted().map(({ id }) => id);
  expect(answered.length).toBeGreaterThanOrEqual(15);
  expect(there).toEqual(expect.arrayContaining(answered));
  expect(new Set(there).size).toBe(there.length);
});

test('a torn last line is dropped and does not spoil what is written next', async () => {
  const file = newFile();
  {
    await using sandbox = await openTestSandbox({ file });
    await xClient(sandbox.baseUrls.x).v2.tweet('Whole');
  }
  appendFileSync(file, '[{"type":"post","post":{"network":"x","te');
  {
    await using sandbox = await openTestSandbox({ file });
    await xClient(sandbox.baseUrls.x).v2.tweet('After');
  }
  await using sandbox = await openTestSandbox({ file });
  expect(sandbox.accepted().map(({ text }) => text)).toEqual(['Whole', 'After']);
});

test('a second sandbox that gets no port leaves the file of the first as it is', async () => {
  const file = newFile();
  await using sandbox = await openTestSandbox({ file });
  await xClient(sandbox.baseUrls.x).v2.tweet('Whole');
  appendFileSync(file, '[{"type":"post","post":{"network":"x","te');
  const before = readFileSync(file, 'utf8');
  const error = await failureOf(
    openTestSandbox({ file, ports: { ...freePorts, page: Number(new URL(sandbox.page).port) } }),
  );
  expect(error).toBeInstanceOf(Refusal);
  expect(readFileSync(file, 'utf8')).toBe(before);
});

test('a damaged line in the middle is refused with its place', async () => {
  const file = newFile();
  {
    await using sandbox = await openTestSandbox({ file });
    await xClient(sandbox.baseUrls.x).v2.tweet('Whole');
  }
  writeFileSync(file, `nonsense\n${readFileSync(file, 'utf8')}`);
  const error = await failureOf(openTestSandbox({ file }));
  expect(error).toBeInstanceOf(Refusal);
  expect(error.message).toContain(`${file}:1`);
});

test('a port that is taken is a refusal that names it, and leaves no other port open', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  onTestFinished(() => void other.close());
  const taken = (other.address() as AddressInfo).port;
  const error = await failureOf(openTestSandbox({ ports: { ...freePorts, mastodon: taken } }));
  expect(error).toBeInstanceOf(Refusal);
  expect(error.message).toMatch(
    new RegExp(
      `mastodon server can't listen on port ${taken}.*Stop that .*other ports, with --port`,
    ),
  );
});
