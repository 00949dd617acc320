import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'vitest';
import { openPeopleDoorWorld } from '../door/people-kit.ts';
import { peopleStores } from '../flow/people/stores.ts';
import { peerOrSkip } from '../peers/peer-or-skip.ts';
import { chromiumFile, howToGet, openChromium } from './kit.ts';

const { test } = peerOrSkip(chromiumFile, howToGet);

/** A site with a form of its own, as the guide shows it. */
async function openSite(door: () => string, script: boolean) {
  const server = createServer((_, response) => {
    response.setHeader('content-type', 'text/html');
    response.end(
      `<!doctype html><title>Shop</title>
       <form method="post" action="${door()}/f/newsletter">
         <input name="mail" type="email" required /><button name="submit">Sign up</button>
       </form>
       <form method="post" action="/elsewhere"><button>Buy</button></form>
       ${script ? `<script defer src="${door()}/f.js"></script>` : ''}`,
    );
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    [Symbol.asyncDispose]: async () => void server.close(),
  };
}

test('a form on a site of its own is worked for with the script, and taken without it', async () => {
  await using place = await peopleStores[0]!.open();
  await using world = await openPeopleDoorWorld({ store: place.store });
  const door = () => `http://127.0.0.1:${world.port}`;
  await using stack = new AsyncDisposableStack();
  const browser = await openChromium();
  stack.defer(() => browser.close());
  for (const [i, way] of (['script', 'none', 'off'] as const).entries()) {
    await using site = await openSite(door, way !== 'none');
    const context = await browser.newContext({ javaScriptEnabled: way !== 'off' });
    const page = await context.newPage();
    const asked: string[] = [];
    page.on('request', (one) => asked.push(new URL(one.url()).pathname));
    await page.goto(site.url);
    await page.locator('input[name=mail]').fill(`ada${i}@example.org`);
    // Sent at once, and again: it waits for the work, and is sent a single time.
    const button = page.locator('button').first();
    await button.click();
    await page.locator('h1', { hasText: 'inbox' }).waitFor();
    expect([way, asked.includes('/f/newsletter/work')]).toEqual([way, way === 'script']);
    expect(asked.filter((path) => path === '/f/newsletter')).toHaveLength(1);
    expect(await world.store.listFacts('used:')).toHaveLength(1);
    const person = await world.store.people.findPersonByAddress(`mail:ada${i}@example.org`);
    const [consent] = await world.store.people.listConsents(person?.id ?? '');
    expect(new URL(consent?.from ?? '').origin).toBe(new URL(site.url).origin);
    expect(consent?.fields?.['work']).toBeUndefined();
    expect(await context.cookies()).toEqual([]);
    await context.close();
  }
});
