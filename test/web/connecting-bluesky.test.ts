import { statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { defaultPeople } from '../../src/sandbox/open-sandbox.ts';
import { openMovableClock, tuesday } from '../flow/world.ts';
import { findFreePort } from '../peers/free-port.ts';
import { openPds, type Pds } from '../peers/pds.ts';
import { type ConnectWorld, openConnectWorld, releaseFirst } from './connecting-kit.ts';

const [, bluesky, mastodon] = defaultPeople;

let pds: Pds;
beforeAll(async () => {
  pds = await openPds();
});
afterAll(() => pds[Symbol.asyncDispose]());

/** Servers on this machine are asked where an account on one of them is there already. */
const near = (urls: Record<string, string>) =>
  `timezone: UTC\naccounts:\n  masto: { network: mastodon, url: "${urls['mastodon']}", token: ${mastodon.token} }\ncadence: { perDay: 80000, windows: ["00:00-24:00"], minGap: 1s }\n`;

/** As a browser shows it. */
const toText = (page: string) =>
  page
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll(/\s+/g, ' ');

const alertIn = (page: string) => toText(/role="alert">([^<]*)</.exec(page)?.[1] ?? '');

interface Login {
  handle: string;
  password: string;
  baseUrl: string;
}

const tryOut = (world: ConnectWorld, login: Login) =>
  world.submit('/accounts/connect/bluesky', { way: 'password', ...login });

/** A server of another make has the machine's clock. */
const servers = [
  [
    'the sandbox',
    () => tuesday,
    (world: ConnectWorld) => ({
      baseUrl: world.sandbox.baseUrls.bluesky,
      handle: bluesky.handle,
      password: bluesky.password,
    }),
  ],
  [
    'a real server',
    () => Date.now(),
    async () => {
      const { handle, password } = await pds.createAccount();
      return { baseUrl: pds.url, handle, password };
    },
  ],
] as const;

const refused = /Invalid identifier or password. Check the handle.* app password/;

for (const [what, from, find] of servers)
  for (const place of ['data', 'variables'])
    test(`an account on Bluesky (${what}) goes from the form to ${place} and to its first post`, async () => {
      await using world = await openConnectWorld(near, {}, openMovableClock(from()));
      const login = await find(world);
      const down = `http://127.0.0.1:${await findFreePort()}`;
      const before = world.read('config/dripline.yaml');
      const wrong: [Partial<Login>, RegExp][] = [
        [{ password: 'wrong-pass-word-here' }, refused],
        [{ handle: `nobody-${login.handle}` }, refused],
        [{ handle: 'nodot' }, /"nodot" is not a handle. A handle has a dot in it/],
        [{ handle: 'me@example.com' }, /This is a mail address. Enter the handle, such as/],
        [{ handle: '' }, /"Handle, such as me.bsky.social" is empty: fill it in/],
        [{ password: '' }, /"App password" is empty: fill it in/],
        [{ baseUrl: down }, /127\.0\.0\.1:\d+ cannot be reached: check the spelling/],
        [{ baseUrl: 'two words' }, /is not the address of a server: enter a name such as bsky/],
      ];
      for (const [part, message] of wrong) {
        const { status, body } = await tryOut(world, { ...login, ...part });
        expect([status, alertIn(body)]).toEqual([422, expect.stringMatching(message)]);
        // What was typed stands there, without the secret.
        if (part.handle) expect(body).toContain(`value="${part.handle}"`);
        for (const secret of [login.password, part.password])
          if (secret) expect(body).not.toContain(secret);
      }
      expect(world.read('config/dripline.yaml')).toBe(before);
      // As people paste it.
      for (const handle of [
        `@${login.handle}`,
        `\u202a${login.handle}\u202c `,
        `https://bsky.app/profile/${login.handle}/`,
      ]) {
        const { step, page } = await connect(world, { ...login, handle });
        expect(page).toContain(`@${login.handle} on Bluesky`);
        expect(page).not.toContain(login.password);
        await world.submit(step, { do: 'discard' });
      }
      expect(world.read('config/dripline.yaml')).toBe(before);
      const { step } = await connect(world, login);
      await world.submit(step, { do: 'save', name: 'bsky', place });
      const accounts = (await world.browser.get('/accounts')).body;
      expect(accounts).toContain(`Saved: bsky is @${login.handle}. Restart Dripline to use it.`);
      const file = place === 'data' ? 'data/accounts.json' : '.env';
      expect(world.read(file)).toContain(login.password);
      expect(statSync(join(world.folder, file)).mode & 0o777).toBe(0o600);
      expect(world.read('config/dripline.yaml')).not.toContain(login.password);
      const { url, id } = await releaseThere(world);
      expect(url).toContain('/profile/');
      const record = await fetchRecord(login.baseUrl, id);
      expect(record).toMatchObject({ value: { text: 'The first one' } });
    });

async function releaseThere(world: ConnectWorld) {
  await world.served[Symbol.asyncDispose]();
  return releaseFirst(world.next(), { account: 'bsky', clock: world.clock });
}

async function connect(world: ConnectWorld, login: Login) {
  const begun = await tryOut(world, login);
  expect([begun.status, alertIn(begun.body)]).toEqual([303, '']);
  const step = begun.headers['location'] ?? '';
  return { step, page: toText((await world.browser.get(step)).body) };
}

async function fetchRecord(server: string, id: string): Promise<unknown> {
  const [repo = '', collection = '', rkey = ''] = id.replace('at://', '').split('/');
  const query = new URLSearchParams({ repo, collection, rkey });
  return (await fetch(`${server}/xrpc/com.atproto.repo.getRecord?${query}`)).json();
}
