import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { problemsFact, readFact } from '../../src/flow/facts.ts';
import { rescan } from '../../src/flow/ingest/scan.ts';
import { type Bench, makeBench } from './flow-kit.ts';

async function states({ context }: Bench) {
  const all = await context.store.listDeliveries({ account: 'bsky' });
  return Object.fromEntries(
    all.map(({ post, state, terms }) => [post, terms.held ? `held: ${terms.held.text}` : state]),
  );
}
const problemsOf = ({ context }: Bench) => readFact(context.store, problemsFact);
const unmounted = expect.stringMatching(/^held: its file is gone, with most others/);

test('posts come into the queue once, and a scan that finds nothing new changes nothing', async () => {
  await using bench = await makeBench();
  await bench.write({ '010-a.md': 'A', '020-b.md': 'B' });
  expect(await rescan(bench.context)).toEqual({ hasChanged: true, isUnsettled: false });
  expect(await states(bench)).toEqual({ a: 'queued', b: 'queued' });
  const before = await bench.texts();
  expect(before).toEqual([
    'ingested: posts/010-a.md is in the queue as a',
    'ingested: posts/020-b.md is in the queue as b',
  ]);
  expect(await rescan(bench.context)).toEqual({ hasChanged: false, isUnsettled: false });
  await rescan(bench.context, { isFresh: true });
  expect(await bench.texts()).toEqual(before);
});

test('of two files with one id the first keeps it, and the message names both', async () => {
  await using bench = await makeBench();
  await bench.write({ '010-a.md': 'A' });
  await rescan(bench.context);
  await bench.write({ '005-a.md': 'Newcomer', 'in/z.md': '---\nid: a\n---\nAnother' });
  await rescan(bench.context);
  expect((await bench.context.store.findPost('a'))?.path).toBe('010-a.md');
  const told = [
    'posts/005-a.md has the id "a", which is taken by posts/010-a.md: give one of them another id',
    'posts/in/z.md has the id "a", which is taken by posts/010-a.md: give one of them another id',
  ];
  expect((await bench.texts()).filter((text) => text.startsWith('problem'))).toEqual(
    told.map((text) => `problem: ${text}`),
  );
  await rescan(bench.context);
  expect((await bench.texts()).filter((text) => text.startsWith('problem'))).toHaveLength(2);
  expect(Object.keys(await problemsOf(bench)).sort()).toEqual(['005-a.md', 'in/z.md']);
  // Once the first is gone the id is free.
  await rm(join(bench.posts, '010-a.md'));
  await rm(join(bench.posts, 'in/z.md'));
  await bench.write({ 'b.md': 'B' });
  await rescan(bench.context);
  expect((await bench.context.store.findPost('a'))?.path).toBe('005-a.md');
  expect(await problemsOf(bench)).toEqual({});
});

test('a renamed file keeps its post, and a renamed and edited one with an id of its own too', async () => {
  await using bench = await makeBench();
  await bench.write({ '010-a.md': 'A', 'own.md': '---\nid: mine\n---\nText', 'c.md': 'C' });
  await rescan(bench.context);
  await rename(join(bench.posts, '010-a.md'), join(bench.posts, '090-other name.md'));
  await rm(join(bench.posts, 'own.md'));
  await bench.write({ 'moved.md': '---\nid: mine\n---\nOther text' });
  await rescan(bench.context);
  expect(await states(bench)).toEqual({ a: 'queued', mine: 'queued', c: 'queued' });
  expect((await bench.texts()).slice(3)).toEqual([
    'renamed: posts/010-a.md is now posts/090-other name.md, and still a',
    'renamed: posts/own.md is now posts/moved.md, and still mine',
  ]);
  const [first] = await bench.context.store.listDeliveries({ post: 'a' });
  expect(first?.rank).toContain('090-other name.md');
  // And it stays so, edits included.
  await bench.write({ '090-other name.md': 'A, edited' });
  await rescan(bench.context);
  await rescan(bench.context);
  expect(Object.keys(await states(bench)).sort()).toEqual(['a', 'c', 'mine']);
});

test('an edit reaches what is not out, terms and place in the queue included', async () => {
  await using bench = await makeBench();
  await bench.write({ 'a.md': 'A' });
  await rescan(bench.context);
  await bench.write({
    'a.md': '---\nweight: 5\nnetworks: [bluesky]\nexpires: 2027-01-01\n---\nEdited',
  });
  expect((await rescan(bench.context)).hasChanged).toBe(true);
  const all = await bench.context.store.listDeliveries({});
  expect(all.map(({ account, state }) => [account, state])).toEqual([
    ['bsky', 'queued'],
    ['x-main', 'withdrawn'],
  ]);
  expect(all[0]).toMatchObject({
    rank: 'm1000005 a.md',
    terms: { expires: Date.parse('2027-01-01T23:00Z') },
  });
  expect((await bench.texts()).at(-1)).toBe('edited: posts/a.md was changed');
});

test('a deleted file is withdrawn, and a file that comes back undoes that', async () => {
  await using bench = await makeBench();
  await bench.write({ 'a.md': 'A', 'b.md': 'B', 'c.md': 'C' });
  await rescan(bench.context);
  await rm(join(bench.posts, 'a.md'));
  await rescan(bench.context);
  expect(await states(bench)).toEqual({ a: 'withdrawn', b: 'queued', c: 'queued' });
  await bench.write({ 'a.md': 'A' });
  await rescan(bench.context);
  expect(await states(bench)).toEqual({ a: 'queued', b: 'queued', c: 'queued' });
  expect((await bench.texts()).at(-1)).toBe('restored: posts/a.md is back');
});

