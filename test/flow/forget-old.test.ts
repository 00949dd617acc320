import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { type State, states } from '../../src/core/delivery/delivery.ts';
import type { Sample } from '../../src/core/engagement.ts';
import { defaultKeep, type Keep, type Settings } from '../../src/core/settings.ts';
import { day, hour } from '../../src/core/time.ts';
import { forgetOld } from '../../src/flow/forget-old.ts';
import { openFeedPictures } from '../../src/media/tidy.ts';
import type { Store } from '../../src/ports/store.ts';
import { openStore } from '../../src/store/open-store.ts';
import { openMemoryStore } from '../../src/store/memory-store.ts';
import { makeDelivery, makeEntry, makePost } from '../store/kit.ts';
import { openWorld, until } from './world.ts';

const begin = Date.UTC(2026, 0, 6);
const never = new AbortController().signal;
const ages = [1, 2, 4, 8, 16, 24, 48, 96, 168].map((hours) => hours * hour);

function openYear(store: Store, keep: Keep) {
  const clock = { at: begin, now: () => clock.at, monotonic: () => clock.at };
  return { clock, context: { store, clock, settings: { keep } as Settings } };
}

const looksAt = (post: string, releasedAt: number): Sample[] =>
  ages.map((age) => ({
    delivery: `${post}@bsky`,
    post,
    account: 'bsky',
    network: 'bluesky',
    releasedAt,
    at: releasedAt + age,
    counts: { likes: age / hour },
  }));

test('a year of a busy account does not make journal and numbers longer than what is kept', async () => {
  await using store = openMemoryStore();
  const keep = { ...defaultKeep, journalFor: 30 * day, samplesFor: 190 * day };
  const { clock, context } = openYear(store, keep);
  const [aDay, entriesADay, days] = [6, 40, 365];
  const rows: { entries: number; samples: number }[] = [];
  for (let date = 0; date < days; date++) {
    clock.at = begin + date * day;
    await store.appendJournal(
      Array.from({ length: entriesADay }, (_, n) =>
        makeEntry(`${date}-${n}`, { at: clock.at + n }),
      ),
    );
    const posts = Array.from({ length: aDay }, (_, n) => `p${date}-${n}`);
    await store.addSamples(posts.flatMap((post) => looksAt(post, clock.at)));
    await forgetOld(context, never);
    if (date % 60 === 59 || date === days - 1)
      rows.push({
        entries: (await store.listJournal({})).length,
        samples: (await store.listSamples({})).length,
      });
  }
  for (const { entries } of rows) expect(entries).toBeLessThanOrEqual(31 * entriesADay);
  const { samples = 0 } = rows.at(-1) ?? {};
  const kept = 191 * aDay * ages.length;
  // One of each delivery stays for good.
  expect(samples).toBeLessThanOrEqual(kept + (days - 190) * aDay);
  expect(await store.listSamples({ account: 'bsky', isLatest: true })).toHaveLength(days * aDay);
  const since = clock.at - 182 * day;
  const young = await store.listSamples({ releasedSince: since });
  expect(young).toHaveLength(183 * aDay * ages.length);
});

test('what is told once, and what was kept already, is not walked through each day', async () => {
  await using store = openMemoryStore();
  const { clock, context } = openYear(store, { ...defaultKeep, journalFor: 30 * day });
  await store.appendJournal([
    ...Array.from({ length: 2500 }, (_, n) =>
      makeEntry(`problem ${n}`, { at: begin + n, type: 'problem' }),
    ),
    makeEntry('old', { at: begin + 3000 }),
  ]);
  const from: number[] = [];
  const watched: Store = Object.create(store, {
    removeEntries: {
      value: (...args: Parameters<Store['removeEntries']>) => {
        from.push(args[0].from);
        return store.removeEntries(...args);
      },
    },
  });
  for (let date = 40; date < 44; date++) {
    clock.at = begin + date * day;
    await forgetOld({ ...context, store: watched }, never);
    // Once a day, however often it is called.
    await forgetOld({ ...context, store: watched }, never);
  }
  expect((await store.listJournal({})).map(({ type }) => type)).toEqual(
    Array.from({ length: 2500 }, () => 'problem'),
  );
  expect(from).toHaveLength(3 + 3);
  expect(from.slice(3)).toEqual([10, 11, 12].map((date) => begin + date * day));
});

