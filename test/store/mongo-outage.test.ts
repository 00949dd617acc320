import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, inject, test } from 'vitest';
import { openAlarms } from '../../src/jobs/open-alarms.ts';
import { openMongoStore } from '../../src/store/mongo/mongo-store.ts';
import { inputs } from '../field/kit.ts';
import { databaseUri } from '../peers/mongo.ts';
import { openTcpProxy } from '../peers/tcp-proxy.ts';

const uri = inject('mongoUri') ?? '';
const outages = inputs(12, 60);
const timing = { renewAfter: 1500, commandFor: 3000 };

/** A store behind a proxy of its own, in a database of its own. */
async function openBehindProxy() {
  await using opening = new AsyncDisposableStack();
  const { hostname: host, port } = new URL(uri.split(',')[0] ?? '');
  const proxy = opening.use(await openTcpProxy({ host, port: Number(port || 27017) }));
  const through = databaseUri(uri, `test-${randomUUID()}`).replace(
    /\/\/[^/]+\//,
    `//127.0.0.1:${proxy.port}/`,
  );
  const full = `${through.split('?')[0]}?serverSelectionTimeoutMS=400&directConnection=true`;
  const store = opening.use(await openMongoStore({ uri: full, mode: 'serve', timing }));
  const opened = opening.move();
  return { proxy, store, uri: full, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

describe.skipIf(!uri)('a MongoDB that goes and comes (skipped where there is none)', () => {
  test(
    `after each of ${outages} outages that close what they accept, the same store answers again`,
    { timeout: 300_000 },
    async () => {
      await using opened = await openBehindProxy();
      const { proxy, store } = opened;
      const stopping = new AbortController();
      const loops = Array.from({ length: 4 }, async () => {
        while (!stopping.signal.aborted) {
          await store.findFact('a').catch(() => undefined);
          await delay(5);
        }
      });
      for (let n = 0; n < outages; n++) {
        proxy.isRefusing = true;
        proxy.cut();
        await delay((n * 37) % 300);
        proxy.isRefusing = false;
        await expect
          .poll(() => store.putFact(`b${n}`, n, 0).catch(() => 'silent'), { timeout: 30_000 })
          .not.toBe('silent');
        expect(store.silentFor?.()).toBe(0);
      }
      stopping.abort();
      await Promise.all(loops);
      expect(await store.findFact('b3')).toMatchObject({ value: 3 });
    },
  );

  test('for as long as nothing is answered the store says so, and the time grows', async () => {
    await using opened = await openBehindProxy();
    const { proxy, store } = opened;
    proxy.isRefusing = true;
    proxy.cut();
    await expect(store.findFact('a')).rejects.toMatchObject({ kind: 'unavailable' });
    const first = store.silentFor?.() ?? 0;
    expect(first).toBeGreaterThan(0);
    await expect(store.findFact('a')).rejects.toMatchObject({ kind: 'unavailable' });
    expect(store.silentFor?.()).toBeGreaterThan(first);
    proxy.isRefusing = false;
    await expect
      .poll(() =>
        store.findFact('a').then(
          () => true,
          () => false,
        ),
      )
      .toBe(true);
    expect(store.silentFor?.()).toBe(0);
  });

  test('a server that takes everything and answers nothing holds no command for ever', async () => {
    await using opened = await openBehindProxy();
    const { proxy, store } = opened;
    proxy.isMute = true;
    await expect(store.findFact('a')).rejects.toMatchObject({ kind: 'unavailable' });
    proxy.isMute = false;
    proxy.cut();
    await expect
      .poll(
        () =>
          store.findFact('a').then(
            () => true,
            () => false,
          ),
        { timeout: 30_000 },
      )
      .toBe(true);
  });

  test('alarms ring again after an outage, on the connection that they have', async () => {
    await using opened = await openBehindProxy();
    const clock = { now: () => Date.now(), monotonic: () => performance.now() };
    await using alarms = await openAlarms({
      store: { kind: 'mongodb', uri: opened.uri },
      worker: 'w',
      clock,
    });
    const rung = Promise.withResolvers<string>();
    await alarms.start(async ({ id }) => rung.resolve(id));
    opened.proxy.isRefusing = true;
    opened.proxy.cut();
    await expect(alarms.set('release', 'early', Date.now())).rejects.toThrow();
    opened.proxy.isRefusing = false;
    await expect
      .poll(
        () =>
          alarms.set('release', 'late', Date.now()).then(
            () => true,
            () => false,
          ),
        {
          timeout: 30_000,
        },
      )
      .toBe(true);
    expect(await rung.promise).toBe('late');
  });
});
