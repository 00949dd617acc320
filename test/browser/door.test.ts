import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { openPeopleDoorWorld } from '../door/people-kit.ts';
import { peopleStores } from '../flow/people/stores.ts';
import { peerOrSkip } from '../peers/peer-or-skip.ts';
import { makeEnrolment } from '../store/people-kit.ts';
import { chromiumFile, findBarriers, howToGet, openChromium } from './kit.ts';

const { test } = peerOrSkip(chromiumFile, howToGet);
const shots = process.env['SHOTS'];

async function look(page: Page, name: string): Promise<void> {
  if (shots) {
    mkdirSync(shots, { recursive: true });
    await page.screenshot({ path: join(shots, `${name}.png`), fullPage: true });
  }
  expect([name, await findBarriers(page)]).toEqual([name, []]);
  const wide = await page.evaluate('document.documentElement.scrollWidth > innerWidth');
  expect([name, wide]).toEqual([name, false]);
}

const sizes = [
  { width: 390, locale: 'en-GB', scheme: 'light' },
  { width: 1280, locale: 'de-DE', scheme: 'dark' },
] as const;

test('signing up, confirming and unsubscribing: by keys, at each width', async () => {
  await using place = await peopleStores[0]!.open();
  await using world = await openPeopleDoorWorld({ store: place.store });
  await using stack = new AsyncDisposableStack();
  const browser = await openChromium();
  stack.defer(() => browser.close());
  const at = `http://127.0.0.1:${world.port}`;
  const troubles: string[] = [];
  for (const { width, locale, scheme } of sizes) {
    const mail = `ada${width}@example.org`;
    const context = await browser.newContext({
      viewport: { width, height: 900 },
      locale,
      colorScheme: scheme,
    });
    const page = await context.newPage();
    const requests: string[] = [];
    page.on('request', (request) => requests.push(request.url()));
    page.on('console', (message) => message.type() === 'error' && troubles.push(message.text()));
    await page.goto(`${at}/f/newsletter`);
    await look(page, `form-${width}`);
    await page.evaluate('document.querySelector("form").noValidate = true');
    await page.locator('#mail').fill('ada');
    await page.locator('#mail').press('Enter');
    await page.locator('#mail-wrong').waitFor();
    expect(await page.evaluate('document.activeElement.id')).toBe('mail');
    await look(page, `wrong-${width}`);
    await page.locator('#mail').fill(mail);
    await page.keyboard.press('Tab');
    await page.keyboard.type('Ada');
    // The trap is in nobody's way.
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.tagName')).toBe('BUTTON');
    await page.keyboard.press('Enter');
    await page.locator('h1', { hasText: /inbox|Postfach/ }).waitFor();
    await look(page, `sent-${width}`);
    // The browser has worked for it meanwhile, by itself.
    expect(await world.store.listFacts('used:')).toHaveLength(
      sizes.findIndex((one) => one.width === width) + 1,
    );
    const person = await world.store.people.findPersonByAddress(`mail:${mail}`);
    const [consent] = await world.store.people.listConsents(person?.id ?? '');
    await page.goto(`${at}/c/${world.tokens.make('confirm', consent?.id ?? '')}`);
    await look(page, `confirm-${width}`);
    await page.locator('button').click();
    await page.locator('h1', { hasText: /Thank|Dank/ }).waitFor();
    await look(page, `confirmed-${width}`);
    const [enrolment] = await world.store.people.listEnrolments({ person: person?.id ?? '' });
    expect(enrolment?.state).toBe('active');
    await page.goto(`${at}/u/${world.tokens.make('unsubscribe', `welcome.hello@${person?.id}`)}`);
    await look(page, `unsubscribe-${width}`);
    expect(await page.locator('fieldset').count()).toBe(0);
    // Who is in several chooses, by keys alone.
    await world.store.people.addEnrolment(makeEnrolment('other', person?.id ?? ''));
    await page.reload();
    await look(page, `choose-${width}`);
    await page.getByLabel('Other').focus();
    await page.keyboard.press('Space');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.locator('p', { hasText: /Welcome/ }).waitFor();
    await look(page, `chosen-${width}`);
    const others = await world.store.people.listEnrolments({ person: person?.id ?? '' });
    expect(others.map(({ sequence, state }) => [sequence, state])).toEqual([
      ['other', 'stopped'],
      ['welcome', 'active'],
    ]);
    await page.goto(`${at}/u/${world.tokens.make('unsubscribe', `welcome.hello@${person?.id}`)}`);
    await page.locator('button').first().click();
    await page.locator('h1', { hasText: /Done|Erledigt/ }).waitFor();
    await look(page, `stopped-${width}`);
    expect(await context.cookies()).toEqual([]);
    expect(requests.filter((url) => !url.startsWith(`${at}/`))).toEqual([]);
    await context.close();
  }
  // An answer that is no success is one for the browser.
  expect(troubles.filter((text) => !text.includes('422'))).toEqual([]);
});
