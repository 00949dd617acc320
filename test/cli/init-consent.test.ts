import { existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { init } from '../../src/cli/init/init.ts';
import { openEnvironment } from '../../src/config/environment.ts';
import { loadConfig } from '../../src/config/load.ts';
import { defaultPeople } from '../../src/sandbox/open-sandbox.ts';
import { openWorld, type World } from '../flow/world.ts';
import { findFreePort } from '../peers/free-port.ts';
import { releaseFirst } from '../web/connecting-kit.ts';
import { codeIn, press } from '../networks/consenting.ts';
import { type Line, openScriptedAsker } from './script-asker.ts';

const [x, bluesky] = defaultPeople;

async function openFreshWorld() {
  const world = await openWorld();
  rmSync(join(world.folder, 'config'), { recursive: true });
  return world;
}

const usual: [RegExp, Line][] = [
  [/how many posts a day/i, ''],
  [/which hours/, ''],
  [/which days/, ['mon', 'wed']],
];

/** A person with a browser: opens the link that stands last, allows it, and types what is shown. */
async function talk(world: World, script: [RegExp, Line][], network: string[]) {
  const asker = openScriptedAsker(script);
  const { text } = asker;
  asker.text = async (question) => {
    if (!/^The (code|PIN) that you are shown/.test(question.message)) return text(question);
    const link = asker.log.findLast((line) => line.includes('/oauth/authorize')) ?? '';
    const url = /http\S+/.exec(link)?.[0] ?? '';
    return codeIn(await (await press(url, 'allow')).text());
  };
  await init(world.folder, { network, timezone: 'UTC' }, asker);
  expect(asker.left()).toEqual([]);
  return asker.log.join('\n');
}

const load = (world: World) => loadConfig(world.folder, openEnvironment(world.folder, {}));

test('in a terminal Mastodon is connected by a link and a code, and its token is kept in the data folder if one wants', async () => {
  await using world = await openFreshWorld();
  const log = await talk(
    world,
    [
      [/Name for the account/, ''],
      [/How should masto log in to Mastodon/, 'consent'],
      [/^Server, such as/, `${world.sandbox.baseUrls.mastodon}/@dripline`],
      [/Another account on Mastodon/, false],
      [/credentials be kept/, 'data'],
      ...usual,
    ],
    ['mastodon'],
  );
  expect(log).toMatch(/masto on Mastodon: logged in as dripline@/);
  expect(log).toContain('data/accounts.json');
  const [account] = load(world).accounts;
  expect(account).toMatchObject({ name: 'masto', baseUrl: world.sandbox.baseUrls.mastodon });
  const token = account && 'token' in account ? account.token : '';
  const file = join(world.folder, 'data/accounts.json');
  expect(readFileSync(file, 'utf8')).toContain(token);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(existsSync(join(world.folder, '.env'))).toBe(false);
  expect(log).not.toContain(token);
  const yaml = readFileSync(join(world.folder, 'config/dripline.yaml'), 'utf8');
  expect(yaml).toContain('${MASTODON_TOKEN}');
  expect(yaml).not.toContain(token);
  // Another time it is known, and still logs in.
  const again = openScriptedAsker([[/Add another account/, false]]);
  await init(world.folder, { timezone: 'UTC' }, again);
  expect(again.log.join('\n')).toMatch(/masto on Mastodon: logged in as dripline@/);
  expect(load(world).accounts).toEqual([account]);
});

test('in a terminal X is connected by a PIN, and what went wrong is told and may be corrected', async () => {
  await using world = await openFreshWorld();
  const { x: address } = world.sandbox.baseUrls;
  const log = await talk(
    world,
    [
      [/Name for the account/, ''],
      [/How should x-main log in to X/, 'pin'],
      [/^API key$/, x.appKey],
      [/^API key secret$/, 'wrong'],
      [/^Address of the API of X/, address],
      [/cannot log in yet/, 'correct'],
      [/How should x-main log in to X/, 'pin'],
      [/^API key$/, x.appKey],
      [/^API key secret$/, x.appSecret],
      [/^Address of the API of X/, address],
      [/Another account on X/, false],
      [/credentials be kept/, 'variables'],
      ...usual,
    ],
    ['x'],
  );
  expect(log).toContain('X does not know these two keys');
  expect(log).toMatch(/x-main on X: logged in as/);
  expect(load(world).accounts).toMatchObject([
    { name: 'x-main', baseUrl: address, ownReads: false, accessToken: x.accessToken },
  ]);
  expect(readFileSync(join(world.folder, '.env'), 'utf8')).toContain(x.accessToken);
  // Since when, and nothing else.
  const kept = readFileSync(join(world.folder, 'data/accounts.json'), 'utf8');
  expect(JSON.parse(kept)).toMatchObject({ accounts: {}, grants: { 'x-main': { scopes: [] } } });
  for (const secret of [x.appKey, x.appSecret, x.accessToken, x.accessSecret])
    expect(kept).not.toContain(`"${secret}"`);
});

for (const place of ['data', 'variables'])
  test(`in a terminal Bluesky is connected by an app password, kept in ${place}, and its first post goes out`, async () => {
    await using world = await openFreshWorld();
    const { bluesky: server } = world.sandbox.baseUrls;
    const down = `http://127.0.0.1:${await findFreePort()}`;
    const answers = (handle: string, password: string, at = server): [RegExp, Line][] => [
      [/^Handle/, handle],
      [/^App password/, password],
      [/^Server of the account/, at],
    ];
    const corrected: [RegExp, Line] = [/cannot log in yet/, 'correct'];
    const log = await talk(
      world,
      [
        [/Name for the account/, ''],
        [/^Handle/, 'me@example.com'],
        ...answers(bluesky.handle, 'wrong-pass-word-here'),
        corrected,
        ...answers(`nobody-${bluesky.handle}`, bluesky.password),
        corrected,
        ...answers(bluesky.handle, bluesky.password, down),
        corrected,
        ...answers(`\u202a@${bluesky.handle}\u202c`, bluesky.password),
        [/Another account on Bluesky/, false],
        [/credentials be kept/, place],
        ...usual.slice(0, -1),
        [/which days/, ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']],
      ],
      ['bluesky'],
    );
    expect(log).toContain('! This is a mail address. Enter the handle, such as me.bsky.social');
    expect(log.match(/bsky on Bluesky: .*Invalid identifier or password/g)).toHaveLength(2);
    expect(log).toMatch(/bsky on Bluesky: .*(cannot be reached|refused|no connection|connect)/i);
    expect(log).toContain(`bsky on Bluesky: logged in as ${bluesky.handle}`);
    expect(log).not.toContain(bluesky.password);
    const config = load(world);
    expect(config.accounts).toMatchObject([{ handle: bluesky.handle, baseUrl: server }]);
    const { clock } = world;
    const receipt = await releaseFirst(config, { account: 'bsky', clock });
    expect(receipt.url).toContain('/profile/');
    expect(world.texts('bluesky')).toEqual(['The first one']);
  });
