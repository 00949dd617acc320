import sharp from 'sharp';
import { expect, test } from 'vitest';
import { openWorld, until } from './world.ts';

/** What became of each delivery from its slot on, write by write. */
async function writesOf(files: Record<string, string | Buffer>): Promise<Map<string, string[]>> {
  await using world = await openWorld({ files });
  await using served = await world.serve();
  const { store } = served.context;
  const writes = new Map<string, string[]>();
  const change = store.changeDelivery.bind(store);
  store.changeDelivery = async (before, after, entries) => {
    const changed = await change(before, after, entries);
    if (changed && after.state !== 'planned')
      writes.set(before.id, [...(writes.get(before.id) ?? []), after.state]);
    return changed;
  };
  await world.say('resume');
  await until(
    'all are out',
    async () => (await store.listDeliveries({ states: ['released'] })).length === 3,
  );
  return writes;
}

const accounts = ['x', 'bsky', 'masto'];

test('a post that asks nobody is claimed, frozen and noted as being sent in one write', async () => {
  const writes = await writesOf({ 'posts/a.md': 'One line.' });
  for (const account of accounts)
    expect(writes.get(`a@${account}`), account).toEqual(['releasing', 'released']);
});

test('each later part of a thread takes two writes, the first as many', async () => {
  const writes = await writesOf({ 'posts/a.md': 'One.\n\n---\nTwo.' });
  for (const account of accounts)
    expect(writes.get(`a@${account}`), account).toEqual([
      'releasing',
      'releasing',
      'releasing',
      'released',
    ]);
});

test('what has to be uploaded is claimed first, so that no other worker does the same', async () => {
  const picture = await sharp({
    create: { width: 8, height: 8, channels: 3, background: '#888' },
  })
    .png()
    .toBuffer();
  const writes = await writesOf({
    'posts/a.md': '![A grey square](a.png)\n\nOne line.',
    'posts/a.png': picture,
  });
  for (const account of accounts)
    expect(writes.get(`a@${account}`), account).toEqual([
      'releasing',
      'releasing',
      'releasing',
      'released',
    ]);
});
