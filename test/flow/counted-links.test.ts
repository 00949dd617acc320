import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ask, firefox } from '../door/kit.ts';
import { findFreePort } from '../peers/free-port.ts';
import { denseCadence, openWorld, quick, until, type World, type WorldOptions } from './world.ts';

/** A page with a title, which counts who asks for it. */
async function openPage() {
  const agents: string[] = [];
  const server = createServer(({ headers }, response) => {
    agents.push(headers['user-agent'] ?? '');
    response.setHeader('content-type', 'text/html');
    response.end('<head><meta property="og:title" content="The shop"></head>');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const close = () => void server.close();
  return { url: `http://127.0.0.1:${port}/offer`, agents, [Symbol.dispose]: close };
}

async function openCounting(options: WorldOptions = {}): Promise<World & { port: number }> {
  const port = await findFreePort();
  const door = `public: { url: "http://127.0.0.1:${port}", port: ${port} }\nlinks: counted`;
  const world = await openWorld({ ...options, yaml: `${denseCadence}\n${door}` });
  return { ...world, port };
}

const codeIn = (text: string | undefined) => /\/l\/([0-9A-Za-z]{10})/.exec(text ?? '')?.[1];

const loseStore = ({ config }: World) => {
  for (const end of ['', '-wal', '-shm'])
    rmSync(join(config.folders.data, `dripline.db${end}`), { force: true });
  rmSync(join(config.folders.data, 'alarms.db'), { force: true });
};

test('a link goes out counted on every network, and leads to its page, with its tags', async () => {
  using page = await openPage();
  await using world = await openCounting({
    files: { 'posts/hello.md': `---\nlink: ${page.url}\n---\nLook at {{link}} now.` },
  });
  const guarded = await import('../../src/io/guarded-get.ts');
  await using served = await world.serve({
    guardedGet: (url, options) => guarded.guardedGet(url, { ...options, allowLoopback: true }),
  });
  const shown = await world.say('show hello');
  await world.say('resume');
  await until('all is out', () => world.sandbox.accepted().length === 3);
  for (const post of world.sandbox.accepted()) {
    const code = codeIn(post.text) ?? '';
    // What was previewed is what went out.
    expect(JSON.stringify(shown)).toContain(code);
    const answer = await ask(world.port, `/l/${code}`, { headers: { 'user-agent': firefox } });
    expect([answer.status, answer.headers['location']]).toEqual([302, page.url]);
  }
  const codes = world.sandbox.accepted().map(({ text }) => codeIn(text));
  expect(new Set(codes).size).toBe(3);
  // The card is that of the page, made without going through the door, and leads through it.
  const bluesky = world.sandbox.accepted().find(({ network }) => network === 'bluesky');
  const records = readFileSync(join(world.folder, 'networks.jsonl'), 'utf8').split('\n');
  const card = records.find((line) => line.includes('The shop'));
  expect(card).toContain(`"url":"http://127.0.0.1:${world.port}/l/${codeIn(bluesky?.text)}"`);
  expect(await served.context.store.listClicks()).toEqual([]);
  const links = await served.context.store.listLinks({});
  expect(links.map(({ delivery }) => delivery).toSorted()).toEqual([
    'hello@bsky',
    'hello@masto',
    'hello@x',
  ]);
});

test('a store that was lost knows its posts out there all the same, and their links lead on', async () => {
  await using world = await openCounting({
    files: {
      'posts/one.md': '---\nlink: https://shop.example/one\n---\nThe first. {{link}}',
      'posts/two.md': '---\nlink: https://shop.example/two\n---\nThe second. {{link}}',
    },
  });
  {
    await using _served = await world.serve({ timing: quick });
    await world.say('resume');
    await until('all is out', () => world.sandbox.accepted().length === 6);
    await until('all is known', async () =>
      (await world.say('queue')).every((one: { state: string }) => one.state !== 'releasing'),
    );
  }
  const codes = world.sandbox.accepted().map(({ text }) => codeIn(text) ?? '');
  loseStore(world);
  await using served = await world.serve({ timing: quick });
  await world.say('resume');
  for (const id of ['one', 'two'])
    await until(`${id} is known as it is`, async () => {
      const { deliveries } = await world.say(`show ${id}`);
      return deliveries.every((one: { state: string }) => one.state === 'released');
    });
  expect(world.sandbox.accepted()).toHaveLength(6);
  for (const code of codes) {
    const post = world.sandbox.accepted().find(({ text }) => text.includes(code));
    const { headers } = await ask(world.port, `/l/${code}`);
    const target = post?.text.startsWith('The first') ? 'one' : 'two';
    expect(headers['location']).toBe(`https://shop.example/${target}`);
  }
  expect(await served.context.store.listLinks({})).toHaveLength(6);
});

test('posts that went out before links were counted are known, too', async () => {
  await using world = await openCounting({
    files: { 'posts/one.md': '---\nlink: https://shop.example/one\n---\nThe first. {{link}}' },
  });
  const { links, ...plain } = world.config;
  {
    // As it was configured then.
    delete world.config.links;
    await using _served = await world.serve({ timing: quick });
    await world.say('resume');
    await until('all is out', () => world.sandbox.accepted().length === 3);
  }
  expect(plain).not.toHaveProperty('links');
  if (links) world.config.links = links;
  loseStore(world);
  await using _served = await world.serve({ timing: quick });
  await world.say('resume');
  await until('it is known as it is', async () => {
    const { deliveries } = await world.say('show one');
    return deliveries.every((one: { state: string }) => one.state === 'released');
  });
  expect(world.texts('x')).toEqual(['The first. https://shop.example/one']);
});
