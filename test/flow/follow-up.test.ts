import { expect, test } from 'vitest';
import { measuredSoon, openWorld, until } from './world.ts';

const rule = (text: string) => `---\nid: hello\nfollowUps:\n${text}\n---\nHello there.`;
const threshold = rule('  - { when: "likes >= 20", within: 1h, as: reply, text: "The full story." }');

test('a post that passes its threshold on one network alone is followed there alone, as a reply to it, once', async () => {
  await using world = await openWorld({
    files: { 'posts/hello.md': threshold },
    imagine: ({ network, text }) => ({ likes: network === 'bluesky' && text === 'Hello there.' ? 25 : 3 }),
  });
  await using _served = await world.serve({ timing: measuredSoon });
  await world.say('resume');
  const reply = await until('the follow-up', () => world.sandbox.accepted().find(({ text }) => text === 'The full story.'));
  const parent = world.sandbox.accepted().find(({ network, text }) => network === 'bluesky' && text === 'Hello there.');
  expect([reply.network, reply.inReplyTo]).toEqual(['bluesky', parent?.id]);
  await until('it is known', async () => (await world.say('show hello.f1')).deliveries[0].state === 'released');
  const shown = await world.say('show hello');
  const samples = Object.fromEntries(shown.deliveries.map((one: any) => [one.delivery, one.samples.at(-1)]));
  expect(samples['hello@bsky']).toMatchObject({ likes: 25, reposts: 0, replies: 0, quotes: 0 });
  expect('views' in samples['hello@bsky']).toBe(false);
  expect(samples['hello@x']).toMatchObject({ likes: 3, views: 0 });
  expect(world.texts('x')).toEqual(['Hello there.']);
  expect(world.texts('mastodon')).toEqual(['Hello there.']);
  const followed = (await world.say('journal')).filter(({ type }: { type: string }) => type === 'followed');
  expect(followed).toEqual([expect.objectContaining({ delivery: 'hello@bsky', by: 'dripline' })]);
});
