import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openWorld, until } from '../flow/world.ts';

test('new begins a draft that is published only after it has left the drafts', async () => {
  await using world = await openWorld({ files: { 'posts/a.md': 'A' } });
  await using _served = await world.serve();
  const { path } = await world.say<{ path: string }>('new Spring offer: 20 %');
  expect(path).toMatch(/^drafts\/\d{4}-\d\d-\d\d-spring-offer-20\.md$/);
  expect(await world.say('journal')).toContainEqual(
    expect.objectContaining({ type: 'drafted', data: { path } }),
  );
  const file = join(world.config.folders.posts, path);
  expect(await readFile(file, 'utf8')).toBe('---\ntitle: "Spring offer: 20 %"\n---\n\n');
  await writeFile(file, 'Hello');
  await writeFile(join(world.config.folders.posts, 'b.md'), 'B');
  await until('the other file is read', async () =>
    (await world.say<{ post: string }[]>('queue')).some(({ post }) => post === 'b'),
  );
  await expect(world.say('show spring-offer-20')).rejects.toThrow();
});

test('new wants a title', async () => {
  await using world = await openWorld({ files: {} });
  await using _served = await world.serve();
  await expect(world.say('new')).rejects.toThrow(/title/);
});
