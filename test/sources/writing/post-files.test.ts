import {
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Refusal } from '../../../src/core/problem.ts';
import { openImages } from '../../../src/media/images.ts';
import type { PostFiles } from '../../../src/ports/post-files.ts';
import { openPostFiles } from '../../../src/sources/writing/open-post-files.ts';
import { telling } from '../../../src/sources/writing/write-file.ts';

let root: string;
let files: PostFiles;
const at = Date.parse('2026-12-01T10:00:00Z');
const isTaken = async () => false;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'dripline-writing-'));
  await mkdir(join(root, 'posts'));
  await mkdir(join(root, 'media'));
  files = openPostFiles({
    postsFolder: join(root, 'posts'),
    mediaFolder: join(root, 'media'),
    label: 'posts',
    zone: 'UTC',
    names: { accounts: [{ name: 'bsky', network: 'bluesky' }], queues: [], campaigns: [] },
    images: openImages({ dataFolder: join(root, 'data') }),
    asideFolder: join(root, 'data'),
  });
});
afterEach(() => rm(root, { recursive: true, force: true }));

const post = (path: string) => join(root, 'posts', path);
const put = (path: string, text: string) => writeFile(post(path), text);
const names = async (path = '.') => (await readdir(post(path))).sort();
const draft = (name: string, text = 'Hello') => files.createDraft({ name, text, at, isTaken });
const picture = async (name = 'a b.png') => {
  const file = join(root, name);
  await sharp({ create: { width: 8, height: 8, channels: 3, background: '#123' } })
    .png()
    .toFile(file);
  return { name, file };
};

test.each([
  ['Spring offer!', '2026-12-01-spring-offer'],
  ['  Über Größe / Maß ', '2026-12-01-uber-grosse-mass'],
  ['../../etc/passwd', '2026-12-01-etc-passwd'],
  ['日本語だけ', '2026-12-01-post'],
  ['🎉', '2026-12-01-post'],
  ['', '2026-12-01-post'],
  ['x'.repeat(5000), `2026-12-01-${'x'.repeat(60)}`],
  ['CON.', '2026-12-01-con'],
  ['a\0b\nc', '2026-12-01-a-b-c'],
])('a draft named %j is the file %s.md', async (title, name) => {
  expect((await draft(title)).path).toBe(`drafts/${name}.md`);
});

test('a name that is taken, by a file, a folder, a post or an id, gets a number', async () => {
  await mkdir(post('2026-12-01-a-2'), { recursive: true });
  await put('2026-12-01-a-3.md', 'x');
  await draft('a');
  const taken = async (id: string) => id === 'a-4';
  const made = await files.createDraft({ name: 'a', text: 'x', at, isTaken: taken });
  expect(made.path).toBe('drafts/2026-12-01-a-5.md');
});

test('a save says what it has seen: what changed meanwhile is never overwritten', async () => {
  await put('a.md', 'one');
  const seen = await files.read('a.md');
  await put('a.md', 'two');
  const saved = await files.save('a.md', { text: 'three', base: seen?.hash ?? '' });
  expect(saved).toMatchObject({ kind: 'conflict', now: { text: 'two' } });
  expect(await readFile(post('a.md'), 'utf8')).toBe('two');
  await rm(post('a.md'));
  expect(await files.save('a.md', { text: 'three', base: seen?.hash ?? '' })).toEqual({
    kind: 'conflict',
  });
  expect(await names()).toEqual([]);
});

test('two saves of one page, one after the other, are no conflict', async () => {
  const made = await draft('a');
  const first = files.save(made.path, { text: 'one', base: made.hash });
  const again = first.then((saved) =>
    files.save(made.path, { text: 'two', base: saved.kind === 'saved' ? saved.file.hash : '' }),
  );
  expect(await again).toMatchObject({ kind: 'saved' });
});

test('a link and a mode stay, and nothing else is left behind', async () => {
  await mkdir(post('deep'));
  await put('deep/real.md', 'one');
  await chmod(post('deep/real.md'), 0o640);
  await symlink('deep/real.md', post('a.md'));
  const seen = await files.read('a.md');
  await files.save('a.md', { text: 'two', base: seen?.hash ?? '' });
  expect((await lstat(post('a.md'))).isSymbolicLink()).toBe(true);
  expect(await readFile(post('deep/real.md'), 'utf8')).toBe('two');
  expect((await stat(post('deep/real.md'))).mode & 0o777).toBe(0o640);
  expect(await names('deep')).toEqual(['real.md']);
});

test.each([
  '../a.md',
  '/etc/passwd',
  'a.txt',
  '.a.md',
  'x/../a.md',
  'x\\a.md',
  'a.md\0',
  '',
  'x//a.md',
])('nothing is read or written at %j', async (path) => {
  await expect(files.read(path)).rejects.toThrow(Refusal);
  await expect(files.save(path, { text: 'x', base: '' })).rejects.toThrow(Refusal);
});