test('nothing is withdrawn when most files vanish at once, and all goes on when they are back', async () => {
  await using bench = await makeBench();
  await bench.write({ 'a.md': 'A', 'b.md': 'B', 'c.md': 'C' });
  await rescan(bench.context);
  for (const name of ['a.md', 'b.md']) await rm(join(bench.posts, name));
  await rescan(bench.context);
  expect(await states(bench)).toEqual({ a: unmounted, b: unmounted, c: 'queued' });
  await rescan(bench.context);
  expect((await bench.texts()).filter((text) => text.startsWith('notice'))).toEqual([
    'notice: 2 of 3 posts vanished at once. Nothing is withdrawn, and posts from the missing files are held. Is the folder mounted?',
  ]);
  await bench.write({ 'a.md': 'A', 'b.md': 'B' });
  expect((await rescan(bench.context)).hasChanged).toBe(true);
  expect(await states(bench)).toEqual({ a: 'queued', b: 'queued', c: 'queued' });
  expect((await bench.texts()).at(-1)).toBe('notice: the posts folder is whole again');
});

test('a folder that is missing or empty holds everything', async () => {
  await using bench = await makeBench();
  await bench.write({ 'a.md': 'A' });
  await rescan(bench.context);
  await rename(bench.posts, `${bench.posts}-away`);
  await rescan(bench.context);
  expect(await states(bench)).toEqual({ a: unmounted });
  expect((await bench.texts()).at(-1)).toBe(
    'notice: the posts folder is not there. Nothing is withdrawn, and posts from the missing files are held. Is the folder mounted?',
  );
  await rename(`${bench.posts}-away`, bench.posts);
  await rescan(bench.context);
  expect(await states(bench)).toEqual({ a: 'queued' });
  await rm(join(bench.posts, 'a.md'));
  await rescan(bench.context);
  expect(await states(bench)).toEqual({ a: unmounted });
  expect((await bench.texts()).at(-1)).toMatch(/^notice: the posts folder is empty/);
});

test('a file that is broken after it was fine holds its post until it is mended, and blocks no other', async () => {
  await using bench = await makeBench();
  await bench.write({ 'a.md': 'A', 'b.md': 'B' });
  await rescan(bench.context);
  await bench.write({ 'a.md': '---\nnetworks: [blusky]\n---\nA' });
  await rescan(bench.context);
  const told = 'posts/a.md:2:12 unknown network "blusky": did you mean "bluesky"?';
  expect(await states(bench)).toEqual({ a: `held: its file is broken: ${told}`, b: 'queued' });
  await rescan(bench.context);
  expect((await bench.texts()).filter((text) => text.startsWith('problem'))).toEqual([
    `problem: ${told}`,
  ]);
  expect((await problemsOf(bench))['a.md']).toHaveLength(1);
  bench.clock.now += 5000;
  await bench.write({ 'a.md': 'A' });
  await rescan(bench.context);
  expect(await states(bench)).toEqual({ a: 'queued', b: 'queued' });
  expect(await problemsOf(bench)).toEqual({});
});

test('a file that is still being written waits, and loses nothing meanwhile', async () => {
  await using bench = await makeBench();
  await bench.write({ 'a.md': 'A' });
  await rescan(bench.context);
  await bench.write({ 'a.md': '---\nlink' }, bench.clock.now - 100);
  await bench.write({ 'b.md': 'half' }, bench.clock.now - 100);
  expect(await rescan(bench.context)).toEqual({ hasChanged: false, isUnsettled: true });
  expect(await states(bench)).toEqual({ a: 'queued' });
  await bench.write(
    { 'a.md': '---\nlink: https://example.com\n---\nWhole' },
    bench.clock.now - 100,
  );
  bench.clock.now += 5000;
  expect(await rescan(bench.context)).toEqual({ hasChanged: true, isUnsettled: false });
  expect((await bench.context.store.findPost('a'))?.post.link).toBe('https://example.com');
  expect(await states(bench)).toEqual({ a: 'queued', b: 'queued' });
});

test('a draft stays in the folder until it is none', async () => {
  await using bench = await makeBench();
  await bench.write({ 'a.md': '---\ndraft: true\n---\nA' });
  await rescan(bench.context);
  expect(await states(bench)).toEqual({ a: 'held: is a draft' });
  await bench.write({ 'a.md': 'A' });
  await rescan(bench.context);
  expect(await states(bench)).toEqual({ a: 'queued' });
});

test('10,000 files come into the queue, and a look at them afterwards is short', async () => {
  await using bench = await makeBench({ settleFor: 0 });
  for (let i = 0; i < 10_000; i += 500)
    await Promise.all(
      Array.from({ length: 500 }, (_, j) =>
        writeFile(
          join(bench.posts, `${i + j}-post-${i + j}.md`),
          `---\nnetworks: [bluesky]\n---\nPost number ${i + j}.`,
        ),
      ),
    );
  const time = async (work: () => Promise<unknown>) => {
    const before = performance.now();
    await work();
    return Math.round(performance.now() - before);
  };
  const first = await time(() => rescan(bench.context));
  const second = await time(async () =>
    expect((await rescan(bench.context)).hasChanged).toBe(false),
  );
  console.log(`10,000 files: read in ${first} ms, looked at again in ${second} ms`);
  expect(await bench.context.store.countDeliveries({ states: ['queued'] })).toBe(10_000);
  expect((await bench.context.store.findPost('post-4711'))?.post.parts).toEqual([
    'Post number 4711.',
  ]);
}, 120_000);
