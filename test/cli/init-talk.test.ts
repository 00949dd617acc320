import { chmodSync, existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { parse } from 'yaml';
import { init } from '../../src/cli/init/init.ts';
import { loadConfig } from '../../src/config/load.ts';
import { openEnvironment } from '../../src/config/environment.ts';
import { defaultPeople } from '../../src/sandbox/open-sandbox.ts';
import { openWorld, type World } from '../flow/world.ts';
import { openScriptedAsker, type Line } from './script-asker.ts';

const [x, bluesky, mastodon] = defaultPeople;
afterEach(() => vi.unstubAllEnvs());

async function openFreshWorld(files: Record<string, string> = {}) {
  const world = await openWorld();
  rmSync(join(world.folder, 'config'), { recursive: true });
  world.write(files);
  return world;
}

const read = (world: World, path: string) => readFileSync(join(world.folder, path), 'utf8');
const load = (world: World) => loadConfig(world.folder, openEnvironment(world.folder, {}));

async function talk(world: World, script: [RegExp, Line][], options: Record<string, unknown> = {}) {
  const asker = openScriptedAsker(script);
  await init(world.folder, options, asker);
  expect(asker.left()).toEqual([]);
  return asker.log.join('\n');
}

const usual: [RegExp, Line][] = [
  [/how many posts a day/i, ''],
  [/which hours/, ''],
  [/which days/, ['mon', 'wed']],
];

test('a conversation asks for each credential with where to get it, checks it at once, lets it be corrected, and says what to do next', async () => {
  await using world = await openFreshWorld();
  const { baseUrls } = world.sandbox;
  const log = await talk(world, [
    [/Which networks/, ['bluesky', 'mastodon']],
    [/Name for the account on Bluesky/, ''],
    [/^Handle/, 'nodot'],
    [/^Handle/, `@${bluesky.handle}`],
    [/^App password/, 'wrong-pass-word-here'],
    [/^Server of the account/, baseUrls.bluesky],
    [/cannot log in yet/, 'correct'],
    [/^Handle/, ''],
    [/^App password/, bluesky.password],
    [/^Server/, ''],
    [/Another account on Bluesky/, false],
    [/Name for the account on Mastodon/, 'Bad Name'],
    [/Name for the account on Mastodon/, 'company'],
    [/How should company log in/, 'token'],
    [/^Address of the instance/, baseUrls.mastodon],
    [/^Access token/, mastodon.token],
    [/Another account on Mastodon/, false],
    [/credentials be kept/, 'variables'],
    [/time zone/i, 'Mars'],
    [/time zone/i, 'Europe/Vienna'],
    [/how many posts a day/i, 'lots'],
    [/how many posts a day/i, '1-3'],
    [/which hours/, '9-10'],
    [/which hours/, '09:00-11:30'],
    [/which days/, ['tue', 'sat']],
  ]);
  expect(log).toContain('App passwords → Add');
  expect(log).toMatch(/bsky on Bluesky: (?!logged in).*(password|credential|log in)/i);
  expect(log).toContain(`bsky on Bluesky: logged in as ${bluesky.handle}`);
  expect(log).toContain('! A handle has a dot in it');
  expect(log).toContain('npx dripline resume');
  expect(log).not.toContain(bluesky.password);
  const config = load(world);
  expect(config.accounts).toMatchObject([
    {
      name: 'bsky',
      network: 'bluesky',
      handle: bluesky.handle,
      password: bluesky.password,
      baseUrl: baseUrls.bluesky,
    },
    { name: 'company', network: 'mastodon', baseUrl: baseUrls.mastodon, token: mastodon.token },
  ]);
  expect(config.zone).toBe('Europe/Vienna');
  expect(config.cadences['bsky']).toMatchObject({
    perDay: { min: 1, max: 3 },
    windows: [{ from: 540, to: 690 }],
    days: ['tue', 'sat'],
  });
  const yaml = read(world, 'config/dripline.yaml');
  expect(yaml).not.toContain(bluesky.password);
  expect(yaml).not.toContain(mastodon.token);
  expect(yaml).toContain('# How often, and when.');
  expect(read(world, '.env')).toContain(`MASTODON_TOKEN=${mastodon.token}`);
  expect(statSync(join(world.folder, '.env')).mode & 0o777).toBe(0o600);
});

const xMain = (baseUrl: string) =>
  [
    `x-main: { network: x, baseUrl: "${baseUrl}", appKey: "\${X_APP_KEY}"`,
    `appSecret: ${x.appSecret}`,
    'accessToken: "${X_ACCESS_TOKEN}"',
    'accessSecret: "${X_ACCESS_SECRET}" }',
  ].join(', ');

const written = (world: World) => `# Our own words stay.
timezone: Europe/Berlin  # where we sit
accounts:
  ${xMain(world.sandbox.baseUrls.x)} # the company
# Slowly.
cadence:
  perDay: 1   # not more
  minGap: 3h
campaigns:
  spring: { touches: 12 }
`;

test('a configuration that is there keeps its comments and values; its logins are checked, and what is added is added', async () => {
  await using world = await openFreshWorld();
  world.write({
    'config/dripline.yaml': written(world),
    '.env': `X_APP_KEY=${x.appKey}\nX_ACCESS_TOKEN=${x.accessToken}\nX_ACCESS_SECRET=wrong\nOTHER='stays # here'\n`,
  });
  chmodSync(join(world.folder, '.env'), 0o644);
  const log = await talk(world, [
    [/cannot log in yet/, 'correct'],
    [/How should x-main log in/, 'tokens'],
    [/^API key \(Enter/, ''],
    [/^API key secret \(Enter/, ''],
    [/^Access token \(Enter/, ''],
    [/^Access token secret \(Enter/, x.accessSecret],
    [/^Address of the API of X/, ''],
    [/Add another account/, true],
    [/Which networks/, ['bluesky']],
    [/Name for the account/, ''],
    [/^Handle/, bluesky.handle],
    [/^App password/, bluesky.password],
    [/^Server/, world.sandbox.baseUrls.bluesky],
    [/Another account on Bluesky/, false],
    [/credentials be kept/, 'variables'],
  ]);
  expect(log).toMatch(/x-main on X: logged in as/);
  const yaml = read(world, 'config/dripline.yaml');
  for (const kept of [
    '# Our own words stay.',
    '# where we sit',
    '# the company',
    '# Slowly.',
    '# not more',
    'minGap: 3h',
    'touches: 12',
  ])
    expect(yaml).toContain(kept);
  expect(load(world)).toMatchObject({
    zone: 'Europe/Berlin',
    accounts: [{ name: 'x-main', accessSecret: x.accessSecret }, { name: 'bsky' }],
  });
  expect(load(world).cadences['bsky']).toMatchObject({
    perDay: { min: 1, max: 1 },
    minGapFor: 3 * 3600_000,
  });
  expect(read(world, '.env')).toContain("OTHER='stays # here'");
  expect(statSync(join(world.folder, '.env')).mode & 0o777).toBe(0o600);
  expect(read(world, 'config/dripline.yaml.old')).toBe(written(world));
});

test('with --force values are overwritten and comments stay', async () => {
  await using world = await openFreshWorld();
  world.write({
    'config/dripline.yaml': written(world),
    '.env': `X_APP_KEY=${x.appKey}\nX_ACCESS_TOKEN=${x.accessToken}\nX_ACCESS_SECRET=${x.accessSecret}\n`,
  });
  await talk(world, [[/Add another account/, false], [/time zone/i, 'Asia/Tokyo'], ...usual], {
    force: true,
  });
  const yaml = read(world, 'config/dripline.yaml');
  for (const kept of [
    '# Our own words stay.',
    '# where we sit',
    '# the company',
    '# Slowly.',
    'minGap: 3h',
  ])
    expect(yaml).toContain(kept);
  expect(load(world)).toMatchObject({
    zone: 'Asia/Tokyo',
    cadences: { 'x-main': { perDay: { min: 1, max: 2 }, days: ['mon', 'wed'] } },
  });
});

test('credentials that the environment holds are not asked for, a second account has names of its own, and one that fails may be left out', async () => {
  await using world = await openFreshWorld();
  vi.stubEnv('MASTODON_TOKEN', mastodon.token);
  const address = world.sandbox.baseUrls.mastodon;
  const log = await talk(
    world,
    [
      [/Name for the account/, ''],
      [/How should/, 'token'],
      [/^Address/, address],
      [/Another account on Mastodon/, true],
      [/Name for the account/, ''],
      [/How should/, 'token'],
      [/^Address/, address],
      [/^Access token/, ''],
      [/^Access token/, 'wrong'],
      [/cannot log in yet/, 'drop'],
      [/Another account on Mastodon/, true],
      [/Name for the account/, 'second'],
      [/How should/, 'token'],
      [/^Address/, address],
      [/^Access token/, mastodon.token],
      [/Another account on Mastodon/, false],
      [/credentials be kept/, 'variables'],
      ...usual,
    ],
    { network: ['mastodon'], timezone: 'UTC' },
  );
  expect(log).toContain('taken from the environment (MASTODON_TOKEN)');
  expect(log).toContain('! This is needed');
  expect(Object.keys(parse(read(world, 'config/dripline.yaml')).accounts)).toEqual([
    'masto',
    'second',
  ]);
  expect(read(world, '.env')).toMatch(/^SECOND_TOKEN=/m);
  expect(read(world, '.env')).not.toMatch(/^MASTODON_TOKEN=/m);
});

test('whoever gives up in the middle has written nothing', async () => {
  await using world = await openFreshWorld();
  const asker = openScriptedAsker([[/Which networks/, ['x']]]);
  await expect(init(world.folder, {}, asker)).rejects.toThrow();
  expect(existsSync(join(world.folder, 'config'))).toBe(false);
  expect(existsSync(join(world.folder, '.env'))).toBe(false);
});
