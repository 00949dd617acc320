import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DatabaseSync } from 'node:sqlite';
import { ended, openCliWorld, run, serve, start } from './kit.ts';

const files = {
  'posts/010-hello.md':
    '---\ntitle: Grüße, "all"; and more\n---\nHello from a file, a line that is long enough to be folded in a calendar: äöü äöü äöü.',
  'posts/020-next.md': 'And the next.',
};
const iso = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;

test(
  'every verb that looks answers JSON on standard output alone, and ends with 0',
  { timeout: 90_000 },
  async () => {
    await using world = await openCliWorld({ files });
    await using _served = await serve(world.folder);
    const json = async (line: string) => {
      const { code, stdout, stderr } = await run(world.folder, `${line} --json`);
      expect([line, code, stderr]).toEqual([line, 0, '']);
      return JSON.parse(stdout);
    };
    const queue = await json('queue');
    expect(queue).toHaveLength(6);
    expect(queue[0]).toEqual({
      delivery: expect.stringMatching(/^hello@/),
      post: 'hello',
      account: expect.any(String),
      network: expect.any(String),
      state: 'planned',
      at: expect.stringMatching(iso),
      why: expect.stringContaining('slot'),
    });
    expect(await json('queue --account bsky --days 40')).toHaveLength(2);
    const shown = await json('show hello');
    expect(shown).toMatchObject({ id: 'hello', title: 'Grüße, "all"; and more' });
    expect(shown.deliveries).toHaveLength(3);
    for (const one of shown.deliveries)
      expect(one).toMatchObject({
        state: 'planned',
        receipts: [],
        samples: [],
        parts: [
          {
            text: expect.any(String),
            length: expect.any(Number),
            max: expect.any(Number),
            media: [],
          },
        ],
      });
    const journal = await json('journal --since 1h');
    expect(journal.map(({ type }: { type: string }) => type)).toEqual(
      expect.arrayContaining(['started', 'ingested', 'identified']),
    );
    for (const entry of journal)
      expect(entry).toMatchObject({
        at: expect.stringMatching(iso),
        by: 'dripline',
        type: expect.any(String),
      });
    expect(await json('status')).toMatchObject({
      running: true,
      sandbox: false,
      store: 'sqlite',
      version: expect.any(String),
      paused: { firstStart: true },
      failures: [],
      problems: 0,
    });
    expect(await json('next 2')).toHaveLength(2);
    expect(await json('stats 30d')).toMatchObject({
      since: expect.stringMatching(iso),
      accounts: [{ account: 'x', releases: 0, counts: {} }, {}, {}],
      campaigns: [],
    });
    expect((await json('plan --days 30')).length).toBe(6);
    expect(await json('accounts')).toHaveLength(3);
    expect(await json('feeds')).toEqual([]);
    expect(await json('check')).toMatchObject({ posts: 2 });
    const config = await json('config --redacted');
    expect(
      config.find(({ key }: { key: string }) => key === 'accounts.bsky.password'),
    ).toMatchObject({ value: '…', from: 'config/dripline.yaml' });
    expect(JSON.stringify(config)).not.toContain('sand-boxx');
  },
);

test(
  'text for people fits into a hundred columns, with times of the configured zone',
  { timeout: 60_000 },
  async () => {
    await using world = await openCliWorld({ files });
    await using _served = await serve(world.folder);
    for (const line of [
      'status',
      'queue',
      'plan',
      'stats',
      'stats --help',
      '--help',
      'queue --help',
      'now --help',
    ]) {
      const { code, stdout } = await run(world.folder, line);
      expect([line, code]).toEqual([line, 0]);
      for (const text of stdout.split('\n'))
        expect([line, text.length <= 100, text]).toEqual([line, true, text]);
    }
    const { stdout } = await run(world.folder, 'queue');
    const [row] = JSON.parse((await run(world.folder, 'queue --json')).stdout);
    const there = new Intl.DateTimeFormat('en-GB', {
      timeZone: 'Europe/Berlin',
      hour: '2-digit',
      minute: '2-digit',
    }).format(new Date(row.at));
    expect(stdout.split('\n').find((text) => text.includes(row.delivery))).toContain(there);
  },
);

test(
  'a calendar file can be read back: folded lines, escaped text, times in UTC',
  { timeout: 60_000 },
  async () => {
    await using world = await openCliWorld({ files });
    await using _served = await serve(world.folder);
    const { stdout } = await run(world.folder, 'plan --days 30 --ics');
    expect(stdout.endsWith('END:VCALENDAR\r\n')).toBe(true);
    const raw = stdout.slice(0, -2).split('\r\n');
    expect(raw.every((line) => Buffer.byteLength(line) <= 75 && !line.includes('\n'))).toBe(true);
    const lines = raw.join('\r\n').replaceAll('\r\n ', '').split('\r\n');
    const values = (name: string) =>
      lines
        .filter((line) => line.startsWith(`${name}:`))
        .map((line) => line.slice(name.length + 1));
    const plan = JSON.parse((await run(world.folder, 'plan --days 30 --json')).stdout);
    expect(
      values('DTSTART').map((at) =>
        at.replace(/(....)(..)(..)T(..)(..)(..)Z/, '$1-$2-$3T$4:$5:$6'),
      ),
    ).toEqual(plan.map(({ at }: { at: string }) => at.slice(0, 19)));
    expect(values('SUMMARY').map((text) => text.replaceAll(/\\([\\;,])/g, '$1'))).toContain(
      'hello@bsky: Grüße, "all"; and more',
    );
    expect(new Set(values('UID')).size).toBe(plan.length);
  },
);

