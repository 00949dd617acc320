import { copyFileSync, mkdtempSync, readdirSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { networks } from '../../src/core/network/network.ts';
import { limitsFor } from '../../src/core/network/traits-of.ts';
import { openImages } from '../../src/media/images.ts';
import { day } from '../../src/core/time.ts';

test('renditions are removed when they were kept for so long, and made again where they are wanted', async () => {
  const data = mkdtempSync(join(tmpdir(), 'dripline-renditions-'));
  const picture = join(data, 'drip.png');
  copyFileSync(join(import.meta.dirname, '../../media/drip.png'), picture);
  const render = (network: (typeof networks)[number]) =>
    openImages({ dataFolder: data, keepFor: 40 * day }).render(
      { file: picture },
      limitsFor({ network }).media,
    );
  const folder = join(data, 'renditions');
  const [first, second] = [await render('bluesky'), await render('mastodon')];
  expect(first.path).not.toBe(second.path);
  const past = (Date.now() - 40 * day - 60_000) / 1000;
  for (const name of readdirSync(folder))
    if (first.path.includes(name.slice(0, 64))) utimesSync(join(folder, name), past, past);
  await render('mastodon');
  expect(readdirSync(folder).filter((name) => first.path.includes(name.slice(0, 64)))).toEqual([]);
  expect(readdirSync(folder)).toHaveLength(2);
  expect((await render('bluesky')).sha256).toBe(first.sha256);
});
