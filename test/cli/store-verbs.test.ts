import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { ended, openCliWorld, run, serve, start } from './kit.ts';

const files = {
  'posts/010-hello.md':
    '---\ntitle: Grüße, "all"; and more\n---\nHello from a file, a line that is long enough to be folded in a calendar: äöü äöü äöü.',
  'posts/020-next.md': 'And the next.',
};

test('a command waits for a store that is just being written, rather than failing', async () => {
  await using world = await openCliWorld({ files });
  await using _served = await serve(world.folder);
  using writer = new DatabaseSync(join(world.folder, 'data/dripline.db'), { timeout: 30_000 });
  writer.exec('BEGIN IMMEDIATE');
  const pausing = run(world.folder, 'pause bsky --json');
  expect(JSON.parse((await run(world.folder, 'status --json')).stdout).running).toBe(true);
  writer.exec('COMMIT');
  expect(await pausing).toMatchObject({ code: 0, stderr: '' });
});

test('a megabyte goes through a pipe whole, and a reader that leaves early is no error', async () => {
  await using world = await openCliWorld({ files });
  {
    await using served = await world.serve();
    await served.context.store.appendJournal(
      Array.from({ length: 6000 }, (_, i) => ({
        id: `n${i}`,
        at: Date.now(),
        type: 'notice' as const,
        by: 'dripline',
        text: `${i} ${'long '.repeat(40)}`,
      })),
    );
  }
  const { code, stdout } = await run(world.folder, 'journal --json --limit 100000');
  expect([code, stdout.length > 1_000_000, JSON.parse(stdout).length >= 6000]).toEqual([
    0,
    true,
    true,
  ]);
  const child = start(world.folder, ['journal', '--json']);
  child.stdout?.once('data', () => child.stdout?.destroy());
  const cut = await ended(child);
  expect([cut.code, cut.stderr]).toEqual([0, '']);
});

test('what is exported is JSON a line, without secrets; a backup is a store, and overwrites nothing', async () => {
  await using world = await openCliWorld({ files });
  await using _served = await serve(world.folder);
  const { stdout } = await run(world.folder, 'export');
  const kinds = new Set(
    stdout
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { kind: string }).kind),
  );
  expect([...kinds].sort()).toEqual(['delivery', 'dripline', 'end', 'entry', 'fact', 'post']);
  expect(stdout).not.toContain('sand-boxx');
  expect((await run(world.folder, 'backup copy.db --json')).code).toBe(0);
  using copy = new DatabaseSync(join(world.folder, 'copy.db'), { readOnly: true });
  expect(copy.prepare('SELECT count(*) AS n FROM deliveries').get()).toMatchObject({ n: 6 });
  const again = await run(world.folder, 'backup copy.db');
  expect([again.code, again.stderr]).toEqual([1, expect.stringContaining('exists already')]);
});

test('the queue is listed without loading networks, pictures, servers or other stores', async () => {
  await using world = await openCliWorld({
    files: {
      ...files,
      'trace.mjs': `
        import { registerHooks } from 'node:module';
        import { appendFileSync } from 'node:fs';
        registerHooks({
          load: (url, context, next) => {
            appendFileSync('trace.txt', url + '\\n');
            return next(url, context);
          },
        });`,
    },
  });
  await using _served = await serve(world.folder);
  expect(
    (
      await run(world.folder, 'queue', {
        nodeArgs: ['--import', join(world.folder, 'trace.mjs')],
      })
    ).code,
  ).toBe(0);
  const loaded = await readFile(join(world.folder, 'trace.txt'), 'utf8');
  const packages = new Set(
    [...loaded.matchAll(/node_modules\/((?:@[^/]+\/)?[^/]+)/g)].map((match) => match[1]),
  );
  expect(packages.has('commander')).toBe(true);
  for (const name of [
    'twitter-api-v2',
    '@atproto/api',
    'masto',
    'sharp',
    'hono',
    'agenda',
    'mongodb',
    'chokidar',
    'pino',
    'mdast-util-from-markdown',
    'rss-parser',
  ])
    expect([name, packages.has(name)]).toEqual([name, false]);
  expect(loaded).not.toMatch(/src\/(sources|networks|media|jobs|sandbox|web)\//);
});

test('without a store, and with a configuration that points nowhere, every verb says so and makes nothing', async () => {
  await using world = await openCliWorld({ files });
  const absent = await run(world.folder, 'queue');
  expect([absent.code, absent.stderr]).toEqual([1, expect.stringContaining('start Dripline once')]);
  const verbs = [
    'status',
    'queue',
    'next',
    'show a',
    'plan',
    'journal',
    'stats',
    'pause',
    'resume',
    'skip',
    'now a',
    'move a top',
    'approve a',
    'reject a',
    'retry a',
    'withdraw a',
    'settle a not-released',
    'undo',
    'check',
    'serve',
    'sandbox',
    'config',
    'accounts',
    'feeds',
    'export',
    'backup b',
    'init',
  ];
  for (const verb of verbs) {
    const { code, stderr, stdout } = await run(world.folder, verb, {
      env: { DRIPLINE_CONFIG: 'nowhere.yaml' },
    });
    expect([verb, code, stdout]).toEqual([verb, 1, '']);
    expect(stderr).toMatch(
      verb === 'init'
        ? /DRIPLINE_CONFIG names|exists already/
        : /nowhere\.yaml.* does not exist.*DRIPLINE_CONFIG/,
    );
  }
  expect(existsSync(join(world.folder, 'data'))).toBe(false);
});
