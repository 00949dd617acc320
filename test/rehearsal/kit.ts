import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { rehearse, type RehearseOptions } from '../../src/app.ts';
import type { Config } from '../../src/config/config.ts';
import { openEnvironment } from '../../src/config/environment.ts';
import { loadConfig } from '../../src/config/load.ts';
import type { Clock } from '../../src/ports/clock.ts';

export const now = Date.parse('2026-11-24T10:20:00Z');

/** Stands still at the instant from which everything is rehearsed here. */
export const stillClock: Clock = { now: () => now, monotonic: () => performance.now() };

export interface Stage extends Disposable {
  folder: string;
  config: Config;
  rehearse(options?: Partial<RehearseOptions>): ReturnType<typeof rehearse>;
}

const xKeys = 'appKey: aaaa, appSecret: bbbb, accessToken: cccc, accessSecret: dddd';

const accountsWith = (budget = '') => `timezone: Europe/Berlin
accounts:
  x: { network: x, ${xKeys}${budget && `, budget: ${budget}`} }
  bsky: { network: bluesky, handle: me.example.com, password: abcd-abcd-abcd-abcd }
  masto: { network: mastodon, url: "https://mastodon.example", token: tttt }
`;

/** A configuration with a posts folder and no store yet. */
export function openStage({
  yaml = '',
  files = {},
  budget,
}: { yaml?: string; files?: Record<string, string>; budget?: string } = {}): Stage {
  const folder = mkdtempSync(join(tmpdir(), 'dripline-rehearsal-'));
  for (const [path, text] of Object.entries({
    'config/dripline.yaml': `${accountsWith(budget)}${yaml}\n`,
    ...files,
  })) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const config = loadConfig(folder, openEnvironment(folder, {}));
  return {
    folder,
    config,
    rehearse: (options = {}) =>
      rehearse(config, { weeks: 4, seed: 1, clock: stillClock, ...options }),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** So many posts, each with a text of its own. */
export const posts = (count: number, frontMatter = ''): Record<string, string> =>
  Object.fromEntries(
    Array.from({ length: count }, (_, i) => [
      `posts/${String(i).padStart(3, '0')}-p${i}.md`,
      `${frontMatter ? `---\n${frontMatter}\n---\n` : ''}Post ${i} says what no other says.`,
    ]),
  );
