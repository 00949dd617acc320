import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { openWeb } from '../../src/web/web-server.ts';
import { until } from '../flow/world.ts';
import { peerOrSkip } from '../peers/peer-or-skip.ts';
import { chromiumFile, findBarriers, howToGet, type Opened, openDashboard } from './kit.ts';

const { test } = peerOrSkip(chromiumFile, howToGet);

const paths = [
  '/',
  '/calendar',
  '/calendar?from=2027-02-01',
  '/queue',
  '/queue?show=waiting',
  '/queue?show=ended',
  '/drafts',
  '/write',
  '/posts/hello',
  '/posts/third',
  '/posts/trouble',
  '/engagement',
  '/report',
  '/pace',
  '/campaigns',
  '/people',
  '/people?text=zzz',
  '/people/p-ada',
  '/people/p-bob',
  '/people/p-eve',
  '/people/p-gone',
  '/sequences',
  '/sequences/welcome',
  '/sequences/broken',
  '/letters',
  '/accounts',
  '/journal',
];

const looks = [1280, 390].flatMap((width) =>
  (['light', 'dark'] as const).map((colorScheme) => ({ width, colorScheme })),
);

test(
  'every page can be used by everybody, on a screen and on a phone, light and dark',
  { timeout: 240_000 },
  async () => {
    await using dashboard = await openDashboard();
    const { openPage, web, troubles } = dashboard;
    const barriers: string[] = [];
    for (const { width, colorScheme } of looks) {
      const page = await openPage({ viewport: { width, height: 844 }, colorScheme });
      for (const path of paths) {
        await page.goto(web + path);
        barriers.push(
          ...(await findBarriers(page)).map((one) => `${path} at ${width} ${colorScheme}: ${one}`),
        );
        const over = Number(
          await page.evaluate('document.documentElement.scrollWidth - innerWidth'),
        );
        if (over > 0)
          barriers.push(`${path} at ${width} ${colorScheme} is ${over} pixels too wide`);
      }
      await page.context().close();
    }
    expect(barriers).toEqual([]);
    expect(troubles).toEqual([]);
  },
);

interface Row {
  delivery: string;
  state: string;
  at?: string;
}

/** What a person does in a day, each step confirmed by what the commands say. */
async function live(page: Page, { world, web }: Opened): Promise<void> {
  const queued = async (id: string) =>
    (await world.say<Row[]>('queue')).find(({ delivery }) => delivery === id);
  const state = async (id: string) =>
    (await world.say<{ deliveries: Row[] }>(`show ${id}`)).deliveries[0]?.state;
  const press = (name: string) => page.getByRole('button', { name, exact: true }).click();
  const told = (text: string) => page.getByRole('status').filter({ hasText: text }).waitFor();

  await page.goto(web);
  await press('Start posting');
  await told('Resumed');
  expect((await world.say('status')).paused).toBeNull();

  await press('Pause');
  await told('everything is paused until resumed');
  expect((await world.say('status')).paused).toMatchObject({ by: 'web' });
  await press('Resume');
  await until('resumed', async () => (await world.say('status')).paused === null);

  await press('Approve: offer');
  await told('approved');
  expect(
    (await world.say<{ by: string; type: string }[]>('journal')).filter(
      ({ type }) => type === 'approved',
    ),
  ).toHaveLength(3);

  await page.goto(`${web}/posts/second`);
  const last = async () =>
    (await world.say<Row[]>('queue')).filter(({ delivery }) => delivery.endsWith('@bsky')).at(-1)
      ?.delivery;
  await press('Skip: second@bsky');
  await told('moved to the end of the queue');
  await until('it is the last', async () => (await last()) === 'second@bsky');
  await press('Undo');
  await told('Taken back');
  await until('it is where it was', async () => (await last()) !== 'second@bsky');

  await page.goto(`${web}/calendar`);
  await page.locator('[id="at-third@x"] > a').click();
  await page.getByLabel('Move to (Europe/Berlin)').fill('2031-03-04T05:06');
  await press('Move third@x to this time');
  await told('moved to');
  await until(
    'it has moved',
    async () =>
      (await queued('third@x'))?.at === undefined || ((await queued('third@x'))?.at ?? '') > '2031',
  );
  expect(
    (await world.say<{ moved?: unknown; type: string; delivery?: string }[]>('journal')).some(
      ({ type, delivery }) => type === 'moved' && delivery === 'third@x',
    ),
  ).toBe(true);

  await page.goto(web);
  await page.getByLabel('URL of the post on X').fill('https://x.com/dripline/status/12345');
  await press('It was published');
  await told('trouble@x is published');
  expect(await state('trouble@x')).toBe('released');

  await press('Withdraw: trouble@masto');
  await told('trouble@masto withdrawn');
  expect(await state('trouble@masto')).toBe('withdrawn');
}

test('a day at the dashboard: resumed, paused, approved, skipped, undone, moved and settled', async () => {
  await using dashboard = await openDashboard();
  await live(await dashboard.openPage(), dashboard);
  expect(dashboard.troubles).toEqual([]);
});

test('the same day without JavaScript', async () => {
  await using dashboard = await openDashboard();
  await live(await dashboard.openPage({ javaScriptEnabled: false }), dashboard);
});

test('a page follows what happens, and leaves alone what is being typed', async () => {
  await using dashboard = await openDashboard();
  const page = await dashboard.openPage();
  await page.goto(`${dashboard.web}/journal`);
  const field = page.getByRole('textbox', { name: 'Post' });
  await field.fill('hel');
  await dashboard.world.say('resume');
  await page.locator('#state').getByText('Running').waitFor();
  await page.locator('main').getByText('everything was resumed').waitFor();
  await page.keyboard.type('lo');
  expect(await field.inputValue()).toBe('hello');
  expect(dashboard.troubles).toEqual([]);
});

test('a release is dragged onto another day', async () => {
  await using dashboard = await openDashboard();
  await dashboard.world.say('resume');
  const page = await dashboard.openPage();
  await page.goto(`${dashboard.web}/calendar`);
  const days = page.locator('.day[data-date]');
  const date = await days.nth(9).getAttribute('data-date');
  await page.locator('[id="at-third@bsky"]').dragTo(days.nth(9));
  await page.getByRole('status').filter({ hasText: 'moved to' }).waitFor();
  expect(await findBarriers(page)).toEqual([]);
  const at = (await dashboard.world.say<Row[]>('queue')).find(
    ({ delivery }) => delivery === 'third@bsky',
  )?.at;
  expect(at?.slice(0, 10)).toBe(date);
});

test('the login can be used by everybody, and lets in', async () => {
  await using dashboard = await openDashboard();
  const { store, clock } = dashboard.served.context;
  const context = { store, clock, settings: dashboard.world.config, by: 'web', version: 'test' };
  await using web = await openWeb(context, {
    host: '127.0.0.1',
    port: 0,
    password: 'a long password',
  });
  const page = await dashboard.openPage({ viewport: { width: 390, height: 844 } });
  await page.goto(`${web.url}/queue`);
  expect(await findBarriers(page)).toEqual([]);
  await page.getByLabel('Password').fill('a long password');
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByRole('heading', { name: 'Queue' }).waitFor();
});

test('the keyboard reaches the content first, and shows where it is', async () => {
  await using dashboard = await openDashboard();
  const page = await dashboard.openPage();
  await page.goto(dashboard.web);
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  expect(await page.evaluate('document.activeElement.id')).toBe('main');
  await page.keyboard.press('Tab');
  expect(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle')).toBe(
    'solid',
  );
});
