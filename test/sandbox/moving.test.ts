import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseRule } from '../../src/sandbox/http/misbehaviour.ts';
import { faultIn, movesIn, sniff } from '../../src/sandbox/world/moving-files.ts';
import { chromiumFile, howToGet, openChromium } from '../browser/kit.ts';
import { wallClock } from '../networks/kit.ts';
import { clip, loop } from '../networks/moving-kit.ts';
import { peerOrSkip } from '../peers/peer-or-skip.ts';
import {
  blueskyAgent,
  failureOf,
  mastodonClient,
  openTestSandbox,
  png,
  xClient,
} from './clients.ts';

const { test: browserTest } = peerOrSkip(chromiumFile, howToGet);
const video = readFileSync(clip);
const animation = readFileSync(loop);
const open = () => openTestSandbox({ clock: wallClock, processFor: 60 });
const asVideo = { media_type: 'video/mp4', media_category: 'tweet_video' } as const;

test("X's own library sends a video, waits for it and posts it, alone", async () => {
  await using sandbox = await open();
  const hanging = { network: 'x', route: 'finalize', how: 'processing-hangs', times: 1 } as const;
  sandbox.misbehave(hanging);
  const { v2 } = xClient(sandbox.baseUrls.x);
  const begun = await v2.post<any>('media/upload/initialize', {
    ...asVideo,
    total_bytes: video.length,
  });
  const early: string = begun.data.id;
  await v2.post(
    `media/upload/${early}/append`,
    { segment_index: 0, media: video },
    { forceBodyMode: 'form-data' },
  );
  const { data } = await v2.post<any>(`media/upload/${early}/finalize`);
  expect([data.media_key, data.processing_info]).toEqual([
    `7_${early}`,
    { state: 'pending', check_after_secs: 1 },
  ]);
  const refused = await failureOf(v2.tweet({ text: 'early', media: { media_ids: [early] } }));
  expect(JSON.stringify(refused.data)).toContain('Your media IDs are invalid');
  const media = await v2.uploadMedia(video, asVideo);
  const picture = await v2.uploadMedia(png, { media_type: 'image/png' });
  const mixed = await failureOf(
    v2.tweet({ text: 'mixed', media: { media_ids: [media, picture] } }),
  );
  expect(JSON.stringify(mixed.data)).toContain('or 1 video');
  const posted = await v2.tweet({ text: 'A video', media: { media_ids: [media] } });
  const shown = await v2.singleTweet(posted.data.id, { 'tweet.fields': ['attachments'] });
  expect(shown.data.attachments?.media_keys).toEqual([`7_${media}`]);
  const wrong = { ...asVideo, media_category: 'tweet_gif', total_bytes: 10 };
  expect((await failureOf(v2.post('media/upload/initialize', wrong))).code).toBe(400);
});

test("Mastodon's own library waits for videos and animations", async () => {
  await using sandbox = await open();
  const { v1, v2 } = mastodonClient(sandbox.baseUrls.mastodon);
  const create = (bytes: Buffer) =>
    v2.media.create({ file: new Blob([new Uint8Array(bytes)]), description: 'Red' });
  const [one, other] = [await create(video), await create(animation)];
  expect([one.type, other.type, one.url]).toEqual([
    'video',
    'gifv',
    expect.stringContaining('/media/'),
  ]);
  const both = { status: 'both', mediaIds: [one.id, other.id] };
  expect((await failureOf(v1.statuses.create(both))).message).toContain('Cannot attach a video');
  const status = await v1.statuses.create({ status: 'one', mediaIds: [one.id] });
  expect(status.mediaAttachments).toMatchObject([{ type: 'video', description: 'Red' }]);
  const failed = await failureOf(create(video.subarray(0, 2000)));
  expect(failed.message).toContain('Error processing');
});