test(
  'wrong words end with 2, refusals with 1, both with a sentence on standard error, or with JSON there',
  { timeout: 90_000 },
  async () => {
    await using world = await openCliWorld({ files });
    await using _served = await serve(world.folder);
    const wrong = [
      'bogus',
      'queue --bogus',
      'show',
      'move hello',
      'plan --days foo',
      'queue --days -1',
      'next abc',
      'journal --limit x',
      'journal --since whenever',
      'stats whenever',
      'pause sometime',
      'move hello whenever',
      'settle hello maybe',
      'now hello --yes --wait x',
      'sandbox --port x',
    ];
    const refused = [
      'show nope',
      'queue --account nobody',
      'stats --campaign nothing',
      'approve hello',
      'retry hello',
      'undo',
      'now hello',
      'resume x',
      'settle hello@x not-released',
      'backup data/dripline.db',
      'accounts --confirm x',
    ];
    for (const [lines, expected] of [
      [wrong, 2],
      [refused, 1],
    ] as const) {
      for (const line of lines) {
        const plain = await run(world.folder, line);
        expect([line, plain.code, plain.stdout]).toEqual([line, expected, '']);
        expect(plain.stderr).not.toMatch(/\n\s+at |should not have happened|undefined/);
        const json = await run(world.folder, `${line} --json`);
        expect([line, json.code, json.stdout]).toEqual([line, expected, '']);
        expect(JSON.parse(json.stderr)).toEqual({ error: expect.stringMatching(/./) });
      }
    }
  },
);

test(
  'a command waits for a store that is just being written, rather than failing',
  { timeout: 60_000 },
  async () => {
    await using world = await openCliWorld({ files });
    await using _served = await serve(world.folder);
    using writer = new DatabaseSync(join(world.folder, 'data/dripline.db'));
    writer.exec('BEGIN IMMEDIATE');
    const pausing = run(world.folder, 'pause bsky --json');
    expect(JSON.parse((await run(world.folder, 'status --json')).stdout).running).toBe(true);
    writer.exec('COMMIT');
    expect(await pausing).toMatchObject({ code: 0, stderr: '' });
  },
);

test(
  'a megabyte goes through a pipe whole, and a reader that leaves early is no error',
  { timeout: 60_000 },
  async () => {
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
    const { code, stdout } = await run(world.folder, 'journal --json');
    expect([code, stdout.length > 1_000_000, JSON.parse(stdout).length >= 6000]).toEqual([
      0,
      true,
      true,
    ]);
    const child = start(world.folder, ['journal', '--json']);
    child.stdout?.once('data', () => child.stdout?.destroy());
    const cut = await ended(child);
    expect([cut.code, cut.stderr]).toEqual([0, '']);
  },
);

test(
  'what is exported is JSON a line, without secrets; a backup is a store, and overwrites nothing',
  { timeout: 60_000 },
  async () => {
    await using world = await openCliWorld({ files });
    await using _served = await serve(world.folder);
    const { stdout } = await run(world.folder, 'export');
    const kinds = new Set(
      stdout
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as { kind: string }).kind),
    );
    expect([...kinds].sort()).toEqual(['delivery', 'entry', 'fact', 'post']);
    expect(stdout).not.toContain('sand-boxx');
    expect((await run(world.folder, 'backup copy.db --json')).code).toBe(0);
    using copy = new DatabaseSync(join(world.folder, 'copy.db'), { readOnly: true });
    expect(copy.prepare('SELECT count(*) AS n FROM deliveries').get()).toMatchObject({ n: 6 });
    const again = await run(world.folder, 'backup copy.db');
    expect([again.code, again.stderr]).toEqual([1, expect.stringContaining('is there already')]);
  },
);

test(
  'the queue is listed without loading networks, pictures, servers or other stores',
  { timeout: 60_000 },
  async () => {
    await using world = await openCliWorld({
      files: {
        ...files,
        'trace.mjs': `import { registerHooks } from 'node:module'; import { appendFileSync } from 'node:fs';
registerHooks({ load: (url, context, next) => { appendFileSync(${JSON.stringify('trace.txt')}, url + '\\n'); return next(url, context); } });`,
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
  },
);

test(
  'without a store, and with a configuration that points nowhere, every verb says so and makes nothing',
  { timeout: 90_000 },
  async () => {
    await using world = await openCliWorld({ files });
    const absent = await run(world.folder, 'queue');
    expect([absent.code, absent.stderr]).toEqual([
      1,
      expect.stringContaining('start Dripline once'),
    ]);
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
          ? /DRIPLINE_CONFIG names|is there already/
          : /nowhere\.yaml.* is not there.*DRIPLINE_CONFIG/,
      );
    }
    expect(existsSync(join(world.folder, 'data'))).toBe(false);
  },
);
