import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { BlueskyAccount } from '../../src/core/network/account.ts';
import { failureOf, mayOpen, openTestPublisher, signal } from '../networks/kit.ts';
import {
  carrying,
  clip,
  clipCaptions,
  loop,
  moving,
  processed,
  sendMedium,
} from '../networks/moving-kit.ts';
import { peerOrSkip } from '../peers/peer-or-skip.ts';
import { openPds, type Pds, type Person } from '../peers/pds.ts';
import { howToGetSnac, openSnac } from '../peers/snac.ts';
import { openVideoService } from '../peers/video-service.ts';

const { peer: snac, test: snacTest } = peerOrSkip(await openSnac(), howToGetSnac);
let pds: Pds;
beforeAll(async () => {
  pds = await openPds();
});
afterAll(async () => {
  await pds[Symbol.asyncDispose]();
  await snac?.[Symbol.asyncDispose]();
});

const accountOf = (
  { handle, password }: Person,
  more: Partial<BlueskyAccount> = {},
): BlueskyAccount => ({
  name: 'me',
  network: 'bluesky',
  baseUrl: pds.url,
  handle,
  password,
  isPinned: true,
  ...more,
});

async function recordOf({ agent }: Person, uri: string): Promise<any> {
  const [repo = '', collection = '', rkey = ''] = uri.slice('at://'.length).split('/');
  const { data } = await agent.com.atproto.repo.getRecord({ repo, collection, rkey });
  return JSON.parse(JSON.stringify(data.value));
}

const blobOf = async ({ agent, did }: Person, blob: any): Promise<Buffer> =>
  Buffer.from((await agent.com.atproto.sync.getBlob({ did, cid: blob.ref.$link })).data);

test('a server of Bluesky takes a video with alt text, captions and its shape', async () => {
  const person = await pds.createAccount();
  const publisher = await openTestPublisher(accountOf(person));
  const medium = moving('video', { captions: clipCaptions });
  const { token, isReady } = await sendMedium(publisher, medium, 'en');
  expect(isReady).toBe(true);
  const payload = await publisher.prepare(
    carrying(publisher, { text: 'A clip', medium, token }),
    signal,
  );
  const receipt = await publisher.publish(payload, { signal, mayOpen });
  const { embed } = await recordOf(person, receipt.id);
  expect(embed).toMatchObject({
    $type: 'app.bsky.embed.video',
    alt: 'Red all over',
    aspectRatio: { width: 96, height: 64 },
    captions: [{ lang: 'en', file: { mimeType: 'text/vtt' } }],
    video: { mimeType: 'video/mp4' },
  });
  expect(await blobOf(person, embed.video)).toEqual(readFileSync(clip));
  expect(await blobOf(person, embed.captions[0].file)).toEqual(readFileSync(clipCaptions));
});

test('a video that is larger than the server takes is refused with what to do', async () => {
  const publisher = await openTestPublisher(accountOf(await pds.createAccount()));
  const medium = moving('video', { bytes: Buffer.alloc(6 * 1024 * 1024) });
  expect(await failureOf(sendMedium(publisher, medium))).toMatchObject({
    kind: 'refused',
    status: 413,
    message: expect.stringContaining('Make it smaller'),
  });
});

test('a video goes through the service onto the server, once the address is confirmed', async () => {
  await using service = await openVideoService(pds.url);
  const person = await pds.createAccount();
  const publisher = await openTestPublisher(accountOf(person, { videoUrl: service.url }));
  const medium = moving('video');
  expect(await failureOf(sendMedium(publisher, medium))).toMatchObject({
    kind: 'refused',
    message: expect.stringContaining('e-mail address is not confirmed'),
  });
  expect(service.asked).toEqual([]);
  await pds.confirmEmail(person);
  const sent = await sendMedium(publisher, medium);
  expect(sent.isReady).toBe(false);
  const { token } = await processed(publisher, sent);
  expect(service.asked.map((line) => line.split('.').at(-1))).toEqual([
    'getUploadLimits',
    'uploadVideo',
    'getJobStatus',
    'getJobStatus',
  ]);
  const payload = await publisher.prepare(
    carrying(publisher, { text: 'By the service', medium, token }),
    signal,
  );
  const receipt = await publisher.publish(payload, { signal, mayOpen });
  const { embed } = await recordOf(person, receipt.id);
  expect(await blobOf(person, embed.video)).toEqual(readFileSync(clip));
});

for (const [kind, file] of [
  ['video', clip],
  ['gif', loop],
] as const)
  snacTest(`snac2 takes and shows what moves (${kind})`, async () => {
    const account = {
      name: 'me',
      network: 'mastodon' as const,
      baseUrl: snac?.url ?? '',
      token: snac?.token ?? '',
    };
    const publisher = await openTestPublisher(account);
    const { media } = await publisher.limits(signal);
    expect([media.video?.mimeTypes, media.gif]).toEqual([
      expect.arrayContaining(['video/mp4']),
      expect.objectContaining({ maxBytes: expect.any(Number) }),
    ]);
    const medium = moving(kind);
    const { token, isReady } = await sendMedium(publisher, medium);
    expect(isReady).toBe(true);
    const payload = await publisher.prepare(
      carrying(publisher, { text: `snac and a ${kind}`, medium, token }),
      signal,
    );
    const { id } = await publisher.publish(payload, { signal, mayOpen });
    const headers = { authorization: `Bearer ${snac?.token}`, connection: 'close' };
    const status: any = await (
      await fetch(`${snac?.url}/api/v1/statuses/${id}`, { headers })
    ).json();
    const [shown] = status.media_attachments;
    expect(shown.description).toBe('Red all over');
    const answer = await fetch(shown.url, { headers: { connection: 'close' } });
    expect(Buffer.from(await answer.arrayBuffer())).toEqual(readFileSync(file));
  });