test('a link that leads out of the folder is refused', async () => {
  await writeFile(join(root, 'secret.md'), 'secret');
  await symlink(join(root, 'secret.md'), post('a.md'));
  await expect(files.read('a.md')).rejects.toThrow(/outside/);
});

test('what is not UTF-8, or too large, is left to a text editor', async () => {
  await writeFile(post('a.md'), Buffer.from('\uFEFFhello', 'utf16le'));
  await writeFile(post('b.md'), Buffer.from('caf\xe9', 'latin1'));
  await put('c.md', 'x'.repeat(70_000));
  for (const path of ['a.md', 'b.md', 'c.md'])
    await expect(files.read(path)).rejects.toThrow(Refusal);
});

test('a draft leaves the drafts as a post, without its mark, and its old path finds it', async () => {
  const made = await draft('Offer', '---\n# mine\ndraft: true\n---\nHello\n');
  const saved = await files.publish(made.path, made.hash);
  expect(saved).toMatchObject({ kind: 'saved', file: { path: '2026-12-01-offer.md' } });
  expect(await readFile(post('2026-12-01-offer.md'), 'utf8')).toBe('---\n# mine\n---\nHello\n');
  expect(await files.listDrafts()).toEqual([]);
  expect(await files.read(made.path)).toMatchObject({ path: '2026-12-01-offer.md' });
});

test('a draft whose folder says that all are drafts is a post afterwards', async () => {
  await put('_defaults.yaml', 'draft: true\n');
  const made = await draft('Offer');
  const saved = await files.publish(made.path, made.hash);
  const text = saved.kind === 'saved' ? saved.file : undefined;
  expect((await files.parse(text ?? made)).post?.draft).toBe(false);
});

test('a name that is taken among the posts does not overwrite one', async () => {
  const made = await draft('Offer', 'mine');
  await put('2026-12-01-offer.md', 'theirs');
  await files.publish(made.path, made.hash);
  expect(await readFile(post('2026-12-01-offer.md'), 'utf8')).toBe('theirs');
  expect(await readFile(post('2026-12-01-offer-2.md'), 'utf8')).toBe('mine');
});

test('a picture makes a folder of a draft, which goes with it', async () => {
  const made = await draft('Offer', '---\nmedia: [ { src: a-b.png, alt: B } ]\n---\nHello\n');
  const added = await files.addPicture(made.path, await picture());
  expect(added).toEqual({ src: 'a-b.png', path: 'drafts/2026-12-01-offer/index.md' });
  const read = await files.read(made.path);
  expect(read).toMatchObject({ path: added.path, hash: made.hash });
  expect(await files.findPicture(added.path, 'a-b.png')).toMatch(/2026-12-01-offer.a-b\.png$/);
  const saved = await files.publish(made.path, made.hash);
  expect(saved).toMatchObject({ file: { path: '2026-12-01-offer/index.md' } });
  expect(await names('2026-12-01-offer')).toEqual(['a-b.png', 'index.md']);
  const parsed = saved.kind === 'saved' ? await files.parse(saved.file) : undefined;
  expect(parsed?.post).toMatchObject({ id: 'offer', media: [{ src: 'a-b.png' }] });
});

test('a picture of a post in one file goes to media, once', async () => {
  await put('a.md', 'x');
  expect(await files.addPicture('a.md', await picture())).toEqual({ src: 'a-b.png', path: 'a.md' });
  expect(await files.addPicture('a.md', await picture())).toEqual({ src: 'a-b.png', path: 'a.md' });
  expect(await readdir(join(root, 'media'))).toEqual(['a-b.png']);
});

