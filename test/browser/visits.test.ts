import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'vitest';
import { hour, minute } from '../../src/core/time.ts';
import { openPeopleDoorWorld, type PeopleDoorWorld } from '../door/people-kit.ts';
import { peopleStores } from '../flow/people/stores.ts';
import { peerOrSkip } from '../peers/peer-or-skip.ts';
import { makeDispatch, makeEnrolment } from '../store/people-kit.ts';
import { chromiumFile, howToGet, openChromium } from './kit.ts';

const { test } = peerOrSkip(chromiumFile, howToGet);

const chrome =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) ' +
  'Chrome/138.0.0.0 Safari/537.36';

/** A shop whose pages include the script of the door. */
async function openShop(script: () => string) {
  const asked: string[] = [];
  const server = createServer(({ url = '' }, response) => {
    asked.push(url);
    response.setHeader('content-type', 'text/html');
    response.end(
      `<!doctype html><title>Shop</title><a href="/pricing/team?x=secret#top">Prices</a>
       <button onclick="history.pushState(null, '', '/app/tab')">Tab</button>
       <script defer src="${script()}"></script>`,
    );
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    asked,
    [Symbol.asyncDispose]: async () => void server.close(),
  };
}

/** A message that was sent an hour ago, with these links. */
async function addSent(world: PeopleDoorWorld, targets: string[]): Promise<string[]> {
  const { id } = await world.add('p-ada');
  const { people } = world.store;
  const enrolment = makeEnrolment('welcome', id);
  await people.addEnrolment(enrolment);
  const sentAt = world.clock.now() - hour;
  const dispatch = makeDispatch(enrolment, 'hello', { state: 'sent', sentAt });
  await people.change({ dispatch: { after: dispatch } });
  const links = targets.map((target, i) => {
    const code = `visit${i}`.padEnd(16, '0');
    return { code, target, delivery: dispatch.id, createdAt: sentAt };
  });
  await people.putBody({ person: id, hash: 'h', bytes: new Uint8Array([1]) }, links);
  return links.map(({ code }) => `http://127.0.0.1:${world.port}/l/${code}`);
}

const visitsOf = async ({ store, flush }: PeopleDoorWorld) => {
  await flush();
  const acts = await store.people.listActs({ person: 'p-ada', kinds: ['visited'] });
  return acts.map(({ url = '', verdict }) => `${verdict} ${new URL(url).pathname}`).toSorted();
};

test('who came by a counted link is known on the pages that follow, and nobody else is', async () => {
  await using place = await peopleStores[0]!.open();
  let port = 0;
  await using shop = await openShop(() => `http://127.0.0.1:${port}/v.js`);
  await using world = await openPeopleDoorWorld({ store: place.store, visits: [shop.origin] });
  port = world.port;
  await using stack = new AsyncDisposableStack();
  const browser = await openChromium();
  stack.defer(() => browser.close());
  const context = await browser.newContext({ userAgent: chrome });
  const [link = '', anchored = ''] = await addSent(world, [
    `${shop.origin}/guide?from=mail`,
    `${shop.origin}/guide#part-2`,
  ]);
  const troubles: string[] = [];
  const told: string[] = [];
  const listen = (page: Awaited<ReturnType<typeof context.newPage>>) => {
    page.on('console', (message) => message.type() === 'error' && troubles.push(message.text()));
    page.on('request', (one) => {
      if (one.url().endsWith('/v')) told.push(one.postData()?.split(' ')[1] ?? '');
    });
    return page;
  };
  // Whoever comes by himself is nobody.
  const stranger = listen(await (await browser.newContext({ userAgent: chrome })).newPage());
  await stranger.goto(`${shop.origin}/guide`);
  await stranger.waitForLoadState('networkidle');
  expect(told).toEqual([]);
  const page = listen(await context.newPage());
  const isTold = () => page.waitForResponse((answer) => answer.url().endsWith('/v'));
  const [first] = await Promise.all([isTold(), page.goto(link)]);
  expect(first.status()).toBe(204);
  // The token is gone from the address, and no server but the door has seen it.
  expect(page.url()).toBe(`${shop.origin}/guide?from=mail`);
  await world.flush();
  await Promise.all([isTold(), page.locator('a').click()]);
  await Promise.all([isTold(), page.locator('button').click()]);
  expect(shop.asked.filter((one) => one.includes('dl='))).toEqual([]);
  expect(told).toEqual(['/guide', '/pricing/team', '/app/tab']);
  expect(await visitsOf(world)).toEqual([
    'person /app/tab',
    'person /guide',
    'person /pricing/team',
  ]);
  // The same page again in the hour is the same visit; in the next hour it is another.
  await Promise.all([isTold(), page.goto(`${shop.origin}/guide`)]);
  expect(await visitsOf(world)).toHaveLength(3);
  world.clock.move(hour + minute);
  await Promise.all([isTold(), page.goto(`${shop.origin}/guide?x=1`)]);
  expect(await visitsOf(world)).toHaveLength(4);
  // Where the address has a part behind # of its own, it stays.
  await Promise.all([isTold(), page.goto(anchored)]);
  expect(page.url()).toBe(`${shop.origin}/guide#part-2`);
  expect(await context.cookies()).toEqual([]);
  expect(await page.evaluate('Object.keys(localStorage).length')).toBe(0);
  // Another tab is another visit, of nobody.
  const before = told.length;
  const tab = listen(await context.newPage());
  await tab.goto(`${shop.origin}/guide`);
  await tab.waitForLoadState('networkidle');
  expect(told.length).toBe(before);
  expect(troubles.filter((text) => !text.includes('favicon'))).toEqual([]);
});
