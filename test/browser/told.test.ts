import { expect } from 'vitest';
import { openWeb } from '../../src/web/web-server.ts';
import { peerOrSkip } from '../peers/peer-or-skip.ts';
import { chromiumFile, findBarriers, howToGet, openDashboard } from './kit.ts';

const { test } = peerOrSkip(chromiumFile, howToGet);

test.each([true, false])(
  'what came of an action is where the keyboard is, and in the title (JavaScript: %s)',
  async (javaScriptEnabled) => {
    await using dashboard = await openDashboard();
    const page = await dashboard.openPage({ javaScriptEnabled });
    for (const [path, button, outcome] of [
      ['/', 'Start posting', /Resumed/],
      ['/', 'Pause', /everything is paused/],
      ['/', 'Approve: offer', /approved/],
      ['/posts/second', 'Skip: second@bsky', /moved to the end/],
    ] as const) {
      await page.goto(dashboard.web + path);
      await page.getByRole('button', { name: button, exact: true }).press('Enter');
      await page.getByRole('status').filter({ hasText: outcome }).waitFor();
      expect(await page.title()).toMatch(outcome);
      const focused = page.locator(':focus');
      expect(await focused.textContent()).toMatch(outcome);
    }
    if (javaScriptEnabled) expect(await findBarriers(page)).toEqual([]);
  },
);

test('in forced colours what is chosen has a line around it', async () => {
  await using dashboard = await openDashboard();
  for (const width of [1280, 390]) {
    const viewport = { width, height: 844 };
    const page = await dashboard.openPage({ viewport, forcedColors: 'active' });
    for (const path of ['/', '/engagement', '/queue', '/calendar', '/journal', '/pace']) {
      await page.goto(dashboard.web + path);
      const styles = (await page.evaluate(
        `[...document.querySelectorAll('[aria-current]')].map((one) => getComputedStyle(one).outlineStyle)`,
      )) as string[];
      expect(styles.length, path).toBeGreaterThan(0);
      expect([path, new Set(styles)]).toEqual([path, new Set(['solid'])]);
    }
  }
});

test('the login says where a made password is, and nothing where one was chosen', async () => {
  await using dashboard = await openDashboard();
  const { store, clock } = dashboard.served.context;
  const context = { store, clock, settings: dashboard.world.config, by: 'web', version: 'test' };
  for (const [password, isTold] of [
    [undefined, true],
    ['a long password', false],
  ] as const) {
    const options = { host: '0.0.0.0', port: 0, ...(password ? { password } : {}) };
    await using web = await openWeb(context, options);
    const { port } = new URL(web.url);
    const page = await (await fetch(`http://127.0.0.1:${port}/login`)).text();
    expect(page.includes('wrote it to its log once')).toBe(isTold);
  }
});