test('a service that ends between two steps goes on with the rest at its next start', async () => {
  await using store = openMemoryStore();
  const { clock, context } = openYear(store, defaultKeep);
  await store.appendJournal(
    Array.from({ length: 2500 }, (_, n) => makeEntry(`e${n}`, { at: begin + n })),
  );
  clock.at = begin + 3 * 365 * day;
  const stopping = new AbortController();
  const stopped: Store = Object.create(store, {
    removeEntries: {
      value: async (...args: Parameters<Store['removeEntries']>) => {
        stopping.abort();
        return store.removeEntries(...args);
      },
    },
  });
  await forgetOld({ ...context, store: stopped }, stopping.signal);
  expect(await store.listJournal({})).toHaveLength(1500);
  await forgetOld(context, never);
  expect(await store.listJournal({})).toHaveLength(0);
});

test('a picture of a feed goes when it is old and every post that has it is published', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'dripline-feed-media-'));
  await using store = openMemoryStore();
  const { clock, context } = openYear(store, defaultKeep);
  clock.at = begin + 100 * day;
  const save = async (name: string, { age, state }: { age: number; state?: State }) => {
    const file = join(folder, `${name}.png`);
    writeFileSync(file, name);
    const at = (clock.at - age * day) / 1000;
    utimesSync(file, at, at);
    if (!state) return;
    const stored = makePost(name, { media: [{ src: 'https://a/b.png', file, alt: '' }] });
    await store.savePosts([{ ...stored, source: 'https://a.example/feed.xml' }]);
    await store.addDeliveries([
      makeDelivery(name, { state: 'released' }),
      makeDelivery(name, { account: 'masto', state }),
    ]);
  };
  for (const state of states) await save(state, { age: 61, state });
  await save('nobody', { age: 61 });
  await save('young', { age: 59 });
  let asked = 0;
  const watched: Store = Object.create(store, {
    listPostMarks: { value: () => (asked++, store.listPostMarks()) },
  });
  const feedPictures = openFeedPictures(folder);
  await forgetOld({ ...context, store: watched, feedPictures }, never);
  const left = [...states, 'nobody', 'young'].filter((name) =>
    existsSync(join(folder, `${name}.png`)),
  );
  expect(left).toEqual([...states.filter((state) => state !== 'released'), 'young']);
  expect(asked).toBe(1);
  for (const state of states) rmSync(join(folder, `${state}.png`), { force: true });
  clock.at += day - hour;
  await forgetOld({ ...context, store: watched, feedPictures }, never);
  expect(asked).toBe(1);
  rmSync(folder, { recursive: true });
});

test('a service removes what its configuration says is old, pictures of feeds too', async () => {
  await using world = await openWorld({ yaml: 'keep: { journal: 30d, pictures: 40d }' });
  const { data } = world.config.folders;
  const now = world.clock.now();
  {
    await using store = await openStore({ dataFolder: data, mode: 'serve' });
    await store.appendJournal([
      makeEntry('old', { at: now - 31 * day }),
      makeEntry('young', { at: now - 29 * day }),
    ]);
  }
  const picture = join(data, 'feed-media', `${'a'.repeat(64)}.png`);
  mkdirSync(dirname(picture));
  writeFileSync(picture, 'old');
  utimesSync(picture, (now - 41 * day) / 1000, (now - 41 * day) / 1000);
  await using served = await world.serve();
  await until('the old picture is gone', () => !existsSync(picture));
  const ids = (await served.context.store.listJournal({})).map(({ id }) => id);
  expect([ids.includes('old'), ids.includes('young')]).toEqual([false, true]);
});