test('Bluesky grants a token for one service, one method and an hour at most', async () => {
  await using sandbox = await open();
  const origin = sandbox.baseUrls.bluesky;
  const agent = await blueskyAgent(origin);
  const grant = async (aud: string, minutes = 30) => {
    const exp = Math.floor(Date.now() / 1000) + minutes * 60;
    const params = { aud, lxm: 'com.atproto.repo.uploadBlob', exp };
    return (await agent.com.atproto.server.getServiceAuth(params)).data.token;
  };
  const send = async (token: string) => {
    const address = `${origin}/xrpc/app.bsky.video.uploadVideo?did=${agent.assertDid}&name=a.mp4`;
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'video/mp4' };
    const body = new Uint8Array(video);
    return (await fetch(address, { method: 'POST', headers, body })).status;
  };
  expect(await send(await grant('did:web:127.0.0.1'))).toBe(200);
  expect(await send(await grant('did:web:bsky.social'))).toBe(401);
  expect(await send(agent.session?.accessJwt ?? '')).not.toBe(200);
  expect((await failureOf(grant('did:web:127.0.0.1', 61))).error).toBe('BadExpiration');
});

test('a file is judged by its bytes', () => {
  expect([sniff(video), movesIn(video, 'video/mp4'), faultIn(video, { isH264Only: true })]).toEqual(
    ['video/mp4', 'video', undefined],
  );
  expect([sniff(animation), movesIn(animation, 'image/gif'), faultIn(animation)]).toEqual([
    'image/gif',
    'gif',
    undefined,
  ]);
  for (const whole of [video, animation])
    for (const length of [0, 1, 7, 8, 20, Math.floor(whole.length / 2), whole.length - 1])
      expect([length, typeof faultIn(whole.subarray(0, length))]).toEqual([length, 'string']);
  const hevc = Buffer.from(video.toString('latin1').replaceAll('avc1', 'hvc1'), 'latin1');
  expect([faultIn(hevc), faultIn(hevc, { isH264Only: true })]).toEqual([
    undefined,
    'unsupported video codec',
  ]);
  for (const how of ['413', 'reset-midway', 'processing-hangs', 'processing-fails'])
    expect(parseRule({ network: 'x', how })).toEqual({ network: 'x', how });
});

async function showVideo(page: string, baseUrl: string): Promise<string> {
  const { v1, v2 } = mastodonClient(baseUrl);
  const { id } = await v2.media.create({
    file: new Blob([new Uint8Array(video)]),
    description: 'Red "all" over',
  });
  await v1.statuses.create({ status: 'A video', mediaIds: [id] });
  const html = await (await fetch(page)).text();
  expect(html).toContain('aria-label="Red &quot;all&quot; over"');
  return `${page}${/<video src="([^"]+)"/.exec(html)?.[1]}`;
}

test('the page hands out a video whole or in pieces', async () => {
  await using sandbox = await open();
  const address = await showVideo(sandbox.page, sandbox.baseUrls.mastodon);
  for (const [range, status, from, to] of [
    [undefined, 200, 0, video.length],
    ['bytes=0-3', 206, 0, 4],
    ['bytes=100-', 206, 100, video.length],
    ['bytes=-10', 206, video.length - 10, video.length],
    ['bytes=0-99999999', 206, 0, video.length],
    [`bytes=${video.length}-`, 416, 0, 0],
    ['bytes=9-3', 416, 0, 0],
    ['bytes=0-1,5-6', 200, 0, video.length],
    ['lines=1-2', 200, 0, video.length],
  ] as const) {
    const answer = await fetch(address, { headers: range === undefined ? {} : { range } });
    const body = Buffer.from(await answer.arrayBuffer());
    expect([range, answer.status, body.equals(video.subarray(from, to))]).toEqual([
      range,
      status,
      true,
    ]);
  }
});

browserTest('a browser plays it', async () => {
  await using sandbox = await open();
  await showVideo(sandbox.page, sandbox.baseUrls.mastodon);
  const browser = await openChromium();
  try {
    const page = await browser.newPage();
    const troubles: string[] = [];
    page.on('console', (message) => message.type() === 'error' && troubles.push(message.text()));
    await page.goto(sandbox.page);
    await page.locator('video').scrollIntoViewIfNeeded();
    await page.waitForFunction('document.querySelector("video").readyState > 0');
    const shape = 'const { videoWidth, videoHeight } = document.querySelector("video");';
    expect(await page.evaluate(`(() => { ${shape} return [videoWidth, videoHeight] })()`)).toEqual([
      96, 64,
    ]);
    expect(troubles).toEqual([]);
  } finally {
    await browser.close();
  }
});
