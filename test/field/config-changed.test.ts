import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { openCommands } from '../../src/app/open-commands.ts';
import { loadUsableConfig } from '../../src/app/last-config.ts';
import { commands } from '../../src/commands/all-commands.ts';
import { readStatus } from '../../src/commands/views/status-read.ts';
import { tellStatus } from '../../src/commands/views/status-text.ts';
import { openDesk } from '../../src/chat/desk.ts';
import { openImages } from '../../src/media/images.ts';
import { run } from '../cli/kit.ts';
import { openTestCommands, openWorld, until, type World } from '../flow/world.ts';
import { inputs } from './kit.ts';

const changed = /configuration has changed since the start\. It is valid: restart Dripline/;
const broken =
  /changed since the start, and it has \d errors?, the first at config\/dripline\.yaml:/;

const told = async (world: World) => {
  await using context = await openTestCommands(world);
  return tellStatus(await readStatus(context), 'UTC', world.clock.now());
};

const isHeard = (world: World) =>
  until('its beat is there', async () => /Dashboard/.test(await told(world)));

test('a configuration that was edited while the service runs is told by status, until it is restarted', async () => {
  await using world = await openWorld();
  const file = join(world.folder, 'config/dripline.yaml');
  const before = readFileSync(file, 'utf8');
  {
    await using _served = await world.serve();
    await isHeard(world);
    expect(await told(world)).not.toMatch(/changed since/);
    world.write({ 'config/dripline.yaml': `${before}queues: { tips: { perDay: 1 } }\n` });
    expect(await told(world)).toMatch(changed);
    world.write({ 'config/dripline.yaml': `${before}  - [\n` });
    expect(await told(world)).toMatch(broken);
    world.write({ 'config/dripline.yaml': before });
    expect(await told(world)).not.toMatch(/changed since/);
    world.write({ '.env': 'ANOTHER=1\n' });
    expect(await told(world)).toMatch(changed);
    world.write({ 'config/dripline.yaml': `${before}# a remark\n` });
  }
  await using _again = await world.serve();
  await isHeard(world);
  expect(await told(world)).not.toMatch(/changed since/);
});

test('the dashboard, a chat and check tell the same, and never what is written in the file', async () => {
  await using world = await openWorld();
  const before = readFileSync(join(world.folder, 'config/dripline.yaml'), 'utf8');
  await using served = await world.serve();
  await isHeard(world);
  const look = async () => {
    const page = await (await fetch(`${served.web}/journal`)).text();
    const checked = await run(world.folder, 'check --offline');
    await using context = await openTestCommands(world);
    const images = openImages({ dataFolder: world.folder });
    const desk = openDesk({ context, images, manner: { prefix: '/' }, allow: ['matrix:me'] });
    const answer = await desk.hear({ by: 'matrix:me', command: 'c1' })?.answer('/status');
    const plain = page.replaceAll(/<[^>]+>/g, '');
    return [plain, JSON.stringify(answer), checked.stdout + checked.stderr];
  };
  for (const text of await look()) expect(text).not.toMatch(/changed since/);
  world.write({ 'config/dripline.yaml': `${before}# a remark\n` });
  for (const text of await look()) expect(text).toMatch(changed);
  world.write({ 'config/dripline.yaml': `${before}web: { pasword: hunter2hunter2 }\n` });
  const [page, chat, checked] = await look();
  for (const text of [page, chat]) expect(text).toMatch(broken);
  for (const text of [page, chat]) expect(text).not.toContain('hunter2');
  expect(checked).toMatch(/pasword/);
});

const faults: Record<string, (world: World, yaml: string) => void> = {
  'a syntax error': ({ write }, yaml) => write({ 'config/dripline.yaml': `${yaml}web: [\n` }),
  'an unknown key': ({ write }, yaml) => write({ 'config/dripline.yaml': `${yaml}wep: {}\n` }),
  'a variable that is not set': ({ write }, yaml) =>
    write({ 'config/dripline.yaml': `${yaml}web: { password: "\${NOT_SET_ANYWHERE}" }\n` }),
  'an account that a queue names and that is not there': ({ write }, yaml) =>
    write({ 'config/dripline.yaml': `${yaml}queues: { tips: { accounts: [gone], perDay: 1 } }\n` }),
  'bytes that are no text': ({ write }) =>
    write({ 'config/dripline.yaml': Buffer.from('a: "\xfc"\n', 'latin1') }),
  'a file that is empty but for a word': ({ write }) => write({ 'config/dripline.yaml': 'oops' }),
  'no file any more': ({ folder }) => rmSync(join(folder, 'config/dripline.yaml')),
  'a folder in its place': ({ folder }) => {
    rmSync(join(folder, 'config/dripline.yaml'));
    mkdirSync(join(folder, 'config/dripline.yaml'));
  },
  'another name that leads nowhere': ({ write }) =>
    write({ '.env': 'DRIPLINE_CONFIG=config/nowhere.yaml\n' }),
  'a .env that is no text': ({ write }) => write({ '.env': Buffer.from('A="\xfc"\n', 'latin1') }),
};

