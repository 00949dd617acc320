import { chmodSync, mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { openCliWorld, run, serve } from '../cli/kit.ts';
import { until } from '../flow/world.ts';

/** Everything below the folder that others than its user may read, write or look into. */
function openToOthers(folder: string, name = ''): string[] {
  const path = join(folder, name);
  const info = statSync(path, { throwIfNoEntry: false });
  const own =
    info && info.mode & 0o077 ? [`${name || '.'} ${(info.mode & 0o777).toString(8)}`] : [];
  const inner = info?.isDirectory() ? readdirSync(path) : [];
  return [...own, ...inner.flatMap((one) => openToOthers(folder, join(name, one)))];
}

const files = {
  'posts/010-hello.md': '---\nmedia: [{ src: dot.png, alt: a dot }]\n---\nHello.',
  'media/dot.png': await sharp({
    create: { width: 20, height: 20, channels: 3, background: 'teal' },
  })
    .png()
    .toBuffer(),
};

test('whatever the umask is, only its user reads the data folder: while it runs, after commands, and in backups', async () => {
  const before = process.umask(0);
  try {
    await using world = await openCliWorld({ files });
    const data = join(world.folder, 'data');
    await using _served = await serve(world.folder, ['--yes']);
    expect((await run(world.folder, 'now hello --yes')).stdout).toContain('hello@x: published');
    await until('the post is out', () => world.sandbox.accepted().length === 3);
    expect(readdirSync(data)).toEqual(expect.arrayContaining(['dripline.db', 'dripline.db-wal']));
    expect(openToOthers(data)).toEqual([]);
    expect((await run(world.folder, 'backup copy.db')).code).toBe(0);
    expect((statSync(join(world.folder, 'copy.db')).mode & 0o777).toString(8)).toBe('600');
  } finally {
    process.umask(before);
  }
});

test('what an earlier version left open is closed at the start; a link, and what a person put there, is not touched', async () => {
  await using world = await openCliWorld({ files });
  const data = join(world.folder, 'data');
  const first = await serve(world.folder);
  first.child.kill('SIGTERM');
  await first.ended;
  const mine = join(world.folder, 'mine.txt');
  writeFileSync(mine, 'mine', { mode: 0o644 });
  mkdirSync(join(data, 'feed-media/deep'), { recursive: true });
  mkdirSync(join(data, 'notes'));
  for (const name of ['feed-media/a.png', 'feed-media/deep/b.png', 'old-backup.db', 'notes/my.txt'])
    writeFileSync(join(data, name), 'x');
  symlinkSync(mine, join(data, 'link.txt'));
  for (const name of ['', 'feed-media', 'feed-media/deep', 'notes'])
    chmodSync(join(data, name), 0o755);
  for (const name of [
    'dripline.db',
    'alarms.db',
    'feed-media/a.png',
    'feed-media/deep/b.png',
    'old-backup.db',
    'notes/my.txt',
  ])
    chmodSync(join(data, name), 0o644);
  await using _again = await serve(world.folder);
  expect(openToOthers(data).filter((one) => !one.startsWith('link.txt'))).toEqual([
    'notes 755',
    'notes/my.txt 644',
  ]);
  expect((statSync(mine).mode & 0o777).toString(8)).toBe('644');
});