test.each<[string, Buffer]>([
  ['a text', Buffer.from('hello')],
  ['half a picture', Buffer.from('\x89PNG\r\n\x1a\nxxxx', 'latin1')],
  ['a page', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>')],
])('%s is no picture', async (_, bytes) => {
  await put('a.md', 'x');
  await writeFile(join(root, 'b.png'), bytes);
  const wanted = { name: 'b.png', file: join(root, 'b.png') };
  await expect(files.addPicture('a.md', wanted)).rejects.toThrow(Refusal);
  expect(await readdir(join(root, 'media'))).toEqual([]);
});

test.each(['../../../etc/passwd', '/etc/passwd', 'a.md', '.env', 'x\0'])(
  'no file but a picture of the folders is shown: %j',
  async (src) => {
    await put('a.md', 'x');
    const read = await files.findPicture('a.md', src).catch((error: unknown) => error);
    expect(read === undefined || read instanceof Refusal).toBe(true);
  },
);

test('a deleted draft is kept where nobody reads', async () => {
  const made = await draft('Offer');
  await files.discard(made.path, made.hash);
  expect(await names('drafts/.deleted')).toEqual(['2026-12-01-offer.md']);
  expect(await files.listDrafts()).toEqual([]);
  await put('a.md', 'x');
  const seen = await files.read('a.md');
  await expect(files.discard('a.md', seen?.hash ?? '')).rejects.toThrow(/Only a draft/);
});

test('the drafts are listed, the newest first', async () => {
  await draft('Good', '---\ntitle: Good one\n---\nHello');
  await put('drafts/broken.md', '---\ntitle: [\n---\nx');
  await put('drafts/broken.x.md', 'for X');
  await put('drafts/_note.md', 'x');
  await utimes(post('drafts/broken.md'), 1, 1);
  expect((await files.listDrafts()).map(({ path }) => path)).toEqual([
    'drafts/2026-12-01-good.md',
    'drafts/broken.md',
  ]);
});

test('a folder that cannot be written says so', async () => {
  await rm(join(root, 'posts'), { recursive: true });
  await writeFile(join(root, 'posts'), 'in its place');
  expect(await files.whyClosed()).toMatchObject({ where: 'posts', what: 'cannot be written' });
  await expect(draft('a')).rejects.toThrow(/cannot be written: .*Nothing was changed/);
});

test.each([
  ['EROFS', /read-only/],
  ['EACCES', /permission denied/],
  ['ENOSPC', /disk is full/],
  ['EIO', /EIO/],
])('what the file system refuses by %s is told with what to do', async (code, words) => {
  const fail = async () => {
    throw Object.assign(new Error(code), { code });
  };
  await expect(telling('posts/a.md', fail)).rejects.toThrow(words);
});

test('a draft whose picture would be lost on the way stays a draft, and says which', async () => {
  await mkdir(post('drafts/sub'), { recursive: true });
  const { file } = await picture('p.png');
  await writeFile(post('drafts/sub/p.png'), await readFile(file));
  await writeFile(join(root, 'media', 'm.png'), await readFile(file));
  for (const src of ['sub/p.png', '../../media/m.png']) {
    const text = `---\nmedia: { src: "${src}", alt: A }\n---\nWith a picture`;
    await put('drafts/rel.md', text);
    const { hash } = (await files.read('drafts/rel.md')) ?? { hash: '' };
    await expect(files.publish('drafts/rel.md', hash)).rejects.toThrow(`${src} would not be found`);
    expect(await readFile(post('drafts/rel.md'), 'utf8')).toBe(text);
  }
  const good = '---\nmedia: { src: m.png, alt: A }\n---\nWith a picture';
  await put('drafts/rel.md', good);
  const { hash } = (await files.read('drafts/rel.md')) ?? { hash: '' };
  expect(await files.publish('drafts/rel.md', hash)).toMatchObject({ kind: 'saved' });
  expect(await names()).toContain('rel.md');
});

test.each([
  ['a.md', 'a.md'],
  ['a/index.md', 'a.md'],
  ['a.md', 'drafts/a/index.md'],
  ['a.md', 'a/index.md'],
])('drafts/%s that is not there is not taken to be %s, which has its name', async (name, other) => {
  const path = `drafts/${name}`;
  await mkdir(join(post(other), '..'), { recursive: true });
  await put(other, 'Another one');
  expect(await files.read(path)).toBeUndefined();
  const wanted = { text: 'Typed', base: 'of an earlier text' };
  for (const saved of [
    await files.save(path, wanted),
    await files.saveDraft(path, wanted),
    await files.publish(path, wanted.base),
    await files.discard(path, wanted.base),
  ])
    expect(saved).toEqual({ kind: 'conflict' });
  const { file } = await picture();
  await expect(files.addPicture(path, { name: 'p.png', file })).rejects.toThrow(/is gone/);
  expect(await files.findPicture(path, 'p.png')).toBeUndefined();
  expect(await readFile(post(other), 'utf8')).toBe('Another one');
});

test('a draft is found where it has gone, by every name that it had, until the name is in use again', async () => {
  const made = await draft('Trip');
  const pictured = await files.addPicture(made.path, await picture());
  const withPicture = await files.read(made.path);
  expect(withPicture?.path).toBe(pictured.path);
  const published = await files.publish(made.path, withPicture?.hash ?? '');
  expect(published).toMatchObject({ file: { path: '2026-12-01-trip/index.md' } });
  for (const path of [made.path, pictured.path])
    expect((await files.read(path))?.path).toBe('2026-12-01-trip/index.md');
  await put(made.path, 'A new draft');
  expect((await files.read(made.path))?.text).toBe('A new draft');
  expect((await files.listDrafts()).map(({ path }) => path)).toEqual([made.path]);
});

test('one that was moved by hand is known by its bytes', async () => {
  const made = await draft('By hand');
  await rename(post(made.path), post('2026-12-01-by-hand.md'));
  expect(await files.read(made.path)).toBeUndefined();
  expect((await files.read(made.path, made.hash))?.path).toBe('2026-12-01-by-hand.md');
  const saved = await files.save(made.path, { text: 'Typed', base: made.hash });
  expect(saved).toMatchObject({ kind: 'conflict', now: { text: 'Hello' } });
});