async function sayAnyway(world: World, line: string) {
  const usable = await loadUsableConfig(world.folder);
  await using context = await openCommands(usable.config, 'cli', world.clock);
  const [verb, ...args] = line.split(' ');
  const command = commands.find(({ name }) => name === verb);
  const reply = await command?.run(context, { args, options: {} });
  return { ...usable, text: reply?.text ?? '' };
}

test.each(Object.entries(faults))(
  'the brake and whatever needs the store alone work with %s, and say so',
  async (_, make) => {
    const yaml = 'cadence: { perDay: 1, minGap: 1h }\n';
    await using world = await openWorld({ yaml, files: { 'posts/a.md': 'A.' } });
    await using _served = await world.serve();
    await until('it is planned', async () => (await world.say('queue --json')).length === 3);
    const before = readFileSync(join(world.folder, 'config/dripline.yaml'), 'utf8');
    make(world, before);
    const lines: [line: string, answer: RegExp][] = [
      ['pause', /everything is paused/],
      ['status', /paused by cli[\s\S]*bsky/],
      ['resume', /Resumed/],
      ['pause 2h bsky', /bsky is paused until .*Europe\/Berlin/],
      ['resume bsky', /bsky is resumed/],
      ['queue', /a@bsky/],
      ['skip a@masto', /a@masto/],
      ['undo', /a@masto/],
      ['mute 2h', /./],
      ['unmute', /./],
      ['journal', /bsky is paused/],
      ['plan', /a@bsky/],
    ];
    for (const [line, answer] of lines) {
      const { text, faults: found } = await sayAnyway(world, line);
      expect([line, text]).toEqual([line, expect.stringMatching(answer)]);
      expect(found.length, line).toBeGreaterThan(0);
    }
  },
);

test('the command line tells the fault beside its answer, and hides what the broken file holds', async () => {
  await using world = await openWorld({ files: { 'posts/a.md': 'A.' } });
  await using _served = await world.serve();
  const file = 'config/dripline.yaml';
  const before = readFileSync(join(world.folder, file), 'utf8');
  world.write({ [file]: `web: { password: hunter2hunter2 }\n${before}  bad: [hunter2hunter2\n` });
  const paused = await run(world.folder, 'pause');
  expect(paused).toMatchObject({ code: 0, stdout: expect.stringContaining('is paused') });
  expect(paused.stderr).toMatch(/config\/dripline\.yaml:\d+/);
  expect(paused.stderr).toMatch(/used the settings of its last start\. Correct the file/);
  const status = await run(world.folder, 'status --json');
  expect(JSON.parse(status.stdout)).toMatchObject({ paused: { by: 'cli' }, running: true });
  expect(JSON.parse(status.stderr)).toMatchObject({ warning: expect.any(String) });
  const copied = await run(world.folder, 'backup copy.db');
  expect(copied).toMatchObject({ code: 0 });
  const { stdout } = await run(world.folder, 'export');
  for (const text of [paused.stdout, paused.stderr, status.stdout, status.stderr, stdout])
    expect(text).not.toContain('hunter2');
  // What needs the file itself still refuses.
  expect(await run(world.folder, 'config')).toMatchObject({ code: 1, stdout: '' });
});

test('where no service has been, a fault is only told', async () => {
  await using world = await openWorld();
  world.write({ 'config/dripline.yaml': 'accounts: [\n' });
  await expect(loadUsableConfig(world.folder)).rejects.toThrow(/config\/dripline\.yaml:\d/);
});

test(`a service of before the record is paused all the same, by account too`, async () => {
  await using world = await openWorld({ files: { 'posts/a.md': 'A.' } });
  await using served = await world.serve();
  const { store } = served.context;
  await until('all are there', async () => (await store.listDeliveries({})).length === 3);
  const fact = await until('it is recorded', () => store.findFact('settings'));
  await store.removeFact('settings', fact.revision);
  world.write({ 'config/dripline.yaml': 'accounts: [\n' });
  expect((await sayAnyway(world, 'pause bsky')).text).toMatch(/bsky is paused/);
  expect((await sayAnyway(world, 'pause')).text).toMatch(/everything is paused/);
  expect((await sayAnyway(world, 'status')).text).toMatch(/paused/);
});

const runs = inputs(20, 300);
test(`a file that was cut off or overwritten anywhere never takes the brake away (${runs} files)`, async () => {
  await using world = await openWorld({ files: { 'posts/a.md': 'A.' } });
  await using _served = await world.serve();
  await isHeard(world);
  const whole = readFileSync(join(world.folder, 'config/dripline.yaml'));
  const damage = fc.record({ at: fc.nat(whole.length - 1), junk: fc.uint8Array({ maxLength: 9 }) });
  await fc.assert(
    fc.asyncProperty(damage, async ({ at, junk }) => {
      world.write({ 'config/dripline.yaml': Buffer.concat([whole.subarray(0, at), junk]) });
      expect((await sayAnyway(world, 'pause')).text).toMatch(/everything is paused/);
      expect((await sayAnyway(world, 'status')).text).toMatch(/running, paused/);
    }),
    { numRuns: runs },
  );
});
