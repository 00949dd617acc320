import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { hour } from '../../src/core/time.ts';
import { openMovableClock, openWorld, until, type World } from './world.ts';

/** Nothing goes by cadence while a test looks. */
const yaml =
  'cadence: { perDay: 1, windows: ["00:00-24:00"], minGap: 1s }\npacing: { mode: steady }';
const start = Date.parse('2026-11-24T08:00:00Z');
const post = (head: string, body: string) => `---\n${head}\n---\n${body}`;

async function open(files: Record<string, string>): Promise<World & { move(by: number): void }> {
  const clock = openMovableClock(start);
  const world = await openWorld({ clock, yaml, files });
  return Object.assign(world, { move: clock.move });
}

const find = async (world: World, id: string) => {
  const [name = '', account] = id.split('@');
  const { deliveries } = await world.say(`show ${name}`);
  return deliveries.find((one: { account: string }) => one.account === account);
};

const untilState = (world: World, id: string, state: string) =>
  until(`${id} is ${state}`, async () => (await find(world, id))?.state === state);

const scanned = (world: World, id: string) =>
  until('the edit is read', async () =>
    (await world.say('journal')).some(
      ({ type, post: of }: { type: string; post?: string }) => type === 'edited' && of === id,
    ),
  );

test('undo is refused once a part of a thread is out, so that no part goes out twice', async () => {
  await using world = await open({
    'posts/a.md': post('networks: [bluesky]', 'One\n\n---\nTwo\n\n---\nThree'),
  });
  await using served = await world.serve();
  await world.say('resume');
  await world.say('move a top');
  const { store } = served.context;
  const before = await store.findDelivery('a@bsky');
  if (!before) throw new Error('no delivery');
  // As it is after the first part is out and the second was refused.
  await store.changeDelivery(before, {
    ...before,
    state: 'failed',
    reason: 'refused',
    isRefused: true,
    receipts: [{ id: 'at://did/app.bsky.feed.post/1', url: 'https://bsky.app/1', at: start }],
  } as never);
  await expect(world.say('undo')).rejects.toThrow('1 part of a@bsky was published since');
  expect((await find(world, 'a@bsky')).state).toBe('failed');
});

test('what a file says reaches what a person may still bring back', async () => {
  const missed = 'networks: [bluesky]\ndate: 2026-11-24 09:30';
  await using world = await open({
    'posts/draft.md': post(missed, 'D'),
    'posts/asks.md': post(missed, 'A'),
  });
  await using _served = await world.serve();
  await world.say('resume');
  await world.say('pause');
  world.move(2 * hour);
  for (const id of ['draft@bsky', 'asks@bsky']) await untilState(world, id, 'missed');
  world.write({
    'posts/draft.md': post(`${missed}\ndraft: true`, 'A draft.'),
    'posts/asks.md': post(`${missed}\napproval: required`, 'May I?'),
  });
  for (const id of ['draft', 'asks']) await scanned(world, id);
  await world.say('resume');
  await expect(world.say('now draft')).rejects.toThrow('is a draft');
  await expect(world.say('now asks')).rejects.toThrow('waits for approval');
  await world.say('retry draft');
  await until('it is held', async () =>
    (await find(world, 'draft@bsky')).reason?.includes('is a draft'),
  );
  expect(world.texts('bluesky')).toEqual([]);
});

test('undo keeps what the file says since: a hold, another text, its date', async () => {
  await using world = await open({
    'posts/a.md': post('networks: [bluesky]', 'A'),
    'posts/b.md': post('networks: [bluesky]\ndate: 2026-12-20', 'B'),
  });
  await using served = await world.serve();
  await world.say('resume');
  await world.say('move b top');
  world.write({ 'posts/b.md': post('networks: [bluesky]\ndate: 2026-12-20', 'B, edited') });
  await scanned(world, 'b');
  await world.say('undo');
  const { store } = served.context;
  expect((await store.findDelivery('b@bsky'))?.terms.pin).toEqual({ date: '2026-12-20' });
  await world.say('move a top');
  world.write({ 'posts/a.md': post('networks: [blusky]', 'Broken') });
  await until('a is held', async () => (await store.findDelivery('a@bsky'))?.terms.held);
  await world.say('undo');
  expect((await store.findDelivery('a@bsky'))?.terms.held?.because).toBe('file-broken');
});

test('nothing of a deleted file comes back into the queue', async () => {
  await using world = await open({
    'posts/a.md': post('networks: [bluesky]', 'A'),
    'posts/b.md': post('networks: [bluesky]', 'B'),
    'posts/c.md': post('networks: [bluesky]', 'C'),
  });
  await using _served = await world.serve();
  await world.say('resume');
  await world.say('withdraw a');
  rmSync(join(world.folder, 'posts/a.md'));
  await until(
    'it is seen',
    async () =>
      (await world.say('journal')).length > 0 &&
      (await _served.context.store.findPost('a'))?.goneAt !== undefined,
  );
  for (const line of ['undo', 'move a top', 'now a'])
    await expect(world.say(line)).rejects.toThrow('the file of a@bsky was deleted');
  expect((await find(world, 'a@bsky')).state).toBe('withdrawn');
});

test('a corrected post comes back on the accounts that its file still names, and on no other', async () => {
  const long = 'w'.repeat(290);
  await using world = await open({ 'posts/a.md': post('networks: [x, bluesky]', long) });
  await using _served = await world.serve();
  await world.say('resume');
  await world.say('now a@x --wait=0');
  await untilState(world, 'a@x', 'failed');
  world.write({ 'posts/a.md': post('networks: [bluesky]', 'Short.') });
  await scanned(world, 'a');
  expect((await find(world, 'a@x')).state).toBe('failed');
  world.write({ 'posts/a.md': post('networks: [x, bluesky]', 'Short.') });
  await until('x is back', async () => (await find(world, 'a@x')).state !== 'failed');
});

test('an evergreen run asks for approval, or is withdrawn, when its file says so', async () => {
  const green = 'networks: [bluesky]\nevergreen: { every: 1h, times: 3 }';
  await using world = await open({
    'posts/a.md': post(green, 'A'),
    'posts/b.md': post(green, 'B'),
  });
  await using _served = await world.serve();
  await world.say('resume');
  for (const id of ['a', 'b']) await world.say(`now ${id}`);
  for (const id of ['a~2@bsky', 'b~2@bsky'])
    await until(id, async () => (await find(world, id)) !== undefined);
  world.write({
    'posts/a.md': post(`${green}\napproval: required`, 'A, again'),
    'posts/b.md': post('networks: [bluesky]', 'B, once'),
  });
  await until('a waits', async () => (await find(world, 'a~2@bsky')).reason?.includes('approval'));
  await untilState(world, 'b~2@bsky', 'withdrawn');
  await expect(world.say('now a~2')).rejects.toThrow('waits for approval');
});

test('a thread whose first part a restored store finds is continued when a person settles it', async () => {
  await using world = await open({
    'posts/a.md': post('networks: [bluesky]', 'One\n\n---\nTwo\n\n---\nThree'),
  });
  {
    await using _served = await world.serve();
    await world.say('resume');
    await world.say('now a');
    await until('all are out', () => world.texts('bluesky').length === 3);
  }
  rmSync(world.config.folders.data, { recursive: true });
  await using _served = await world.serve();
  await world.say('resume');
  await world.say('now a --wait=0');
  await untilState(world, 'a@bsky', 'uncertain');
  const first = world.sandbox.accepted().find(({ text }) => text === 'One');
  expect(await world.say(`settle a released ${first?.url}`)).toEqual([
    { delivery: 'a@bsky', state: 'releasing' },
  ]);
});
