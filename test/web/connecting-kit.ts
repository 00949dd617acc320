import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { openServed, type Served } from '../../src/app.ts';
import type { Config } from '../../src/config/config.ts';
import { openEnvironment } from '../../src/config/environment.ts';
import { loadConfig } from '../../src/config/load.ts';
import { defaultPeople, openSandbox, type Sandbox } from '../../src/sandbox/open-sandbox.ts';
import { openMovableClock, type MovableClock, quick, tuesday, until } from '../flow/world.ts';
import { commands } from '../../src/commands/all-commands.ts';
import type { Receipt } from '../../src/core/post/message.ts';
import type { Clock } from '../../src/ports/clock.ts';
import { type Answer, type Browser, openBrowser } from './door-kit.ts';

const [x, bluesky, mastodon] = defaultPeople;
export const second = {
  mastodon: { ...mastodon, handle: 'second', token: 'second-token' },
  x: { ...x, handle: 'second', accessToken: 'second-access', accessSecret: 'second-secret' },
};

export interface ConnectWorld extends AsyncDisposable {
  folder: string;
  sandbox: Sandbox;
  clock: MovableClock;
  web: string;
  served: Served;
  browser: Browser;
  /** As the page's form would send it, from the page's own address. */
  submit(path: string, fields: Record<string, string>, browser?: Browser): Promise<Answer>;
  read(path: string): string;
  /** As the next start would have it. */
  next(): Config;
}

/** A dashboard of a service with these accounts, and networks with two people each. */
export async function openConnectWorld(
  yaml: (baseUrls: Sandbox['baseUrls']) => string,
  files: Record<string, string> = {},
  clock = openMovableClock(tuesday),
): Promise<ConnectWorld> {
  await using stack = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), 'dripline-connect-'));
  stack.defer(() => rmSync(folder, { recursive: true, force: true }));
  const sandbox = stack.use(
    await openSandbox({
      file: join(folder, 'networks.jsonl'),
      clock,
      ports: { page: 0, x: 0, bluesky: 0, mastodon: 0 },
      limitScale: 1000,
      people: [x, bluesky, mastodon, second.mastodon, second.x],
    }),
  );
  const all = { 'config/dripline.yaml': yaml(sandbox.baseUrls), 'posts/.keep': '', ...files };
  for (const [path, text] of Object.entries(all)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const next = () => loadConfig(folder, openEnvironment(folder, {}));
  const served = stack.use(
    await openServed(
      { ...next(), web: { host: '127.0.0.1', port: 0 } },
      { log: { info: () => undefined, warn: () => undefined }, clock, timing: quick, settleFor: 0 },
    ),
  );
  const web = served.web ?? '';
  const browser = openBrowser(web);
  const moved = stack.move();
  return {
    folder,
    sandbox,
    clock,
    web,
    served,
    browser,
    async submit(path, fields, own = browser) {
      const csrf = await tokenOf(own);
      return own.post(path, { csrf, ...fields }, { origin: web });
    },
    read: (path) => readFileSync(join(folder, path), 'utf8'),
    next,
    [Symbol.asyncDispose]: () => moved.disposeAsync(),
  };
}

const tokenOf = (browser: Browser) => browser.token('/accounts/connect/mastodon');

/** Where a page leads out of the dashboard. */
export const outIn = ({ body }: Answer): string =>
  (/href="(http[^"]*oauth[^"]*)"/.exec(body)?.[1] ?? '').replaceAll('&amp;', '&');

/** A start with this configuration and one post for the account; its receipt. */
export async function releaseFirst(
  config: Config,
  { account, clock }: { account: string; clock: Clock },
): Promise<Receipt> {
  const file = join(config.folders.posts, 'first.md');
  writeFileSync(file, `---\nnetworks: [${account}]\n---\nThe first one\n`);
  const log = { info: () => undefined, warn: () => undefined };
  const options = { log, clock, timing: quick, settleFor: 0, hasWeb: false };
  await using served = await openServed(config, options);
  const { store } = served.context;
  const context = { store, clock, settings: config, by: 'cli' as const, version: 'test' };
  const say = (verb: string, ...args: string[]) =>
    commands.find(({ name }) => name === verb)?.run(context, { args, options: {} });
  await say('resume');
  await until('the post is known', async () => (await store.listDeliveries({})).length > 0);
  await say('now', `first@${account}`);
  return await until('the post is out', async () => {
    const [delivery] = await store.listDeliveries({ states: ['released'] });
    return delivery?.receipts[0];
  });
}
