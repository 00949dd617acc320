import { expect, test } from 'vitest';
import { openCliWorld, run, serve } from './kit.ts';

const files = {
  'posts/010-hello.md':
    '---\ntitle: Grüße, "all"; and more\n---\nHello from a file, a line that is long enough to be folded in a calendar: äöü äöü äöü.',
  'posts/020-next.md': 'And the next.',
};
const iso = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;

test('every verb that looks answers JSON on standard output alone, and ends with 0', async () => {
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
  expect(config.find(({ key }: { key: string }) => key === 'accounts.bsky.password')).toMatchObject(
    { value: '…', from: 'config/dripline.yaml' },
  );
  expect(JSON.stringify(config)).not.toContain('sand-boxx');
});

test('text for people fits into a hundred columns, with times of the configured zone', async () => {
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
});

test('a calendar file can be read back: folded lines, escaped text, times in UTC', async () => {
  await using world = await openCliWorld({ files });
  await using _served = await serve(world.folder);
  const { stdout } = await run(world.folder, 'plan --days 30 --ics');
  expect(stdout).toContain('\r\nX-WR-CALNAME:Dripline\r\n');
  expect(stdout.endsWith('END:VCALENDAR\r\n')).toBe(true);
  const raw = stdout.slice(0, -2).split('\r\n');
  expect(raw.every((line) => Buffer.byteLength(line) <= 75 && !line.includes('\n'))).toBe(true);
  const lines = raw.join('\r\n').replaceAll('\r\n ', '').split('\r\n');
  const values = (name: string) =>
    lines.filter((line) => line.startsWith(`${name}:`)).map((line) => line.slice(name.length + 1));
  const plan = JSON.parse((await run(world.folder, 'plan --days 30 --json')).stdout);
  expect(
    values('DTSTART').map((at) => at.replace(/(....)(..)(..)T(..)(..)(..)Z/, '$1-$2-$3T$4:$5:$6')),
  ).toEqual(plan.map(({ at }: { at: string }) => at.slice(0, 19)));
  expect(values('SUMMARY').map((text) => text.replaceAll(/\\([\\;,])/g, '$1'))).toContain(
    'hello@bsky: Grüße, "all"; and more',
  );
  expect(new Set(values('UID')).size).toBe(plan.length);
});

test('wrong words end with 2, refusals with 1, both with a sentence on standard error, or with JSON there', async () => {
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
      expect(plain.stderr).not.toMatch(/\n\s+at |unexpected error|undefined/);
      const json = await run(world.folder, `${line} --json`);
      expect([line, json.code, json.stdout]).toEqual([line, expected, '']);
      expect(JSON.parse(json.stderr)).toEqual({ error: expect.stringMatching(/./) });
    }
  }
});
