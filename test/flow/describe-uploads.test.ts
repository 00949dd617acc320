import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { minute } from '../../src/core/time.ts';
import { describe as tell } from '../../src/flow/uploads/describe-uploads.ts';
import type { UploadsFact } from '../../src/flow/uploads/uploads-fact.ts';
import { openMovableClock, openWorld, tuesday, until } from './world.ts';

const delivery = { network: 'mastodon', terms: { hash: 'h', moves: true } } as const;
const sent = (isReady: boolean, expiresAt = 1e15) => ({
  '0.0': { digest: 'd', sentAt: 1, upload: { token: 1, isReady, expiresAt } },
});
const none: UploadsFact = { of: '', media: {}, isDone: false, failures: 0 };
const now = 1e12;

test.each<[string, Partial<UploadsFact>, string]>([
  ['ahead', {}, 'its video will be sent 20 minutes before its time'],
  ['ahead', { of: 'other', media: sent(true), isDone: true }, 'its video will be sent 20 minutes'],
  ['sending', { of: 'h' }, 'its video is being sent to Mastodon'],
  [
    'sending',
    { of: 'h', failures: 2, because: 'it answered 502', nextAt: now + minute },
    'its video is being sent to Mastodon. The last try went wrong: it answered 502',
  ],
  ['processing', { of: 'h', media: sent(false) }, 'Mastodon is still working on its video'],
  [
    'processing',
    { of: 'h', media: sent(false), failures: 1, because: 'no answer' },
    'Mastodon is still working on its video. The last try went wrong: no answer',
  ],
  ['ready', { of: 'h', media: sent(true), isDone: true }, 'Mastodon has its video'],
  [
    'sending',
    { of: 'h', media: sent(true, now), isDone: true },
    'its video is being sent to Mastodon',
  ],
  [
    'refused',
    { of: 'h', isDone: true, refused: 'it is too long' },
    'Mastodon does not take its video: it is too long',
  ],
])('%s: %j', (is, fact, text) => {
  const told = tell({ ...none, ...fact }, delivery, now);
  expect(told.is).toBe(is);
  expect(told.text.startsWith(text)).toBe(true);
});

test('where its time has come and nothing was sent yet, it is being sent', () => {
  expect(tell(none, { ...delivery, at: now }, now).text).toBe(
    'its video is being sent to Mastodon',
  );
  expect(tell(none, { ...delivery, at: now + 1 }, now).is).toBe('ahead');
});

test('`show` and `queue` say how far a video is, and why it went wrong last', async () => {
  const clock = openMovableClock(tuesday);
  await using world = await openWorld({
    clock,
    files: {
      'posts/010-clip.md': '---\nmedia: [{ src: clip.mp4, alt: "Colours" }]\n---\nA clip\n',
      'media/clip.mp4': readFileSync(join(import.meta.dirname, '../fixtures/clip.mp4')),
    },
  });
  world.sandbox.misbehave({ network: 'x', how: 'processing-hangs' });
  world.sandbox.misbehave({ network: 'mastodon', how: '503', route: /media/ });
  await using _served = await world.serve();
  await world.say('resume');
  const told = async (name: string) =>
    (await world.say(`show clip@${name}`)).deliveries.find(
      (one: { delivery: string }) => one.delivery === `clip@${name}`,
    ).uploads as { is: string; text: string; failures?: number } | undefined;
  await until('X works on it', async () => (await told('x'))?.is === 'processing');
  await until('Mastodon did not answer', async () => ((await told('masto'))?.failures ?? 0) > 0);
  expect(await told('x')).toMatchObject({
    is: 'processing',
    text: 'X is still working on its video',
  });
  expect((await told('masto'))?.text).toMatch(
    /^its video is being sent to Mastodon\. The last try went wrong: .*503/,
  );
  await until('Bluesky published it', () => world.texts('bluesky').length === 1);
  await until('nothing is left to say', async () => (await told('bsky')) === undefined);
  const rows = await world.say<{ delivery: string; why?: string }[]>('queue');
  expect(rows.find((one) => one.delivery === 'clip@x')?.why).toMatch(
    / · X is still working on its video$/,
  );
});
