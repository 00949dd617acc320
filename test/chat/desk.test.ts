import { expect, test } from 'vitest';
import { systemClock } from '../../src/app/system-clock.ts';
import { openDesk } from '../../src/chat/desk.ts';
import type { Settings } from '../../src/core/settings.ts';
import { openImages } from '../../src/media/images.ts';
import { openMemoryStore } from '../../src/store/memory-store.ts';

async function openPlace(allow: string[]) {
  const store = openMemoryStore();
  const settings = { zone: 'UTC', accounts: [] as Settings['accounts'] } as Settings;
  const context = { store, clock: systemClock, settings, version: 'test' };
  const images = openImages({ dataFolder: '/nowhere' });
  return { store, desk: openDesk({ context, images, manner: { prefix: '/' }, allow }) };
}

test('the desk hears those who are allowed, and no one else, whatever the chat has checked', async () => {
  const { desk, store } = await openPlace(['matrix:me']);
  await using _store = store;
  for (const by of ['matrix:other', 'telegram:me', 'me', 'matrix:', 'matrix:me ', ''])
    expect([by, desk.hear({ by, command: 'c1' })]).toEqual([by, undefined]);
  const answer = await desk.hear({ by: 'matrix:me', command: 'c1' })?.answer('/pause');
  expect(answer).toMatchObject({ isDeed: true, buttons: [{ label: 'Undo' }] });
  expect((await store.listJournal({})).map(({ type, by }) => `${type} ${by}`)).toEqual([
    'paused matrix:me',
  ]);
});

test('a desk without a list of people hears no one', async () => {
  const { desk, store } = await openPlace([]);
  await using _store = store;
  expect(desk.hear({ by: 'matrix:me', command: 'c1' })).toBeUndefined();
});
