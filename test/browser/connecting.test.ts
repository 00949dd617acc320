import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { defaultPeople } from '../../src/sandbox/open-sandbox.ts';
import { peerOrSkip } from '../peers/peer-or-skip.ts';
import { type ConnectWorld, openConnectWorld } from '../web/connecting-kit.ts';
import { chromiumFile, findBarriers, howToGet, openChromium } from './kit.ts';

const { test } = peerOrSkip(chromiumFile, howToGet);
const shots = process.env['SHOTS'];
const [x, bluesky] = defaultPeople;

const yaml = (urls: Record<string, string>) =>
  `timezone: Europe/Berlin\naccounts:\n  bsky: { network: bluesky, baseUrl: "${urls['bluesky']}", handle: ${bluesky.handle}, password: ${bluesky.password} }\n`;

type Look = (page: Page, name: string) => Promise<void>;

/** By a click, over the consent page of the sandbox's server and back. */
async function connectMastodon(page: Page, world: ConnectWorld, look: Look): Promise<void> {
  await page.goto(`${world.web}/accounts`);
  await page.getByRole('link', { name: 'Connect an account' }).click();
  await look(page, 'choose');
  await page.getByRole('link', { name: 'Mastodon' }).click();
  await page.getByLabel('Server, such as mastodon.social').fill('https://10.1.2.3');
  await page.getByRole('button', { name: 'Continue: Sign in at your server' }).click();
  await page.getByRole('alert').filter({ hasText: 'private network' }).waitFor();
  await look(page, 'form');
  await page.getByLabel('Server, such as mastodon.social').fill(world.sandbox.baseUrls.mastodon);
  await page.getByRole('button', { name: 'Continue: Sign in at your server' }).click();
  await look(page, 'consent');
  await page.getByRole('link', { name: 'Continue to 127.0.0.1' }).click();
  await look(page, 'network');
  await page.getByRole('button', { name: 'Authorize' }).click();
  await page.getByRole('heading', { name: 'What was granted' }).waitFor();
  // The code is gone from the address.
  expect(page.url()).toMatch(/\/accounts\/connect\/step\/[\w-]+$/);
  await look(page, 'granted');
  await page.getByRole('radio', { name: 'data/accounts.json' }).check();
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('status').filter({ hasText: 'Saved: masto is @dripline' }).waitFor();
  await look(page, 'saved');
  expect(world.next().accounts.map(({ name }) => name)).toEqual(['bsky', 'masto']);
}

async function connectX(page: Page, world: ConnectWorld, look: Look): Promise<void> {
  await page.goto(`${world.web}/accounts/connect/x`);
  await look(page, 'x');
  const form = page.locator('form.connect').filter({ has: page.locator('input[value="pin"]') });
  await form.getByLabel('API key', { exact: true }).fill(x.appKey);
  await form.getByLabel('API key secret').fill(x.appSecret);
  await form.getByLabel('Address of the API of X').fill(world.sandbox.baseUrls.x);
  await form.getByRole('button', { name: 'Continue' }).click();
  const step = page.url();
  await page.getByRole('link', { name: 'Continue to 127.0.0.1' }).click();
  await page.getByLabel('Account').selectOption('second');
  await page.getByRole('button', { name: 'Authorize' }).click();
  const pin = await page.locator('code').innerText();
  await page.goto(step);
  await look(page, 'pin');
  await page.getByLabel('The PIN that you were shown').fill(pin);
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByRole('heading', { name: '@second on X' }).waitFor();
  await page.getByRole('button', { name: 'Discard' }).click();
  await page.getByRole('status').filter({ hasText: 'Discarded' }).waitFor();
}

for (const { width, javaScriptEnabled } of [
  { width: 1280, javaScriptEnabled: true },
  { width: 390, javaScriptEnabled: true },
  { width: 390, javaScriptEnabled: false },
])
  test(
    `accounts are connected in a browser of ${width} pixels ${javaScriptEnabled ? 'with' : 'without'} JavaScript`,
    { timeout: 240_000 },
    async () => {
      await using world = await openConnectWorld(yaml);
      const browser = await openChromium();
      try {
        const context = await browser.newContext({
          viewport: { width, height: 844 },
          javaScriptEnabled,
        });
        const page = await context.newPage();
        const troubles: string[] = [];
        page.on('pageerror', ({ message }) => troubles.push(message));
        page.on('console', (one) => {
          const isOurs = one.location().url.startsWith(world.web);
          if (one.type() === 'error' && isOurs) troubles.push(one.text());
        });
        const look: Look = async (at, name) => {
          if (shots) await at.screenshot({ path: `${shots}/${name}-${width}.png`, fullPage: true });
          if (!javaScriptEnabled) return;
          expect(await findBarriers(at), name).toEqual([]);
          const over = await at.evaluate('document.documentElement.scrollWidth - innerWidth');
          expect(Number(over), name).toBeLessThanOrEqual(0);
        };
        await connectMastodon(page, world, look);
        await connectX(page, world, look);
        // The answer to a form that is not well is a page with that status.
        expect(troubles.filter((one) => !one.includes('422'))).toEqual([]);
      } finally {
        await browser.close();
      }
    },
  );
