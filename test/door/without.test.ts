import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { openPublicOf } from '../../src/app/public/open-public.ts';
import { makePlace } from '../config/kit.ts';
import { openMemoryStore } from '../../src/store/memory-store.ts';

async function takePort() {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { port, [Symbol.dispose]: () => void server.close() };
}

const clock = { now: Date.now, monotonic: () => performance.now() };

test('where the port is taken the sandbox goes on without, and says so; your own service does not start', async () => {
  using taken = await takePort();
  using place = makePlace(
    `public: { url: https://a.example, port: ${taken.port} }\nlinks: counted`,
  );
  await using store = openMemoryStore();
  const warned: string[] = [];
  const log = { info: () => undefined, warn: (text: string) => void warned.push(text) };
  const around = { store, clock, log, hasWeb: true };
  const own = place.load();
  await expect(openPublicOf(own, around)).rejects.toThrow(/port \d+ is taken.*public\.port/);
  const { config, door } = await openPublicOf({ ...own, isSandbox: true }, around);
  expect([door, config.links, config.public]).toEqual([undefined, undefined, undefined]);
  expect(warned).toEqual([expect.stringMatching(/Links are not counted this time: port/)]);
});

test('without a door nothing is opened, and with one its links are counted', async () => {
  await using store = openMemoryStore();
  const log = { info: () => undefined, warn: () => undefined };
  using plain = makePlace('timezone: UTC');
  expect(
    (await openPublicOf(plain.load(), { store, clock, log, hasWeb: true })).door,
  ).toBeUndefined();
  using counting = makePlace('public: { url: https://a.example, port: 0 }\nlinks: counted');
  const { door, config } = await openPublicOf(counting.load(), { store, clock, log, hasWeb: true });
  expect([config.links, door?.url]).toEqual([{ url: 'https://a.example' }, 'https://a.example']);
  const answer = await fetch(`http://127.0.0.1:${door?.port}/l/nothing000`, { redirect: 'manual' });
  expect(answer.status).toBe(404);
  await door?.[Symbol.asyncDispose]();
});
