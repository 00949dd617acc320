import { expect, test } from 'vitest';
import type { Delivery } from '../../src/core/delivery/delivery.ts';
import { day, hour } from '../../src/core/time.ts';
import { rehearseQueue } from '../../src/rehearsal/rehearsal.ts';
import { resumeAll } from '../../src/rehearsal/snapshot.ts';
import { openMemoryStore } from '../../src/store/memory-store.ts';
import { openFolderOf } from '../../src/app/open-parts.ts';
import { now, openStage, posts, type Stage } from './kit.ts';

const fact = (key: string, value: unknown) => ({ key, value, revision: 3 });

test('pauses without an end, the first start and held accounts go on, and each is said; a pause with an end stays', () => {
  const pause = { since: now - hour, by: 'cli' };
  const { facts, notes } = resumeAll(
    [
      fact('pause', {
        paused: { bsky: pause, x: { ...pause, until: now + day } },
        resumedAt: { masto: 5 },
      }),
      fact('account:masto', {
        failures: 4,
        heldBecause: 'signed out',
        backoffUntil: now + day,
        identity: { id: '1', handle: 'm', url: 'u' },
      }),
      fact('service:w', {}),
      fact('nudge', 7),
      fact('feed:https://example.com', { seen: [] }),
    ],
    now,
  );
  expect(facts.map(({ key, value }) => [key, value])).toEqual([
    [
      'pause',
      {
        paused: { x: { ...pause, until: now + day } },
        resumedAt: { masto: 5, bsky: now },
        isFirstStart: false,
      },
    ],
    ['account:masto', { failures: 0, identity: { id: '1', handle: 'm', url: 'u' } }],
    ['feed:https://example.com', { seen: [] }],
  ]);
  expect(notes).toEqual([
    'Paused until resumed (bsky): the rehearsal assumes `resume` now.',
    'masto is held (signed out): the rehearsal assumes that it is not.',
  ]);
  expect(
    resumeAll([fact('pause', { paused: { '*': pause }, resumedAt: {}, isFirstStart: true })], now)
      .notes,
  ).toEqual(['The first start waits for `resume`: the rehearsal assumes it now.']);
});

const released = (post: string, startedAt: number): Delivery => ({
  id: `${post}@bsky`,
  post,
  run: 1,
  account: 'bsky',
  network: 'bluesky',
  state: 'released',
  rank: 'm',
  terms: { hash: 'h' },
  attempts: 0,
  fence: 1,
  startedAt,
  measureAt: startedAt + 2 * day,
  receipts: [
    { id: `at://did/app.bsky.feed.post/${post}`, url: `https://bsky.app/${post}`, at: startedAt },
  ],
  looks: 0,
  createdAt: startedAt,
  revision: 1,
});

async function rehearseWith(stage: Stage, own: ReturnType<typeof openMemoryStore>) {
  const folder = await openFolderOf(stage.config, 0);
  return rehearseQueue({
    settings: stage.config,
    folder,
    own,
    openStore: openMemoryStore,
    now,
    weeks: 1,
    seed: 1,
  });
}

test('what was released before counts: its numbers say what the account gets, it tires, and no post goes out twice', async () => {
  using stage = openStage({
    yaml: 'cadence: { perDay: 1 }\npacing: { mode: steady }',
    files: posts(20),
  });
  await using own = openMemoryStore();
  const plain = await rehearseWith(stage, own);
  const history = Array.from({ length: 12 }, (_, i) => released(`p${i}`, now - (12 - i) * 2 * day));
  await own.addDeliveries(history);
  await own.addSamples(
    history.slice(0, 11).map(({ id, post, account, network, startedAt = 0 }) => ({
      delivery: id,
      post,
      account,
      network,
      releasedAt: startedAt,
      at: startedAt + 2 * day,
      counts: { likes: 400 },
    })),
  );
  const after = await rehearseWith(stage, own);
  const firstOn = (one: typeof plain, account: string) =>
    one.releases.find((release) => release.account === account);
  expect(firstOn(plain, 'bsky')).toMatchObject({ post: 'p0' });
  const onBsky = after.releases.filter(({ account }) => account === 'bsky').map(({ post }) => post);
  expect(onBsky).toEqual(['p12', 'p13', 'p14', 'p15', 'p16', 'p17', 'p18', 'p19']);
  expect(firstOn(after, 'bsky')?.echo).toBeGreaterThan(
    5 * (firstOn(plain, 'bsky')?.echo ?? Infinity),
  );
  expect(firstOn(after, 'x')?.echo).toBe(firstOn(plain, 'x')?.echo);
  expect((await own.findDelivery('p11@bsky'))?.measureAt).toBe(history[11]?.measureAt);
});
