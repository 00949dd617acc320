import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { until } from '../flow/world.ts';
import { peerOrSkip } from '../peers/peer-or-skip.ts';
import { chromiumFile, findBarriers, howToGet, type Opened, openDashboard } from './kit.ts';

const { test } = peerOrSkip(chromiumFile, howToGet);

const shots = process.env['SHOTS'];

interface Row {
  delivery: string;
  state: string;
  at?: string;
}

const queueOf = (world: Opened['world']) => world.say<Row[]>('queue');
const idsOf = (rows: Row[]) =>
  rows.flatMap(({ delivery, state }) => (state === 'planned' ? delivery : []));
const told = (page: Page, text: string) =>
  page.getByRole('status').filter({ hasText: text }).waitFor();

test('the queue and its menus can be used by everybody', async () => {
  await using dashboard = await openDashboard();
  for (const width of [1280, 390]) {
    const page = await dashboard.openPage({ viewport: { width, height: 844 } });
    await page.goto(`${dashboard.web}/queue`);
    for (const summary of await page.locator('.bulk summary, .whole summary').all())
      await summary.click();
    expect(await findBarriers(page)).toEqual([]);
    const over = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
    expect(Number(over)).toBeLessThanOrEqual(0);
    if (shots) await page.screenshot({ path: `${shots}/queue-open-${width}.png`, fullPage: true });
    if (shots) {
      for (const path of ['/queue', '/queue?show=waiting', '/posts/third', '/calendar']) {
        await page.goto(dashboard.web + path);
        const name = path.replaceAll(/\W/g, '_');
        await page.screenshot({ path: `${shots}/p${name}-${width}.png`, fullPage: true });
      }
    }
    await page.context().close();
  }
  expect(dashboard.troubles).toEqual([]);
});

/** What a person does with several posts at once. */
async function several(page: Page, { world, web }: Opened): Promise<void> {
  await page.goto(`${web}/queue`);
  expect(await page.locator('.post-card').count()).toBe(3);
  await page.getByText('Change the selected posts').click();
  await page.getByRole('button', { name: 'Skip: the selected posts' }).click();
  await told(page, 'no post is selected');

  await page.getByText('Select all 3 on this page').click();
  await page.getByRole('link', { name: 'Select none' }).waitFor();
  await page.getByLabel('Select The third').uncheck();
  const before = idsOf(await queueOf(world));
  await page.getByText('Change the selected posts').click();
  await page.getByRole('button', { name: 'Skip: the selected posts' }).click();
  await told(page, 'moved to the end of the queue');
  const after = async () => idsOf(await queueOf(world)).filter((id) => id.endsWith('@x'));
  await until('the third is first', async () => (await after())[0] === 'third@x');

  const undo = page.getByRole('button', { name: 'Undo' });
  const [button, toast] = [await undo.boundingBox(), await page.locator('.flash').boundingBox()];
  const right = (box: typeof button) => (box?.x ?? 0) + (box?.width ?? 0);
  expect(right(button)).toBeLessThanOrEqual(right(toast));
  await undo.click();
  await told(page, 'Taken back');
  await until(
    'all are where they were',
    async () => JSON.stringify(idsOf(await queueOf(world))) === JSON.stringify(before),
  );

  await page.goto(`${web}/queue`);
  await page.locator('[id="change-third"] > summary').click();
  await page.getByRole('button', { name: 'To the top: third on 3 accounts' }).click();
  await told(page, 'moved to the top');
  await until('it is first', async () => (await after())[0] === 'third@x');
}

test('posts are selected, skipped together, and one undo takes it back', async () => {
  await using dashboard = await openDashboard();
  await several(await dashboard.openPage({ viewport: { width: 390, height: 844 } }), dashboard);
  expect(dashboard.troubles).toEqual([]);
});

test('the same without JavaScript', async () => {
  await using dashboard = await openDashboard();
  await several(await dashboard.openPage({ javaScriptEnabled: false }), dashboard);
});

const datesOf = async ({ world }: Opened, post: string) =>
  (await queueOf(world)).flatMap(({ delivery, at = '' }) =>
    delivery.startsWith(`${post}@`) ? at.slice(0, 10) : [],
  );

test('a whole post is dragged onto another day', async () => {
  await using dashboard = await openDashboard();
  const page = await dashboard.openPage();
  await page.goto(`${dashboard.web}/calendar`);
  const days = page.locator('.day[data-date]');
  const date = (await days.nth(9).getAttribute('data-date')) ?? '';
  await page.locator('[id^="entry-third"] > .title').first().dragTo(days.nth(9));
  await told(page, 'moved to');
  await until('all its accounts are there', async () =>
    (await datesOf(dashboard, 'third')).every((one) => one === date),
  );
  expect(dashboard.troubles).toEqual([]);
});

test('a whole post is moved in the calendar by the keyboard, without JavaScript', async () => {
  await using dashboard = await openDashboard();
  const page = await dashboard.openPage({ javaScriptEnabled: false });
  await page.goto(`${dashboard.web}/calendar`);
  await page.getByRole('link', { name: /Move all 3.*third/ }).focus();
  await page.keyboard.press('Enter');
  const field = page.getByLabel('Move to (Europe/Berlin)');
  await field.fill('2026-11-30T12:00');
  if (shots) await page.screenshot({ path: `${shots}/calendar-panel.png`, fullPage: true });
  await page.getByRole('button', { name: 'Move third to this time' }).press('Enter');
  await told(page, 'moved to');
  await until('all its accounts are there', async () =>
    (await datesOf(dashboard, 'third')).every((one) => one === '2026-11-30'),
  );
});
