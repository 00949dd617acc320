import { chmodSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { markOf } from '../../src/config/config-now.ts';
import { openEnvironment } from '../../src/config/environment.ts';
import {
  type NewAccount,
  saveAccount,
  secretPlacesOf,
} from '../../src/config/writing/save-account.ts';
import { makePlace, type Place } from './kit.ts';

const homeOf = ({ path }: Place, environment: Record<string, string> = {}) => ({
  folder: path,
  openEnvironment: () => openEnvironment(path, environment),
});

const granted = { at: 1_800_000_000_000, handle: 'me@m.example', scopes: ['write:statuses'] };

const masto = (token: string, more: Partial<NewAccount> = {}): NewAccount => ({
  name: 'masto',
  network: 'mastodon',
  entry: { url: 'https://m.example' },
  secrets: { token },
  place: 'data',
  zone: 'Europe/Vienna',
  grant: granted,
  ...more,
});

const tokenIn = (place: Place, environment?: Record<string, string>) =>
  place.load(environment).accounts.map((one) => [one.name, 'token' in one ? one.token : '']);

const fromIn = (place: Place, key: string, environment?: Record<string, string>) =>
  place.load(environment).shown.find((one) => one.key === key)?.from;

/** Root may write everywhere: a DRIPLINE_CONFIG of one's own stands for a folder mounted `:ro`. */
const elsewhere = (place: Place) => ({ DRIPLINE_CONFIG: join(place.path, 'mounted.yaml') });

const yaml = `# Ours.
timezone: Europe/Berlin
accounts:
  masto: { network: mastodon, url: https://m.example, token: "\${MASTODON_TOKEN}" } # the company
`;

for (const place of ['data', 'variables'] as const)
  test(`the first account makes a configuration, with its credential in ${place} for the owner alone`, () => {
    using folder = makePlace();
    const { files, faults } = saveAccount(homeOf(folder), masto('t0ken-one', { place }));
    const file = place === 'data' ? 'data/accounts.json' : '.env';
    expect([files, faults]).toEqual([['config/dripline.yaml', file], []]);
    expect(tokenIn(folder)).toEqual([['masto', 't0ken-one']]);
    expect(folder.load()).toMatchObject({ zone: 'Europe/Vienna', isSandbox: false });
    expect(statSync(join(folder.path, file)).mode & 0o777).toBe(0o600);
    expect(fromIn(folder, 'accounts.masto.token')).toBe(
      place === 'data' ? 'data/accounts.json' : '.env (MASTODON_TOKEN)',
    );
    const text = readFileSync(join(folder.path, 'config/dripline.yaml'), 'utf8');
    expect(text).not.toContain('t0ken-one');
    expect(text).toContain('token: "${MASTODON_TOKEN}"');
    expect(JSON.stringify(folder.load().shown)).not.toContain('t0ken-one');
    expect(folder.load().secrets).toContain('t0ken-one');
  });

test('another token replaces the one of .env, of the environment, of a file and of the configuration itself', () => {
  const befores: [string, Record<string, string>, Record<string, string>][] = [
    [yaml, { '.env': 'MASTODON_TOKEN=0ld-token\n' }, {}],
    [yaml, {}, { MASTODON_TOKEN: '0ld-token' }],
    [yaml, { tok: '0ld-token' }, { MASTODON_TOKEN_FILE: 'tok' }],
    [yaml, { 'secrets/mastodon_token': '0ld-token' }, {}],
    [yaml.replace('"${MASTODON_TOKEN}"', '0ld-token'), {}, {}],
    [yaml, {}, {}],
  ];
  for (const [text, files, environment] of befores)
    for (const place of ['data', 'variables'] as const) {
      using folder = makePlace(text);
      folder.write(files);
      const own = Object.fromEntries(
        Object.entries(environment).map(([name, value]) => [
          name,
          value === 'tok' ? join(folder.path, value) : value,
        ]),
      );
      const home = homeOf(folder, own);
      expect(saveAccount(home, masto('new-t0ken', { place })).faults).toEqual([]);
      expect(tokenIn(folder, own)).toEqual([['masto', 'new-t0ken']]);
      const after = readFileSync(join(folder.path, 'config/dripline.yaml'), 'utf8');
      for (const kept of ['# Ours.', '# the company', 'Europe/Berlin'])
        expect(after).toContain(kept);
      expect(after).not.toContain('new-t0ken');
    }
});

test('a value that is changed by hand afterwards counts: the newer word wins', () => {
  using folder = makePlace(yaml);
  folder.write({ '.env': 'MASTODON_TOKEN=first-token\n' });
  saveAccount(homeOf(folder), masto('second-token'));
  expect(tokenIn(folder)).toEqual([['masto', 'second-token']]);
  folder.write({ '.env': 'MASTODON_TOKEN=third-token\n' });
  expect(tokenIn(folder)).toEqual([['masto', 'third-token']]);
});

test('where the configuration cannot be written, the data folder holds the account, beside those that are written', () => {
  using folder = makePlace();
  const environment = elsewhere(folder);
  folder.write({ 'mounted.yaml': yaml });
  const own = { ...environment, MASTODON_TOKEN: 'written-token' };
  const home = homeOf(folder, own);
  expect(secretPlacesOf(home)).toEqual([{ value: 'data', label: 'data/accounts.json' }]);
  const { files, faults } = saveAccount(home, masto('other-token', { name: 'second' }));
  expect([files, faults]).toEqual([['data/accounts.json'], []]);
  expect(tokenIn(folder, own)).toEqual([
    ['masto', 'written-token'],
    ['second', 'other-token'],
  ]);
  expect(fromIn(folder, 'accounts.second.url', own)).toBe('data/accounts.json');
  expect(fromIn(folder, 'accounts.masto.url', own)).toBe(environment.DRIPLINE_CONFIG);
  expect(readFileSync(join(folder.path, 'mounted.yaml'), 'utf8')).toBe(yaml);
});

test('without any configuration that can be written, the data folder alone is one, with its time zone, and no sandbox starts', () => {
  using folder = makePlace();
  folder.write({
    'data/accounts.json': JSON.stringify({
      version: 1,
      timezone: 'Europe/Vienna',
      grants: {},
      accounts: {
        masto: {
          network: 'mastodon',
          isWhole: true,
          values: { url: 'https://m.example', token: '${NOT_A_VARIABLE}' },
          replaces: {},
        },
      },
    }),
  });
  expect(folder.load()).toMatchObject({ isSandbox: false, zone: 'Europe/Vienna' });
  expect(tokenIn(folder)).toEqual([['masto', '${NOT_A_VARIABLE}']]);
});

test('an account that was taken out of the configuration does not come back by its credential', () => {
  using folder = makePlace(yaml);
  saveAccount(homeOf(folder), masto('a-token'));
  folder.write({ 'config/dripline.yaml': 'timezone: UTC\n' });
  expect(folder.load().accounts).toEqual([]);
});

test('another network under the same name leaves what is written alone', () => {
  using folder = makePlace(yaml);
  saveAccount(homeOf(folder), masto('a-token'));
  folder.write({
    'config/dripline.yaml':
      'timezone: UTC\naccounts: { masto: { network: bluesky, handle: a.example, password: pass-word } }\n',
  });
  expect(folder.load().accounts).toMatchObject([{ network: 'bluesky', password: 'pass-word' }]);
});

test('a file that is damaged, newer or unreadable stops the start with what to do, and shows nothing of it', () => {
  using folder = makePlace(yaml);
  for (const text of ['{"version":1', '{"version":2}', '[]', '{"accounts":"s3cret-token"}']) {
    folder.write({ 'data/accounts.json': text });
    const [line = ''] = folder.told({ MASTODON_TOKEN: 'a-token' });
    expect(line).toMatch(/^data\/accounts\.json is damaged.*: put a backup of it back/);
    expect(line).not.toContain('s3cret');
  }
  using other = makePlace(yaml);
  mkdirSync(join(other.path, 'data/accounts.json'), { recursive: true });
  expect(other.told({ MASTODON_TOKEN: 'a-token' })[0]).toMatch(/cannot be read \(EISDIR\)/);
});

test('a start notices what was connected meanwhile', () => {
  using folder = makePlace(yaml);
  const config = folder.load({ MASTODON_TOKEN: 'a-token' });
  const before = markOf(config);
  saveAccount(homeOf(folder, { MASTODON_TOKEN: 'a-token' }), masto('b-token'));
  expect(markOf(config)).not.toBe(before);
  chmodSync(join(folder.path, 'data/accounts.json'), 0o600);
});
