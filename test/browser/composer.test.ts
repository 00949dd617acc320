import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { peerOrSkip } from '../peers/peer-or-skip.ts';
import { chromiumFile, findBarriers, howToGet, openDashboard, type Opened } from './kit.ts';

const { test } = peerOrSkip(chromiumFile, howToGet);

describe('a post is written in the browser', () => {
  let opened: Opened;
  let posts: string;
  beforeAll(async () => {
    if (!chromiumFile) return;
    opened = await openDashboard();
    posts = opened.world.config.folders.posts;
  });
  afterAll(async () => {
    if (!chromiumFile) return;
    await opened[Symbol.asyncDispose]();
    // What is refused, or changed elsewhere, has its own status.
    expect(opened.troubles.filter((one) => !/status of (409|422)/.test(one))).toEqual([]);
  });

  const textOf = (page: Page) => page.locator('textarea[name=body]');
  const read = (path: string) => readFileSync(join(posts, path), 'utf8');
  const draftNamed = (words: string): string | undefined => {
    const folder = join(posts, 'drafts');
    const all = existsSync(folder)
      ? readdirSync(folder, { recursive: true, encoding: 'utf8' })
      : [];
    const found = all.find((name) => name.includes(words) && name.endsWith('.md'));
    return found && `drafts/${found}`;
  };
  const open = async (page: Page, path = '/write') => {
    await page.goto(`${opened.web}${path}`);
    return page;
  };
  const picture = () =>
    sharp({ create: { width: 40, height: 30, channels: 3, background: '#0a6b6b' } })
      .png()
      .toBuffer();

  test('as one types: the preview follows, the draft saves itself, a picture comes in, it is queued', async () => {
    const page = await open(await opened.openPage());
    await textOf(page).fill('Fresh from the press **today**');
    await page.getByRole('button', { name: 'Add a part' }).click();
    await page.keyboard.type('And the second part');
    await page.locator('#preview .part', { hasText: 'And the second part' }).first().waitFor();
    expect(await page.locator('#preview').innerText()).toContain('Fresh from the press today');
    await page.getByText(/^Saved at/).waitFor();
    expect(read(draftNamed('fresh-from-the-press') ?? '')).toContain('And the second part');
    expect(page.url()).toContain('file=drafts');

    await page.locator('input[type=file]').setInputFiles({
      name: 'Our Shop.png',
      mimeType: 'image/png',
      buffer: await picture(),
    });
    await page.getByLabel(/Description of our-shop.png/).fill('Our shop from the street');
    await page.locator('#preview figcaption', { hasText: 'Our shop from' }).first().waitFor();
    await page.getByLabel('x', { exact: true }).first().uncheck();
    await page.getByLabel('Link').fill('https://example.com/press');
    await page.locator('#preview', { hasText: 'Not on x' }).waitFor();
    expect(await findBarriers(page)).toEqual([]);

    await page.getByRole('button', { name: 'Add to queue' }).click();
    // Where the service has not read the file within seconds, the queue is shown.
    await page.waitForURL(/\/(posts\/fresh-from-the-press|queue)/);
    const name = readdirSync(posts).find((one) => one.includes('fresh-from-the-press')) ?? '';
    expect(readdirSync(join(posts, name)).sort()).toEqual(['index.md', 'our-shop.png']);
    expect(read(`${name}/index.md`)).toMatch(/alt: Our shop from the street/);
    expect(draftNamed('fresh-from-the-press')).toBeUndefined();
  });

  test('a closed tab loses nothing: the draft is among the drafts, with what is wrong', async () => {
    const page = await open(await opened.openPage());
    await textOf(page).fill('Half a thought {{unknown}}');
    await page.getByText(/^Saved at/).waitFor();
    await page.close({ runBeforeUnload: false });
    const other = await open(await opened.openPage(), '/drafts');
    await other.getByRole('link', { name: /Half a thought/ }).click();
    expect(await textOf(other).inputValue()).toContain('Half a thought');
    await other.getByRole('button', { name: 'Add to queue' }).click();
    await other.getByText(/cannot be queued yet/).waitFor();
    expect(draftNamed('half-a-thought')).toBeDefined();
    await other.getByText('Delete draft…').click();
    await other.getByRole('button', { name: 'Delete draft', exact: true }).click();
    await other.waitForURL(/\/drafts$/);
    expect(draftNamed('half-a-thought')).toMatch(/\.deleted/);
  });

  test('of a file that a person wrote, only what is changed changes', async () => {
    const before = '---\n# for the spring\ntitle:   "A: b"   # mine\nweight: 5\n---\n\nOld text\n';
    writeFileSync(join(posts, '060-mine.md'), before);
    const page = await open(await opened.openPage(), '/write?file=060-mine.md');
    await textOf(page).fill('New text');
    await page.getByText(/^Kept at/).waitFor();
    expect(read('060-mine.md')).toBe(before);
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText(/The post is saved/).waitFor();
    expect(read('060-mine.md')).toBe(before.replace('Old text', 'New text'));
  });

  test('what somebody else has written meanwhile is shown beside it, and nothing is lost', async () => {
    writeFileSync(join(posts, '070-both.md'), 'One\n');
    const page = await open(await opened.openPage(), '/write?file=070-both.md');
    writeFileSync(join(posts, '070-both.md'), 'Theirs\n');
    await textOf(page).fill('Mine');
    await page.getByText(/was changed elsewhere/).waitFor();
    await page.keyboard.press('Control+Enter');
    await page.getByText(/was changed while you were writing/).waitFor();
    expect(await page.getByLabel('The file as it is now').inputValue()).toBe('Theirs\n');
    expect(await textOf(page).inputValue()).toBe('Mine');
    expect(read('070-both.md')).toBe('Theirs\n');
    expect(await findBarriers(page)).toEqual([]);
    await page.getByRole('button', { name: 'Save what I wrote' }).click();
    await page.getByText(/The post is saved/).waitFor();
    expect(read('070-both.md')).toBe('Mine\n');
  });

  test('changes of a post that were not saved are offered again', async () => {
    writeFileSync(join(posts, '080-kept.md'), 'One\n');
    const page = await open(await opened.openPage(), '/write?file=080-kept.md');
    await textOf(page).fill('Nearly two');
    await page.getByText(/^Kept at/).waitFor();
    await page.close({ runBeforeUnload: false });
    const other = await open(await opened.openPage(), '/write?file=080-kept.md');
    expect(await textOf(other).inputValue()).toBe('One');
    await other.getByRole('link', { name: 'Go on with them' }).click();
    expect(await textOf(other).inputValue()).toBe('Nearly two');
  });

  test('a video and a GIF come in by the picker and by drop, play here, and are described', async () => {
    const page = await open(await opened.openPage());
    const fixture = (name: string) => join(import.meta.dirname, '../fixtures', name);
    await textOf(page).fill('A drop that falls');
    await page.locator('input[type=file]').setInputFiles(fixture('clip.mp4'));
    await page.getByLabel(/Description of clip.mp4/).fill('It falls');
    await page.locator('#preview figcaption', { hasText: 'Video, 0:' }).first().waitFor();
    await page.locator('#preview figcaption', { hasText: 'It falls' }).first().waitFor();
    const isLoaded = `[...document.querySelectorAll('video')].every((one) => one.readyState > 0)`;
    await page.waitForFunction(isLoaded);
    expect(await page.locator('video[autoplay]').count()).toBe(0);
    expect(await page.getByLabel(/Let ffmpeg make it fit/).count()).toBe(0);
    expect(await findBarriers(page)).toEqual([]);

    await page.getByLabel('Leave this video out').check();
    const gif = readFileSync(fixture('loop.gif')).toString('base64');
    await page.evaluate(`(() => {
      const bytes = Uint8Array.from(atob('${gif}'), (one) => one.charCodeAt(0));
      const data = new DataTransfer();
      data.items.add(new File([bytes], 'Round and round.gif', { type: 'image/gif' }));
      document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true }));
    })()`);
    await page.getByLabel(/Description of round-and-round.gif/).fill('Round');
    await page.locator('#preview figcaption', { hasText: 'Animated GIF, 0:' }).first().waitFor();
    await page.getByRole('button', { name: 'Save draft' }).click();
    await page.getByText(/The draft is saved/).waitFor();
    const text = read(draftNamed('a-drop-that-falls') ?? '');
    expect(text).toContain('src: round-and-round.gif');
    expect(text).not.toContain('clip.mp4');
  });

  test('without a script, on a phone: preview, pictures, save and queue by buttons', async () => {
    const page = await open(
      await opened.openPage({ javaScriptEnabled: false, viewport: { width: 390, height: 800 } }),
    );
    await textOf(page).fill('Plain and simple');
    await page.getByRole('button', { name: 'Preview' }).click();
    expect(await page.locator('#preview').innerText()).toContain('Plain and simple');
    await page.getByText(/Follow-ups: what/).click();
    await page.getByLabel('Condition').fill('likes >= 2');
    await page.getByLabel('Text of the follow-up').fill('There is more');
    await page.locator('input[type=file]').setInputFiles({
      name: 'a.png',
      mimeType: 'image/png',
      buffer: await picture(),
    });
    await page.getByRole('button', { name: 'Upload the chosen files' }).click();
    await page.getByLabel(/Description of a.png/).fill('A square');
    await page.getByRole('button', { name: 'Save draft' }).click();
    await page.getByText(/The draft is saved/).waitFor();
    const path = draftNamed('plain-and-simple') ?? '';
    expect(read(path)).toContain('likes >= 2');
    const width = await page.evaluate('document.documentElement.scrollWidth');
    expect(width).toBeLessThanOrEqual(390);
    await page.getByRole('button', { name: 'Add to queue' }).click();
    await page.waitForURL(/\/(posts\/plain-and-simple|queue)/);
  });

  test('the file as text, and back', async () => {
    writeFileSync(join(posts, '090-text.md'), '---\r\nweight: 3\r\n---\r\nOne\r\n');
    const page = await open(await opened.openPage(), '/write?file=090-text.md&mode=text');
    const all = page.getByLabel('The whole file');
    expect(await all.inputValue()).toBe('---\nweight: 3\n---\nOne\n');
    await all.fill('---\nweight: 4\n---\nOne\n');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText(/The post is saved/).waitFor();
    expect(read('090-text.md')).toBe('---\r\nweight: 4\r\n---\r\nOne\r\n');
  });

  test.each(['javascript:alert(1)', '<script>alert(1)</script>', '"><img src=x onerror=alert(1)>'])(
    'what is typed stays text: %s',
    async (bad) => {
      const page = await open(await opened.openPage());
      page.on('dialog', (dialog) => void opened.troubles.push(dialog.message()));
      await textOf(page).fill(`Hello ${bad}`);
      await page.getByText(/More: title/).click();
      await page.getByLabel(/^Title/).fill(bad);
      await page.getByLabel('Hashtags').fill(bad);
      await page.getByText(/^Saved at/).waitFor();
      const drafts = await open(await opened.openPage(), '/drafts');
      await drafts.getByRole('link', { name: bad }).first().waitFor();
      expect(await findBarriers(page)).toEqual([]);
    },
  );
});
