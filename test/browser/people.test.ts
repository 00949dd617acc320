import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { peerOrSkip } from '../peers/peer-or-skip.ts';
import { chromiumFile, findBarriers, howToGet, type Opened, openDashboard } from './kit.ts';

const { test } = peerOrSkip(chromiumFile, howToGet);

const shots = process.env['SHOTS'];
const paths = ['/people', '/people/p-ada', '/sequences', '/sequences/welcome'];

test('what asks before it is done can be used by everybody, open too', async () => {
  await using dashboard = await openDashboard();
  for (const width of [1280, 390]) {
    for (const colorScheme of ['light', 'dark'] as const) {
      const page = await dashboard.openPage({ viewport: { width, height: 844 }, colorScheme });
      for (const path of paths) {
        await page.goto(dashboard.web + path);
        const name = `${path.replaceAll(/\W/g, '_')}-${width}-${colorScheme}`;
        if (shots) await page.screenshot({ path: `${shots}/p${name}.png`, fullPage: true });
      }
      await page.goto(`${dashboard.web}/people/p-ada`);
      for (const summary of await page.locator('summary').all()) await summary.click();
      expect(await findBarriers(page)).toEqual([]);
      const over = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
      expect(Number(over)).toBeLessThanOrEqual(0);
      await page.context().close();
    }
  }
  expect(dashboard.troubles).toEqual([]);
});

/** What an operator does with people, by links and buttons alone. */
async function lookAfter(page: Page, { web, served: { context } }: Opened): Promise<void> {
  const { people } = context.store;
  const press = (name: string) => page.getByRole('button', { name, exact: true }).click();
  const told = (text: string) => page.getByRole('status').filter({ hasText: text }).waitFor();
  const statusOf = async (id: string) => (await people.findPerson(id))?.status;
  const stateOf = async (id: string) => (await people.findEnrolment(id))?.state;

  await page.goto(web);
  await page.getByRole('navigation', { name: 'Pages' }).getByText('People').click();
  await page.getByLabel('Search').fill('name of p-ada');
  await press('Search');
  await page.getByRole('link', { name: 'p-ada' }).click();
  await page.getByText('Stop this sequence…').click();
  await press('Stop this sequence: welcome');
  await told('gets nothing more of welcome');
  expect(await stateOf('welcome@p-ada')).toBe('stopped');
  expect(await statusOf('p-ada')).toBe('active');

  await page.goto(`${web}/people/p-bob`);
  await press('Enrol: p-bob');
  await told('p-bob has entered welcome');
  await press('Won: p-bob');
  await told('p-bob is won now');
  expect(await stateOf('welcome@p-bob')).toBe('handed-over');
  await page.getByText('Stop everything…').click();
  await press('Stop everything');
  await told('p-bob gets nothing more');
  expect(await statusOf('p-bob')).toBe('stopped');

  await page.goto(`${web}/people/p-gone`);
  await press('I take it: p-gone');
  await told('p-gone is handed over to a human now');
  await page.getByText('Forget…').click();
  await page.getByText('This erases p-gone').waitFor();
  await press('Forget');
  await told('p-gone was forgotten');
  expect(new URL(page.url()).pathname).toBe('/people');
  expect(await people.findPerson('p-gone')).toBeUndefined();
}

test('an operator looks after people in a browser', async () => {
  await using dashboard = await openDashboard();
  await lookAfter(await dashboard.openPage(), dashboard);
  expect(dashboard.troubles).toEqual([]);
});

test('the same without a script', async () => {
  await using dashboard = await openDashboard();
  await lookAfter(await dashboard.openPage({ javaScriptEnabled: false }), dashboard);
  const entries = await dashboard.served.context.store.listJournal({ limit: 500 });
  const ours = entries.filter(({ person }) => person !== undefined);
  expect(ours.length).toBeGreaterThan(5);
  expect(JSON.stringify(ours)).not.toMatch(/example\.com|Name of p-/);
});
