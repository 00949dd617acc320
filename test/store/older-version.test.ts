import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { openMovableClock, openWorld, until, type World } from '../flow/world.ts';

/** Ninety minutes after the store was begun, as its last entries say. */
const end = Date.parse('2026-11-24T09:31:00Z');

const post = (head: string, text: string) => `---\n${head}\n---\n${text}`;
const bluesky = 'networks: [bluesky]';
const green = `${bluesky}\nevergreen: { every: 1h, times: 3 }`;

/** The files that the store knows. */
const files: Record<string, string> = {
  '010-released': post('networks: [x, bluesky, mastodon]\ncampaign: spring', 'It went out.'),
  '020-uncertain': post('networks: [x]', 'Nobody knows.'),
  '030-failed': post('networks: [x]', 'w'.repeat(400)),
  '040-skipped': post(bluesky, 'Skipped for good.'),
  '050-withdrawn': post(bluesky, 'Withdrawn.'),
  '060-missed': post(`${bluesky}\ndate: 2026-11-24 09:30`, 'Missed.'),
  '070-expired': post(`${bluesky}\nexpires: 2026-11-24 09:40`, 'Expired.'),
  '080-asks': post(`${bluesky}\napproval: required`, 'May I?'),
  '090-draft': post(`${bluesky}\ndraft: true`, 'A draft.'),
  '100-evergreen': post(green, 'Again and again.'),
  '110-evergreen-b': post(green, 'Over and over.'),
  '120-half': post('networks: [mastodon]', 'In hand.'),
  ...Object.fromEntries(
    [0, 1, 2, 3, 4, 5].map((i) => [
      `2${i}0-later-${i}`,
      post('networks: [bluesky, mastodon]', `Later ${i}.`),
    ]),
  ),
};

/**
 * A world whose store version 0.1.0 made: each state, a pause, a held account, a folder that is
 * gone.
 */
async function openOld(): Promise<World> {
  const world = await openWorld({
    clock: openMovableClock(end),
    yaml: 'cadence: { perDay: 2, windows: ["00:00-24:00"], minGap: 1s }\npacing: { mode: steady }',
  });
  mkdirSync(world.config.folders.data, { recursive: true });
  using database = new DatabaseSync(join(world.config.folders.data, 'dripline.db'));
  const dump = readFileSync(join(import.meta.dirname, 'made-by-0.1.0.sql'), 'utf8');
  // The Mastodon server of that store is this world's.
  database.exec(dump.replaceAll('127.0.0.1:46145', new URL(world.sandbox.page).host));
  return world;
}

test('a store of version 0.1.0 is opened, and everything in it goes on', async () => {
  await using world = await openOld();
  await using served = await world.serve();
  const { store } = served.context;
  const find = async (id: string) => (await store.findDelivery(id)) ?? { state: 'absent' };
  const state = async (id: string) => (await find(id)).state;

  // What was held stays held, by a code now, and nothing went out meanwhile.
  expect((await store.findDelivery('later-0@bsky'))?.terms.held?.because).toBe('folder-gone');
  // The login of the held account works again.
  expect((await world.say('status')).accounts[0].heldBecause).toBeUndefined();
  for (const [id, expected] of Object.entries({
    'released@x': 'released',
    'uncertain@x': 'uncertain',
    'failed@x': 'failed',
    'skipped@bsky': 'skipped',
    'withdrawn@bsky': 'withdrawn',
    'missed@bsky': 'missed',
    'expired@bsky': 'expired',
  }))
    expect([id, await state(id)]).toEqual([id, expected]);

  // The folder is mounted again.
  world.write(
    Object.fromEntries(Object.entries(files).map(([name, text]) => [`posts/${name}.md`, text])),
  );
  await until('the folder is whole', async () => {
    const held = await store.listDeliveries({ states: ['waiting', 'queued', 'planned'] });
    return held.every(({ terms }) => terms.held?.because !== 'folder-gone');
  });
  expect((await store.findDelivery('draft@bsky'))?.terms.held?.because).toBe('draft');
  expect(await store.findDelivery('asks@bsky')).toMatchObject({
    state: 'waiting',
    because: 'approval',
  });

  // What was between intent and receipt is looked for, and sent once.
  await until('the half one', async () => (await state('half@masto')) === 'released');
  expect(world.texts('mastodon').filter((text) => text === 'In hand.')).toHaveLength(1);

  // A person goes on where one stopped.
  await world.say('resume bsky');
  await world.say('approve asks');
  await world.say('now asks');
  await world.say('retry missed');
  await world.say('settle uncertain not-released');
  expect(await state('uncertain@x')).not.toBe('uncertain');
  await until('the missed one has a slot', async () => (await state('missed@bsky')) === 'planned');
  await world.say('move skipped top');
  await world.say('undo');
  expect(await state('skipped@bsky')).toBe('skipped');

  // The skipped run of an evergreen post is behind the other one now.
  const ranks = await Promise.all(
    ['evergreen-b~2@bsky', 'evergreen~2@bsky'].map(
      async (id) => (await store.findDelivery(id))?.rank ?? '',
    ),
  );
  expect(ranks.toSorted()).toEqual(ranks);
});
