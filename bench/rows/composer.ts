import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CommandContext } from '../../src/commands/command.ts';
import type { Account } from '../../src/core/network/account.ts';
import { networks } from '../../src/core/network/network.ts';
import { defaultCadence } from '../../src/core/schedule/cadence.ts';
import type { Settings } from '../../src/core/settings.ts';
import { openImages } from '../../src/media/images.ts';
import { openPostFiles } from '../../src/sources/writing/open-post-files.ts';
import { openMemoryStore } from '../../src/store/memory-store.ts';
import { previewOf } from '../../src/web/composer/compose-view.ts';
import { formatMs, percentile, type Row } from '../row.ts';

export const name = 'composer';

const runs = 50;

const texts: [what: string, body: string][] = [
  [
    'a post of one line',
    'Small amounts, **steadily**, for a long time: https://example.com/spring #drip',
  ],
  [
    'a thread of 12 parts',
    Array.from({ length: 12 }, (_, i) => `Part ${i}. ${'More of it. '.repeat(15)}`).join(
      '\n\n---\n\n',
    ),
  ],
];

const accounts = networks.map(
  (network) => ({ name: network, network, baseUrl: 'https://example.com' }) as Account,
);

const settings: Settings = {
  isSandbox: false,
  zone: 'Europe/Berlin',
  accounts,
  pacing: { mode: 'steady', audience: 'mostly-here', evergreen: 'in-turn' },
  cadences: Object.fromEntries(
    accounts.map(({ name: one }) => [one, { ...defaultCadence, zone: 'UTC' }]),
  ),
  queues: {},
  campaigns: {},
  mentions: {},
};

/** How long the server takes for the preview beside what a person types. */
export async function run(): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'dripline-bench-'));
  try {
    await using store = openMemoryStore();
    const clock = { now: () => Date.now(), monotonic: () => performance.now() };
    const context: CommandContext = { store, clock, settings, by: 'web', version: 'bench' };
    const files = openPostFiles({
      postsFolder: join(folder, 'posts'),
      mediaFolder: join(folder, 'media'),
      label: 'posts',
      zone: 'UTC',
      names: { accounts, queues: [], campaigns: [] },
      images: openImages({ dataFolder: folder }),
      asideFolder: join(folder, 'incoming'),
    });
    const rows: Row[] = [];
    for (const [what, body] of texts) {
      const times: number[] = [];
      for (let i = 0; i < runs; i++) {
        const since = performance.now();
        await previewOf(context, files, {
          text: `---\ntitle: T${i}\n---\n${body}\n`,
          form: { body },
        });
        times.push(performance.now() - since);
      }
      const [middle, most] = [0.5, 0.95].map((share) => formatMs(percentile(times, share)));
      const value = `p50 ${middle}, p95 ${most}`;
      rows.push({
        what: `preview of ${what} on three accounts`,
        value,
        note: 'wanted: under 50 ms',
      });
    }
    return rows;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
