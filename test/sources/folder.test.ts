import { mkdir, rm, symlink, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { formatProblem } from '../../src/core/problem.ts';
import type { ScannedFile } from '../../src/ports/source.ts';
import { scanFolder } from '../../src/sources/folder/posts-folder.ts';
import { type Bench, makeBench, names } from './flow-kit.ts';

const scan = (
  { posts, media, clock }: Bench,
  more: Partial<Parameters<typeof scanFolder>[0]> = {},
) =>
  scanFolder({
    postsFolder: posts,
    mediaFolder: media,
    label: 'posts',
    zone: 'Europe/Berlin',
    names,
    marks: new Map(),
    settleFor: 2000,
    now: clock.now,
    ...more,
  });
const told = (file: ScannedFile | undefined) =>
  file?.kind === 'broken' ? file.problems.map(formatProblem) : file?.kind;
const notesOf = (file: ScannedFile | undefined) =>
  file?.kind === 'post' ? file.notes.map(formatProblem) : told(file);
const withMedia = (src: string) => `---\nmedia: [{ src: "${src}", alt: A }]\n---\nText`;

test('posts are found in the order of their paths; drafts, underscores, READMEs and texts for one network are none', async () => {
  await using bench = await makeBench();
  await bench.write({
    '020-b.md': 'B',
    '010-a.md': 'A',
    'in/deep/030-c.markdown': 'C',
    'launch/index.md': 'L',
    '010-a.x.md': 'short A',
    '_notes.md': 'n',
    '_old/x.md': 'x',
    'drafts/d.md': 'd',
    'README.md': 'r',
    'in/readme.MD': 'r',
    '.hidden/h.md': 'h',
    '.h.md': 'h',
    'notes.txt': 't',
    'a.md~': 'backup',
  });
  const { folder, files } = await scan(bench);
  expect(folder).toBe('there');
  expect(files.map((file) => [file.path, file.kind === 'post' && file.post().id])).toEqual([
    ['010-a.md', 'a'],
    ['020-b.md', 'b'],
    ['in/deep/030-c.markdown', 'c'],
    ['launch/index.md', 'launch'],
  ]);
  expect(files[0]?.kind === 'post' && files[0].post().overrides).toEqual({
    x: { parts: ['short A'] },
  });
});

test('folders that are to be skipped are skipped right below the posts folder alone', async () => {
  await using bench = await makeBench();
  await bench.write({ 'samples/a.md': 'A', 'in/samples/b.md': 'B', 'samples.md': 'C' });
  expect((await scan(bench, { skip: ['samples'] })).files.map(({ path }) => path)).toEqual([
    'in/samples/b.md',
    'samples.md',
  ]);
  expect((await scan(bench)).files).toHaveLength(3);
});

test('a folder that is missing, one that is empty and one that has posts are told apart', async () => {
  await using bench = await makeBench();
  expect((await scan(bench)).folder).toBe('empty');
  await bench.write({ 'README.md': 'no post' });
  expect((await scan(bench)).folder).toBe('empty');
  expect(await scan(bench, { postsFolder: join(bench.posts, 'nowhere') })).toMatchObject({
    folder: 'missing',
    files: [],
  });
  expect((await scan(bench, { postsFolder: join(bench.posts, 'README.md') })).folder).toBe(
    'missing',
  );
});

test('a file that was written a moment ago is left for the next scan', async () => {
  await using bench = await makeBench();
  await bench.write({ 'a.md': 'half a sen' }, bench.clock.now - 500);
  await bench.write({ 'b.md': 'from a clock that runs ahead' }, bench.clock.now + 60_000);
  expect((await scan(bench)).files.map(({ kind }) => kind)).toEqual(['unsettled', 'post']);
  expect((await scan(bench, { settleFor: 0 })).files.map(({ kind }) => kind)).toEqual([
    'post',
    'post',
  ]);
  bench.clock.now += 1600;
  expect((await scan(bench)).files[0]?.kind).toBe('post');
});

test('a file that looks as it did is not read again, whichever of its files changes', async () => {
  await using bench = await makeBench();
  await bench.write({
    'in/a.md': withMedia('p.png'),
    'in/a.x.md': 'X',
    'in/_defaults.yaml': 'weight: 1',
    'in/p.png': 'png',
  });
  const markOf = async () => {
    const [file] = (await scan(bench)).files;
    return file?.kind === 'post' ? file.mark : '';
  };
  const kindWith = async (mark: string) =>
    (await scan(bench, { marks: new Map([['in/a.md', mark]]) })).files[0]?.kind;
  const change: (() => Promise<unknown>)[] = [
    () => bench.write({ 'in/p.png': 'other' }),
    () => bench.write({ 'in/_defaults.yaml': 'weight: 22' }),
    () => bench.write({ 'in/a.x.md': 'XX' }),
    () => bench.write({ 'in/a.mastodon.md': 'M' }),
    () => rm(join(bench.posts, 'in/a.x.md')),
    () => bench.write({ '_defaults.yaml': 'card: false' }),
    () => rm(join(bench.posts, 'in/_defaults.yaml')),
    () => utimes(join(bench.posts, 'in/a.md'), 1, 1),
  ];
  for (const one of change) {
    const mark = await markOf();
    expect(await kindWith(mark)).toBe('unchanged');
    await one();
    expect(await kindWith(mark)).toBe('post');
  }
});

test('pictures are looked up beside the post, then in media, and make the content that a post is known by', async () => {
  await using bench = await makeBench();
  await bench.write({
    'in/a.md': withMedia('p.png'),
    'b.md': withMedia('q.png'),
    'in/p.png': 'beside',
  });
  for (const name of ['p.png', 'q.png']) await writeFile(join(bench.media, name), 'in media');
  const { files } = await scan(bench);
  const media = files.map((file) =>
    file.kind === 'post' ? file.post().media[0]?.file : told(file),
  );
  expect(media).toEqual([join(bench.media, 'q.png'), join(bench.posts, 'in/p.png')]);
  const hashOf = async () => {
    const [, file] = (await scan(bench)).files;
    return file?.kind === 'post' ? file.post().hash : '';
  };
  const before = await hashOf();
  expect(await hashOf()).toBe(before);
  await bench.write({ 'in/p.png': 'otherwise' });
  expect(await hashOf()).not.toBe(before);
});

test('captions of a video are WebVTT, and those of another kind are told', async () => {
  await using bench = await makeBench();
  await bench.write({ 'a.md': withMedia('film.mp4'), 'film.mp4': 'film' });
  const says = async (captions: Record<string, string>) => {
    await bench.write(captions);
    const [file] = (await scan(bench)).files;
    const media = file?.kind === 'post' ? file.post().media : [];
    return [media[0]?.captions && 'captions', ...(notesOf(file) ?? [])];
  };
  expect(await says({})).toEqual([undefined]);
  expect(await says({ 'film.srt': '1' })).toEqual([
    undefined,
    'posts/a.md:2:9 film.srt is not published with the video: captions are WebVTT: save them as film.vtt',
  ]);
  const good = ['WEBVTT\n\n00:00.000 --> 00:01.000\nHello', '\uFEFFWEBVTT - Words\r\n', 'WEBVTT'];
  for (const text of good) expect(await says({ 'film.vtt': text })).toEqual(['captions']);
  for (const text of ['', 'WEBVTTX', '1\n00:00:00,000 --> 00:00:01,000\nHello', '<html>'])
    expect(await says({ 'film.vtt': text })).toEqual([
      undefined,
      expect.stringMatching(/^posts\/a\.md:2:9 film\.vtt is no WebVTT file/),
    ]);
});

test('media that are missing, outside, no pictures or without a description are told', async () => {
  await using bench = await makeBench();
  await writeFile(join(bench.posts, '..', 'secret.png'), 's');
  await bench.write({ 'in/secret.md': 'x', 'p.gif': 'g', 'p.png': 'p' });
  await mkdir(join(bench.posts, 'dir.png'));
  const problem = async (src: string) => {
    await bench.write({ 'a.md': withMedia(src) });
    return told((await scan(bench)).files.find(({ path }) => path === 'a.md'));
  };
  expect(await problem('gone.png')).toEqual([
    'posts/a.md:2:9 gone.png was not found: Dripline looks for it beside the post, then in media/',
  ]);
  expect(await problem('dir.png')).toEqual([
    'posts/a.md:2:9 dir.png was not found: Dripline looks for it beside the post, then in media/',
  ]);
  for (const src of [
    '../secret.png',
    join(bench.posts, '..', 'secret.png'),
    '../../../../../../etc/x.png',
  ])
    expect(await problem(src)).toEqual([
      `posts/a.md:2:9 ${src} points outside the posts and media folders: put the image beside the post or into media/`,
    ]);
  expect(await problem('film.mp4')).toEqual([
    'posts/a.md:2:9 film.mp4 was not found: Dripline looks for it beside the post, then in media/',
  ]);
  expect(await problem('a.pdf')).toEqual([
    'posts/a.md:2:9 a.pdf is neither a picture nor a video that can be posted: use JPEG, PNG, WebP, AVIF, GIF or MP4',
  ]);
  await bench.write({ 'a.md': 'T\n\n![](p.png)' });
  expect(notesOf((await scan(bench)).files[0])).toEqual([
    'posts/a.md:1:1 p.png has no alt text: describe it in a sentence for people who cannot see it',
  ]);
});

test('links of the file system lead no post out of its folders, and those inside are followed', async () => {
  await using bench = await makeBench();
  const outside = join(bench.posts, '..', 'outside');
  await mkdir(outside);
  await writeFile(join(outside, 'secret.md'), 'secret');
  await writeFile(join(outside, 's.png'), 'secret');
  await bench.write({ 'real.md': 'Real', 'b.md': withMedia('link.png') });
  await writeFile(join(bench.media, 'm.png'), 'm');
  await symlink(join(outside, 'secret.md'), join(bench.posts, 'a.md'));
  await symlink(join(outside, 's.png'), join(bench.posts, 'link.png'));
  await symlink(outside, join(bench.posts, 'folder'));
  await symlink(join(bench.posts, 'real.md'), join(bench.posts, 'z.md'));
  await symlink(join(bench.posts, 'nowhere.md'), join(bench.posts, 'y.md'));
  const { files } = await scan(bench);
  expect(files.map((file) => [file.path, told(file)])).toEqual([
    [
      'a.md',
      ['posts/a.md points outside the posts and media folders: copy the file into one of them'],
    ],
    [
      'b.md',
      [
        'posts/b.md:2:9 link.png points outside the posts and media folders: copy the file into one of them',
      ],
    ],
    ['real.md', 'post'],
    ['y.md', ['posts/y.md links to a file that does not exist: fix or remove the link']],
    ['z.md', 'post'],
  ]);
});

test('a file of 100 MB is told and not read', async () => {
  await using bench = await makeBench();
  await bench.write({ 'a.md': 'T', 'b.md': 'fine' });
  await truncate(join(bench.posts, 'a.md'), 100 * 1024 * 1024);
  await utimes(join(bench.posts, 'a.md'), 1, 1);
  expect((await scan(bench)).files.map(told)).toEqual([
    ['posts/a.md has 102,400 kB: a post has at most 64 kB of text. Is this file a post?'],
    'post',
  ]);
});

test('names in any alphabet are taken as they are, and a broken file is told beside the others', async () => {
  await using bench = await makeBench();
  await bench.write({
    'Grüße 漢字 🎉.md': 'Hi',
    'b ro ken.md': '---\nfoo: 1\n---\n',
    '-.md': 'T',
    'c\nd.md': 'T',
  });
  const { files } = await scan(bench);
  expect(
    files.map((file) => [file.path, file.kind === 'post' ? file.post().id : told(file)]),
  ).toEqual([
    [
      '-.md',
      ['posts/-.md no id can be derived from this file name: set an id in the front matter'],
    ],
    ['Grüße 漢字 🎉.md', 'grusse-13dfd592'],
    ['b ro ken.md', [expect.stringMatching(/^posts\/b ro ken\.md:2:1 unknown key "foo": /)]],
    ['c\nd.md', 'c-d'],
  ]);
});
