import { mkdirSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { parse } from 'yaml';
import { expect, test } from 'vitest';
import { importFile } from '../../src/cli/import/import.ts';
import { guardedGet } from '../../src/io/guarded-get.ts';
import { splitFile } from '../../src/sources/folder/split-file.ts';
import { openWorld, type World } from '../flow/world.ts';
import { openCliWorld, run } from './kit.ts';

const picture = readFileSync(join(import.meta.dirname, '../../media', 'drip.png'));
const clip = readFileSync(join(import.meta.dirname, '../fixtures/clip.mp4'));

interface Imported {
  imported: { line: number; id: string; file: string }[];
  skipped: { line: number; why: string }[];
  problems: { where: string; what: string; hint?: string; severity: string }[];
}

/** As the command line would, with a web that may lie on this machine. */
async function bringIn(
  world: World,
  csv: string,
  options: Record<string, string | boolean> = {},
): Promise<Imported> {
  world.write({ 'plan.csv': csv });
  let said: unknown;
  const terminal = {
    isJson: true,
    canAsk: false,
    print: (_: string, json: unknown) => void (said = json),
    ask: () => Promise.reject(new Error('asked')),
  };
  const cli = { folder: world.folder, config: world.config, terminal, options, args: ['plan.csv'] };
  const code = await importFile(
    cli,
    (url, rest) => guardedGet(url, { ...rest, allowLoopback: true }),
    Date.parse('2026-11-24T12:00Z'),
  );
  const { problems } = said as Imported;
  expect(code).toBe(problems.some(({ severity }) => severity === 'error') ? 1 : 0);
  return said as Imported;
}

const fileOf = (world: World, { file }: { file: string }) => {
  const split = splitFile(readFileSync(join(world.folder, file), 'utf8'), file);
  if ('what' in split) throw new Error(split.what);
  const { front = '', body } = split;
  return { ...(parse(front) as Record<string, unknown>), body: body.trim() };
};

test('each row becomes a post with its networks, date, link, tags and first comment; rows of one thread become its parts', async () => {
  await using world = await openWorld();
  const { imported, problems } = await bringIn(
    world,
    `text,networks,date,link,tags,first_comment,thread_id,title
"Hello, *world*",Twitter; bsky.app,24.12.2026 09:30,https://example.com/a,"#one, two",See *more*: https://example.com/b,,Christmas
First,,,,,,t1,
Alone,"LinkedIn, Mastodon",,,,,,
Second,,,,,,t1,
`,
  );
  expect(imported.map(({ line }) => line)).toEqual([2, 3, 4]);
  const [first, thread, alone] = imported.map((one) => fileOf(world, one));
  expect(first).toEqual({
    id: imported[0]?.id,
    title: 'Christmas',
    networks: ['x', 'bluesky'],
    date: '2026-12-24 09:30',
    link: 'https://example.com/a',
    hashtags: ['one', 'two'],
    followUps: [
      { when: 'age >= 1m', as: 'reply', text: String.raw`See \*more\*: https://example.com/b` },
    ],
    body: String.raw`Hello, \*world\*`,
  });
  expect(thread?.body).toBe('First\n\n---\n\nSecond');
  expect(alone).toMatchObject({ networks: ['mastodon'], body: 'Alone' });
  expect(problems).toEqual([
    {
      where: 'plan.csv:4',
      what: '"linkedin" is not a network that Dripline publishes to',
      hint: expect.any(String),
      severity: 'note',
    },
  ]);
  expect(imported[0]?.id).toMatch(/^christmas-[0-9a-f]{8}$/);
  expect(imported[1]?.file).toMatch(/^posts\/imported\/00003-first-[0-9a-f]{8}\.md$/);
});

test('a second run imports nothing twice, also where files were moved, and no file is written over', async () => {
  await using world = await openWorld();
  const csv = 'text,id\nOne,\nTwo,\nOne,\nThree,own-name\n';
  const first = await bringIn(world, csv);
  expect(first.imported.map(({ line }) => line)).toEqual([2, 3, 5]);
  expect(first.skipped).toMatchObject([{ line: 4 }]);
  const folder = join(world.folder, 'posts/imported');
  mkdirSync(join(world.folder, 'posts/spring'));
  renameSync(
    join(world.folder, first.imported[0]?.file ?? ''),
    join(world.folder, 'posts/spring/renamed.md'),
  );
  const before = readdirSync(folder);
  world.write({ 'posts/imported/00006-four.md': 'Something else' });
  const second = await bringIn(world, `${csv}Four,four\n`);
  expect(second.imported).toEqual([]);
  expect(second.skipped.map(({ line, why }) => [line, why])).toContainEqual([
    2,
    'exists already as posts/spring/renamed.md',
  ]);
  expect(second.problems).toMatchObject([
    { where: 'plan.csv:6', what: expect.stringContaining('is another post') },
  ]);
  expect(readdirSync(folder)).toEqual([...before, '00006-four.md'].toSorted());
  expect(readFileSync(join(folder, '00006-four.md'), 'utf8')).toBe('Something else');
});

test('what cannot be meant is refused row by row, with its line and what to do, and the rest comes in', async () => {
  await using world = await openWorld();
  const { imported, problems } = await bringIn(
    world,
    `text,networks,date,link,media
good,,,,
,,,,
no day,,03/04/2027,,
past,,2020-01-01,,
elsewhere,tiktok,,,
link,,,ftp://x,
picture,,,,nowhere.png
outside,,,,../secret.png
`,
  );
  expect(imported.map(({ line }) => line)).toEqual([2]);
  expect(problems.map(({ where, what }) => `${where} ${what}`)).toEqual([
    expect.stringMatching(/^plan\.csv:4 "03\/04\/2027" may be/),
    expect.stringMatching(/^plan\.csv:5 its date 2020-01-01 has passed/),
    expect.stringMatching(/^plan\.csv:6 "tiktok" is not a network/),
    expect.stringMatching(/^plan\.csv:7 "ftp:\/\/x" is not a URL/),
    expect.stringMatching(/^plan\.csv:8 the file nowhere\.png is not in the media folder/),
    expect.stringMatching(/^plan\.csv:9 the file \.\.\/secret\.png is outside the media folder/),
  ]);
  expect(problems.every(({ hint }) => hint)).toBe(true);
});

test('pictures on the web are fetched once into the media folder; what is no picture, or not to be had, is told, and a later run brings it', async () => {
  await using world = await openWorld();
  let isUp = false;
  await using server = createServer((request, response) => {
    if (request.url === '/clip.mp4') response.setHeader('content-type', 'video/mp4').end(clip);
    else if (request.url === '/a.png') response.setHeader('content-type', 'image/png').end(picture);
    else if (request.url === '/page') response.setHeader('content-type', 'text/html').end('<p>');
    else if (request.url === '/fake.png')
      response.setHeader('content-type', 'image/png').end('<svg/>');
    else response.writeHead(isUp ? 200 : 404, { 'content-type': 'image/png' }).end(picture);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const csv = [
    'text,image_url,alt_text',
    `one,${base}/a.png,A drop`,
    `two,${base}/page,`,
    `three,${base}/fake.png,`,
    `four,${base}/later.png,`,
    `five,"${base}/a.png | own.png",First | Second`,
    `six,${base}/clip.mp4,It falls\n`,
  ].join('\n');
  world.write({ 'media/own.png': picture });
  const dry = await bringIn(world, csv, { dryRun: true });
  expect([dry.imported.length, readdirSync(join(world.folder, 'media'))]).toEqual([6, ['own.png']]);
  expect(readdirSync(join(world.folder, 'posts'))).toEqual([]);
  const first = await bringIn(world, csv);
  expect(first.imported.map(({ line }) => line)).toEqual([2, 6, 7]);
  expect(first.problems.map(({ what }) => what)).toEqual([
    expect.stringContaining('/page: '),
    expect.stringContaining('/fake.png is neither a supported image nor a video'),
    expect.stringContaining('the server answered 404'),
  ]);
  const fetched = readdirSync(join(world.folder, 'media/imported'));
  const [name = '', film = ''] = fetched.toSorted(
    (a, b) => Number(a.endsWith('.mp4')) - Number(b.endsWith('.mp4')),
  );
  expect(fileOf(world, first.imported[2] ?? { file: '' })).toMatchObject({
    media: [{ src: `imported/${film}`, alt: 'It falls' }],
  });
  expect(readFileSync(join(world.folder, 'media/imported', film)).equals(clip)).toBe(true);
  expect(fileOf(world, first.imported[0] ?? { file: '' })).toMatchObject({
    media: [{ src: `imported/${name}`, alt: 'A drop' }],
  });
  expect(fileOf(world, first.imported[1] ?? { file: '' })).toMatchObject({
    media: [
      { src: `imported/${name}`, alt: 'First' },
      { src: 'own.png', alt: 'Second' },
    ],
  });
  isUp = true;
  expect((await bringIn(world, csv)).imported.map(({ line }) => line)).toEqual([5]);
});

test('import from the command line: a report by line, JSON for other tools, nothing of this machine is fetched, and check finds nothing amiss', async () => {
  await using world = await openCliWorld();
  world.write({
    'plan.csv': `text;date;media\nHello;2030-01-02;\nPicture;;http://127.0.0.1:1/a.png\n`,
  });
  const dry = await run(world.folder, 'import plan.csv --dry-run');
  expect([dry.code, dry.stdout]).toEqual([
    0,
    expect.stringContaining('plan.csv:2 would be posts/imported/00002-hello-'),
  ]);
  const real = await run(world.folder, 'import plan.csv');
  expect([real.code, real.stdout]).toEqual([
    1,
    expect.stringMatching(
      /plan\.csv:2 is now posts\/imported\/00002-hello-\w+\.md\nplan\.csv:3 cannot fetch the file .* private network.*\n1 imported, 0 skipped, 1 problem\./,
    ),
  ]);
  const again = await run(world.folder, 'import plan.csv --json');
  expect([again.code, JSON.parse(again.stdout)]).toMatchObject([
    1,
    { dryRun: false, imported: [], skipped: [{ line: 2 }], problems: [{ where: 'plan.csv:3' }] },
  ]);
  const missing = await run(world.folder, 'import nowhere.csv');
  expect([missing.code, missing.stderr]).toEqual([
    1,
    expect.stringContaining('nowhere.csv cannot be read (ENOENT)'),
  ]);
  expect((await run(world.folder, 'import plan.csv --dates backwards')).code).toBe(2);
  expect((await run(world.folder, 'check --offline')).code).toBe(0);
});
