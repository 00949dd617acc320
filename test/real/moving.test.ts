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
import { listStores, releaseAll } from './real-world.ts';

const { peer: snac, test: snacTest } = peerOrSkip(await openSnac(), howToGetSnac);
let pds: Pds;
beforeAll(async () => {
  pds = await openPds();
});
afterAll(async () => {
  await pds[Symbol.asyncDispose]();
  await snac?.[Symbol.asyncDispose]();
});

/** A post as its author writes it, with a video or an animation beside it. */
const filesOf = (name: 'clip.mp4' | 'loop.gif', word: string) => ({
  [`posts/${word}/index.md`]: `---\nmedia: [{ src: ${name}, alt: "Red all over" }]\n---\nSee ${word}\n`,
  [`posts/${word}/${name}`]: readFileSync(name === 'clip.mp4' ? clip : loop),
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

for (const { store, uri, test: storeTest } of listStores()) {
  storeTest(`a file with a video becomes the record of a video (${store})`, async () => {
    await using service = await openVideoService(pds.url);
    const person = await pds.createAccount();
    await pds.confirmEmail(person);
    for (const [word, videoUrl] of [
      ['direct', ''],
      ['serviced', `, videoUrl: "${service.url}"`],
    ] as const) {
      const { handle, password } = person;
      const where = `network: bluesky, baseUrl: "${pds.url}"${videoUrl}`;
      const { [word]: released } = await releaseAll({
        account: `{ ${where}, handle: ${handle}, password: ${password} }`,
        files: filesOf('clip.mp4', word),
        mongoUri: uri(),
      });
      expect([released?.state, released?.reason]).toEqual(['released', undefined]);
      const { text, embed } = await recordOf(person, released?.receipts[0]?.id ?? '');
      expect([text, embed.alt]).toEqual([`See ${word}`, 'Red all over']);
      expect(await blobOf(person, embed.video)).toEqual(readFileSync(clip));
    }
    expect(service.asked.filter((line) => line.includes('uploadVideo'))).toHaveLength(1);
  });
}

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
    await requireShown(id, file);
    const word = `snac-${kind}`;
    const { [word]: released } = await releaseAll({
      account: `{ network: mastodon, url: "${snac?.url}", token: ${snac?.token} }`,
      files: filesOf(kind === 'gif' ? 'loop.gif' : 'clip.mp4', word),
      mongoUri: undefined,
    });
    expect([released?.state, released?.reason]).toEqual(['released', undefined]);
    await requireShown(released?.receipts[0]?.id ?? '', file);
  });

async function requireShown(id: string, file: string): Promise<void> {
  const headers = { authorization: `Bearer ${snac?.token}`, connection: 'close' };
  const status: any = await (await fetch(`${snac?.url}/api/v1/statuses/${id}`, { headers })).json();
  const [shown] = status.media_attachments;
  expect(shown.description).toBe('Red all over');
  const answer = await fetch(shown.url, { headers: { connection: 'close' } });
  expect(Buffer.from(await answer.arrayBuffer())).toEqual(readFileSync(file));
}
