import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import sharp from 'sharp';
import { openServed, type Served } from '../../src/app.ts';
import { commands } from '../../src/commands/all-commands.ts';
import type { Delivery } from '../../src/core/delivery/delivery.ts';
import type { Network } from '../../src/core/network/network.ts';
import type { Timing } from '../../src/flow/context.ts';
import { guardedGet } from '../../src/io/guarded-get.ts';
import type { Store } from '../../src/ports/store.ts';
import { defaultPeople, type Sandbox } from '../../src/sandbox/open-sandbox.ts';
import { openMovableClock, openWorld } from '../flow/world.ts';

/** A page with a title and a picture, on this machine. */
export interface CardPage extends AsyncDisposable {
  url: string;
}

export async function openCardPage(): Promise<CardPage> {
  const picture = await makePicture();
  const server = createServer((incoming, outgoing) => {
    if (incoming.url === '/card.png')
      return void outgoing.writeHead(200, { 'content-type': 'image/png' }).end(picture);
    outgoing
      .writeHead(200, { 'content-type': 'text/html; charset=utf-8' })
      .end(
        '<html><head><title>Plain</title><meta property="og:title" content="Water &amp; bread"><meta property="og:description" content="Drop by drop"><meta property="og:image" content="/card.png"></head></html>',
      );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/page`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** For link cards of pages on this machine, which are nobody else's business. */
export const getOnLoopback: typeof guardedGet = (url, options) =>
  guardedGet(url, { ...options, allowLoopback: true });

const makePicture = () =>
  sharp({ create: { width: 60, height: 40, channels: 3, background: 'teal' } })
    .png()
    .toBuffer();

const fixture = (name: string) => readFileSync(join(import.meta.dirname, '../fixtures', name));

/** A thread of three with a picture and a mention, and a post with a link card. */
const filesWithCard = async (page: CardPage) => ({
  'posts/010-thread.md': `---\nmedia: [{ src: drop.png, alt: "A drop of water" }]\n---\nThe first part.\n\n---\nThe second, for @${defaultPeople[1].handle}.\n\n---\nThe third.\n`,
  'posts/020-card.md': `---\nlink: ${page.url}\n---\nA page with a card.\n`,
  'posts/drop.png': await makePicture(),
});

const filesWithVideo = () => ({
  'posts/010-film.md': '---\nmedia: [{ src: clip.mp4, alt: "Colours" }]\n---\nA film.\n',
  'posts/clip.mp4': fixture('clip.mp4'),
  'posts/clip.vtt': fixture('clip.vtt'),
});

/** These posts for three networks. */
export interface FaultWorld extends AsyncDisposable {
  /** Of each network. */
  expected: { deliveries: number; posts: number };
  sandbox: Sandbox;
  dataFolder: string;
  clock: ReturnType<typeof openMovableClock>;
  serve(timing: Partial<Timing>): Promise<Served>;
  say(line: string): Promise<unknown>;
  store(): Store;
  deliveries(): Promise<Delivery[]>;
  /** How often it was asked for what this regular expression on `METHOD /path` matches. */
  asked(network: Network, route: string): number;
  accountOf(network: Network): string;
  networkOf(account: string | undefined): Network | undefined;
}

const accounts: Record<Network, string> = { x: 'x', bluesky: 'bsky', mastodon: 'masto' };

export async function openFaultWorld(
  page: CardPage,
  of?: 'video' | 'service',
): Promise<FaultWorld> {
  const clock = openMovableClock();
  const world = await openWorld({
    clock,
    yaml: 'cadence: { perDay: 400000, windows: ["00:00-24:00"], minGap: 0s }',
    files: of === undefined ? await filesWithCard(page) : filesWithVideo(),
  });
  if (of === 'service')
    for (const account of world.config.accounts)
      if (account.network === 'bluesky') Object.assign(account, { videoUrl: account.baseUrl });
  let running: Served | undefined;
  const context = () => {
    if (!running) throw new Error('nothing is served');
    return running.context;
  };
  return {
    sandbox: world.sandbox,
    expected: of === undefined ? { deliveries: 2, posts: 4 } : { deliveries: 1, posts: 1 },
    clock,
    dataFolder: world.config.folders.data,
    async serve(timing) {
      running = await openServed(world.config, {
        log: { info() {}, warn() {} },
        clock,
        timing,
        settleFor: 0,
        hasWeb: false,
        guardedGet: getOnLoopback,
      });
      return running;
    },
    async say(line) {
      const [verb, ...args] = line.split(' ');
      return commands
        .find(({ name }) => name === verb)
        ?.run(
          { store: context().store, clock, settings: world.config, by: 'cli', version: 'test' },
          { args, options: {} },
        );
    },
    store: () => context().store,
    deliveries: () => context().store.listDeliveries({}),
    asked: (network, route) =>
      world.sandbox
        .requests()
        .filter(
          (one) =>
            one.network === network && new RegExp(route).test(one.route.replaceAll(/:\w+/g, '1')),
        )
        .reduce((sum, { count }) => sum + count, 0),
    accountOf: (network) => accounts[network],
    networkOf: (account) =>
      (Object.keys(accounts) as Network[]).find((network) => accounts[network] === account),
    [Symbol.asyncDispose]: () => world[Symbol.asyncDispose](),
  };
}
