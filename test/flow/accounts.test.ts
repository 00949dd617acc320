import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openWorld, until, type World } from './world.ts';

const posts = {
  'posts/010-a.md': 'First.',
  'posts/020-b.md': 'Second.',
  'posts/030-c.md': 'A thread.\n\n---\nIts end.',
};
const one = (world: World, network: string, text: string) =>
  world.texts(network).filter((said) => said === text).length;

test('a store that was lost does not send again what stands on the accounts', async () => {
  await using world = await openWorld({ files: posts });
  {
    await using _served = await world.serve();
    await world.say('resume');
    await until('all are out', () => world.sandbox.accepted().length === 12);
  }
  for (const file of ['dripline.db', 'dripline.db-wal', 'dripline.db-shm', 'alarms.db'])
    await rm(join(world.folder, 'data', file), { force: true });
  world.write({ 'posts/040-d.md': 'Fourth.' });
  await using _again = await world.serve();
  await world.say('resume');
  await until('the new one is out', () =>
    ['x', 'bluesky', 'mastodon'].every((network) => one(world, network, 'Fourth.') === 1),
  );
  for (const network of ['x', 'bluesky', 'mastodon'])
    for (const text of ['First.', 'Second.', 'A thread.'])
      expect(one(world, network, text)).toBe(1);
  const shown = await world.say('show c');
  expect(shown.deliveries.map(({ state }: { state: string }) => state)).toEqual([
    'uncertain',
    'uncertain',
    'uncertain',
  ]);
});

test('a store restored from a backup does not send again what went out since', async () => {
  await using world = await openWorld({
    files: { 'posts/010-a.md': 'First.', 'posts/020-b.md': 'Second.', 'posts/030-c.md': 'Third.' },
  });
  const backup = join(world.folder, 'backup.db');
  {
    await using served = await world.serve();
    await world.say('resume');
    await until('the first is out', () => world.sandbox.accepted().length >= 3);
    await world.say('pause');
    await served.context.store.backup!(backup);
    await world.say('resume');
    await until('all are out', () => world.sandbox.accepted().length === 9);
  }
  for (const file of ['dripline.db', 'dripline.db-wal', 'dripline.db-shm'])
    await rm(join(world.folder, 'data', file), { force: true });
  const { rename } = await import('node:fs/promises');
  await rename(backup, join(world.folder, 'data', 'dripline.db'));
  world.write({ 'posts/040-d.md': 'Fourth.' });
  await using _again = await world.serve();
  await world.say('resume');
  await until('the new one is out', () =>
    ['x', 'bluesky', 'mastodon'].every((network) => one(world, network, 'Fourth.') === 1),
  );
  for (const network of ['x', 'bluesky', 'mastodon'])
    expect(world.texts(network).toSorted()).toEqual(['First.', 'Fourth.', 'Second.', 'Third.']);
});
