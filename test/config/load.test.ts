import { mkdirSync, symlinkSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { minute } from '../../src/core/time.ts';
import { defaultPeople } from '../../src/sandbox/world/network-rows.ts';
import { defaultPorts } from '../../src/sandbox/open-sandbox.ts';
import { example, exampleSecrets, makePlace } from './kit.ts';

const account =
  'timezone: UTC\naccounts:\n  bsky: { network: bluesky, handle: a.example.com, password: ';

test('the whole configuration is read', () => {
  using place = makePlace(example);
  const config = place.load(exampleSecrets);
  expect(config).toMatchObject({
    isSandbox: false,
    file: join(place.path, 'config/dripline.yaml'),
    zone: 'Europe/Berlin',
    accounts: [
      {
        name: 'x-main',
        network: 'x',
        baseUrl: 'https://api.x.com',
        appKey: 'value-of-X_APP_KEY',
        accessSecret: 'value-of-X_ACCESS_SECRET',
        maxLength: 280,
        budget: 10_000_000,
      },
      {
        name: 'bsky',
        network: 'bluesky',
        baseUrl: 'https://bsky.social',
        handle: 'me.example.com',
        password: 'value-of-BLUESKY_APP_PASSWORD',
        isPinned: false,
      },
      {
        name: 'masto',
        network: 'mastodon',
        baseUrl: 'https://mastodon.social',
        token: 'value-of-MASTODON_TOKEN',
      },
    ],
    queues: {
      tips: { perDay: 1, windows: [{ from: 720, to: 840 }], accounts: ['bsky', 'masto'] },
      blog: { perDay: 1 },
    },
    campaigns: {
      spring: {
        touches: 29,
        touchesPerWeek: 3,
        utm: { source: '{{network}}', campaign: 'spring' },
      },
    },
    feeds: [
      {
        url: 'https://example.com/feed.xml',
        queue: 'blog',
        template: '{{title}} {{link}}',
        perDay: 2,
        approval: false,
      },
    ],
    pacing: { mode: 'adaptive', audience: 'mostly-here' },
    web: { host: '127.0.0.1', port: 4330 },
    folders: {
      data: join(place.path, 'data'),
      posts: join(place.path, 'posts'),
      media: join(place.path, 'media'),
    },
  });
  expect(config.cadences.bsky).toEqual({
    zone: 'Europe/Berlin',
    perDay: { min: 1, max: 2 },
    windows: [
      { from: 480, to: 720 },
      { from: 960, to: 1260 },
    ],
    days: ['mon', 'tue', 'wed', 'thu', 'fri'],
    minGapFor: 90 * minute,
    blackout: [{ from: '2026-12-24', to: '2026-12-26' }],
  });
  expect(config.mongoUri).toBeUndefined();
});

test('an account overrides the general cadence key by key', () => {
  using place = makePlace(
    `${account}password, cadence: { perDay: 5, windows: ["22:00-02:00"] } }\ncadence: { minGap: 20m, perDay: 2, blackout: ["2026-12-24"] }\n`,
  );
  expect(place.load().cadences.bsky).toMatchObject({
    perDay: { min: 5, max: 5 },
    windows: [
      { from: 0, to: 120 },
      { from: 1320, to: 1440 },
    ],
    minGapFor: 20 * minute,
    blackout: [{ from: '2026-12-24', to: '2026-12-24' }],
  });
});

test('a value from the environment can never change the structure', () => {
  using place = makePlace(`${account}"\${PASS}" }\nweb: { port: "\${PORT}" }`);
  const config = place.load({ PASS: 'a: { b: "c" } # ${PORT}\n- x', PORT: '4400' });
  expect(config.accounts[0]).toMatchObject({ password: 'a: { b: "c" } # ${PORT}\n- x' });
  expect(config.web.port).toBe(4400);
});

test('the environment beats .env, and NAME_FILE names a file', () => {
  using place = makePlace(`${account}"\${PASS}" }`);
  place.write({ '.env': 'PASS="from dotenv"\n', secret: 'from a file\n' });
  const from = (environment: Record<string, string>) => {
    const config = place.load(environment);
    return [
      config.accounts[0]?.network === 'bluesky' && config.accounts[0].password,
      config.shown.find(({ key }) => key.endsWith('password'))?.from,
    ];
  };
  expect(from({})).toEqual(['from dotenv', '.env (PASS)']);
  expect(from({ PASS: '' })).toEqual(['from dotenv', '.env (PASS)']);
  expect(from({ PASS: 'from outside' })).toEqual(['from outside', 'the environment (PASS)']);
  place.write({ '.env': '' });
  const file = join(place.path, 'secret');
  expect(from({ PASS_FILE: file })).toEqual(['from a file', `the file ${file} (PASS_FILE)`]);
  expect(place.told({ PASS_FILE: file, PASS: 'x' })).toEqual([
    'config/dripline.yaml:3:62 PASS and PASS_FILE are both set: keep one of them',
  ]);
  expect(place.told({ PASS_FILE: '/nowhere' })).toEqual([
    'config/dripline.yaml:3:62 PASS_FILE: /nowhere cannot be read (ENOENT): does it exist, and may Dripline read it?',
  ]);
  expect(place.told()).toEqual([
    'config/dripline.yaml:3:62 PASS is not set: set PASS in the environment or in .env, or PASS_FILE to the path of a file with the value',
  ]);
});

test('secrets are never shown', () => {
  using place = makePlace(
    example.replace('https://example.com/feed.xml', 'https://me:feedpass@example.com/feed.xml'),
  );
  const config = place.load({
    ...exampleSecrets,
    MONGODB_URI: 'mongodb://user:mongopass@db/dripline',
  });
  const shown = JSON.stringify(config.shown);
  expect(shown).not.toMatch(/value-of-|mongopass|feedpass|ntfy/);
  expect(config.shown.find(({ key }) => key === 'accounts.bsky.handle')).toEqual({
    key: 'accounts.bsky.handle',
    value: 'me.example.com',
    from: 'config/dripline.yaml',
  });
  expect(config.shown.find(({ key }) => key === 'accounts.masto.token')).toEqual({
    key: 'accounts.masto.token',
    value: '…',
    from: 'the environment (MASTODON_TOKEN)',
  });
  for (const secret of [...Object.values(exampleSecrets), 'mongopass'])
    expect(config.secrets).toContain(secret);
});

test('without a configuration there is a sandbox, on an empty data folder of its own', () => {
  using place = makePlace();
  const config = place.load({ MONGODB_URI: 'mongodb://db/dripline', DRIPLINE_POSTS: '/elsewhere' });
  expect(config).toMatchObject({
    isSandbox: true,
    folders: { data: join(place.path, 'data/sandbox'), posts: '/elsewhere' },
    feeds: [{ url: 'http://127.0.0.1:4331/blog/feed.xml' }],
  });
  expect(config.mongoUri).toBeUndefined();
});

test("the sandbox's accounts are those that its networks know", () => {
  using place = makePlace();
  const [x, bluesky, mastodon] = place.load().accounts;
  const {
    network: _x,
    handle: _handle,
    name: _name,
    followers: _followers,
    ...keys
  } = defaultPeople[0];
  expect(x).toMatchObject({ ...keys, baseUrl: `http://127.0.0.1:${defaultPorts.x}` });
  expect(bluesky).toMatchObject({
    handle: defaultPeople[1].handle,
    password: defaultPeople[1].password,
    baseUrl: `http://127.0.0.1:${defaultPorts.bluesky}`,
    isPinned: true,
  });
  expect(mastodon).toMatchObject({
    token: defaultPeople[2].token,
    baseUrl: `http://127.0.0.1:${defaultPorts.mastodon}`,
  });
});

test('a configuration that is named and not there, or cannot be read, is an error and never a sandbox', () => {
  using place = makePlace();
  const file = join(place.path, 'config/dripline.yaml');
  expect(place.told({ DRIPLINE_CONFIG: 'other.yaml' })).toEqual([
    `${join(place.path, 'other.yaml')} does not exist, but is named by the environment (DRIPLINE_CONFIG): create it, or name another file`,
  ]);
  place.write({ '.env': 'DRIPLINE_CONFIG=/nowhere.yaml\n' });
  expect(place.told()).toEqual([
    '/nowhere.yaml does not exist, but is named by .env (DRIPLINE_CONFIG): create it, or name another file',
  ]);
  place.write({ '.env': '' });
  mkdirSync(file, { recursive: true });
  expect(place.told()).toEqual([
    'config/dripline.yaml cannot be read (EISDIR): is it a file, and may Dripline read it?',
  ]);
  using linked = makePlace();
  linked.write({ 'config/x': '' });
  symlinkSync('/nowhere.yaml', join(linked.path, 'config/dripline.yaml'));
  expect(linked.told()).toEqual([
    'config/dripline.yaml cannot be read (ENOENT): is it a file, and may Dripline read it?',
  ]);
  unlinkSync(join(linked.path, 'config/dripline.yaml'));
  expect(linked.load().isSandbox).toBe(true);
});

test('folders come from the environment', () => {
  using place = makePlace('timezone: UTC');
  expect(
    place.load({
      DRIPLINE_DATA: '/d',
      DRIPLINE_POSTS: 'p',
      DRIPLINE_MEDIA: '/m',
      MONGODB_URI: 'mongodb://db/x',
    }),
  ).toMatchObject({
    folders: { data: '/d', posts: join(place.path, 'p'), media: '/m' },
    mongoUri: 'mongodb://db/x',
  });
});
