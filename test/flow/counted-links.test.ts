import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openFolderOf } from '../../src/app/open-parts.ts';
import { exportLines } from '../../src/flow/moving/export-store.ts';
import { restoreLines } from '../../src/flow/moving/restore-store.ts';
import type { Store } from '../../src/ports/store.ts';
import { openStore } from '../../src/store/open-store.ts';
import { ask, firefox } from '../door/kit.ts';
import { findFreePort } from '../peers/free-port.ts';
import {
  denseCadence,
  measuredSoon,
  openWorld,
  quick,
  until,
  type World,
  type WorldOptions,
} from './world.ts';

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
  const campaigns = 'campaigns: { spring: { utm: { source: "{{network}}" } } }';
  const world = await openWorld({ ...options, yaml: `${denseCadence}\n${door}\n${campaigns}` });
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
  for (const { leadsTo } of shown.deliveries) expect(leadsTo).toBe(page.url);
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

test('two posts that differ in their link alone are told apart, if the store knows one of them', async () => {
  const text = (page: string) =>
    `---\nlink: https://shop.example/${page}\n---\nRead this. {{link}}`;
  await using world = await openCounting({ files: { 'posts/one.md': text('one') } });
  let kept: Awaited<ReturnType<typeof readAll>>;
  {
    await using served = await world.serve({ timing: quick });
    await world.say('resume');
    await until('the first is out', () => world.sandbox.accepted().length === 3);
    await until('it is known', async () =>
      (await world.say('show one')).deliveries.every((one: any) => one.state === 'released'),
    );
    kept = await readAll(served.context.store);
    world.write({ 'posts/two.md': text('two') });
    await until('the second is out', () => world.sandbox.accepted().length === 6);
  }
  loseStore(world);
  {
    await using store = await openStore({ dataFolder: world.config.folders.data, mode: 'serve' });
    await restoreLines(store, linesOf(kept), world.clock.now());
  }
  await using _served = await world.serve({ timing: quick });
  await world.say('resume');
  await until('the second is known as it is', async () => {
    const { deliveries } = await world.say('show two');
    return deliveries.every((one: any) => one.state === 'released');
  });
  expect(world.sandbox.accepted()).toHaveLength(6);
});

async function readAll(store: Store): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of exportLines(store, (json) => json)) lines.push(line.trimEnd());
  return lines;
}

async function* linesOf(lines: string[]) {
  yield* lines;
}

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

const person = (port: number, code: string, n: number) =>
  ask(port, `/l/${code}`, {
    headers: { 'user-agent': firefox, 'x-forwarded-for': `198.51.${n % 250}.${n % 199}` },
  });

test('a follow-up by clicks goes out where people came, and the clicks are shown everywhere', async () => {
  const rules = `
followUps:
  - { when: "clicks >= 20", within: 1h, as: reply, text: "So many of you." }`;
  await using world = await openCounting({
    files: {
      'posts/hello.md': `---\nlink: https://shop.example/\ncampaign: spring\n${rules.trim()}\n---\nHello {{link}}`,
      'posts/plain.md': '---\nnetworks: [bluesky]\n---\nNo link at all.',
    },
  });
  await using served = await world.serve({ timing: measuredSoon });
  await world.say('resume');
  await until('all is out', () => world.sandbox.accepted().length === 4);
  const codeOn = (name: string) => {
    const all = world.sandbox.accepted().filter(({ network }) => network === name);
    return codeIn(all.find(({ text }) => text.includes('/l/'))?.text) ?? '';
  };
  // Crawlers first: they count for nobody.
  for (let i = 0; i < 30; i++) {
    const headers = { 'user-agent': 'Mastodon/4.3.2 (http.rb/5.2.0; +https://m.example/) Bot' };
    await ask(world.port, `/l/${codeOn('mastodon')}`, { headers });
  }
  for (let n = 0; n < 25; n++)
    expect((await person(world.port, codeOn('bluesky'), n)).headers['location']).toBe(
      'https://shop.example/?utm_source=bluesky',
    );
  for (let n = 0; n < 3; n++) await person(world.port, codeOn('x'), n);
  const reply = await until('the follow-up', () =>
    world.sandbox.accepted().find(({ text }) => text === 'So many of you.'),
  );
  expect(reply.network).toBe('bluesky');
  expect(world.texts('mastodon').concat(world.texts('x'))).not.toContain('So many of you.');

  const shown = await world.say('show hello');
  const rowOf = (id: string) => shown.deliveries.find((one: any) => one.delivery === id);
  expect(rowOf('hello@bsky').clicks).toEqual({
    people: 25,
    unsure: 0,
    machines: 0,
    uniqueToday: 25,
  });
  expect(rowOf('hello@bsky').samples.at(-1).clicks).toBe(25);
  expect(rowOf('hello@masto').clicks).toEqual({ people: 0, unsure: 0, machines: 30 });
  const plain = (await world.say('show plain')).deliveries[0];
  expect(plain).not.toHaveProperty('clicks');
  expect(plain.samples.every((one: object) => !('clicks' in one))).toBe(true);

  const stats = await world.say('stats');
  const numbers = Object.fromEntries(
    stats.accounts.map(({ account, counts, otherClicks }: any) => [
      account,
      [counts.clicks, otherClicks],
    ]),
  );
  expect(numbers).toEqual({
    bsky: [25, { unsure: 0, machines: 0 }],
    masto: [0, { unsure: 0, machines: 30 }],
    x: [3, { unsure: 0, machines: 0 }],
  });
  const rows = await world.say('stats --csv');
  const row = rows.find(({ post, account }: any) => post === 'hello' && account === 'bsky');
  expect(row).toMatchObject({ clicks: 25, clicksByMachines: 0 });
  expect(rows.find(({ post }: any) => post === 'plain')).not.toHaveProperty('clicks');

  const read = (path: string) => fetch(`${served.web}${path}`).then((answer) => answer.text());
  const page = await read('/posts/hello');
  expect(page).toContain('25 clicks (25 people today)');
  expect(page).toContain('30 by machines');
  expect(page).toContain('it leads to the page itself');
  expect(await read('/engagement?account=bsky')).toContain('Links: 25 clicks');
  expect(await read('/campaigns')).toContain('Links: 25 clicks');
  expect(await read('/report')).toContain('clicks');
  expect(await read('/metrics')).toContain('dripline_clicks{account="bsky",kind="person"} 25');
});

test.each([
  ['', 'link: https://a.example/', /asks for clicks.*never applies.*set links: counted/],
  ['links: { url: https://go.example.com }', 'title: A', /only a post with a link: of its own/],
  ['links: { url: https://go.example.com }', 'link: https://a.example/', undefined],
])(
  'check says where clicks are asked for and nobody counts them (%s, %s)',
  async (yaml, line, told) => {
    const rules = 'followUps:\n  - { when: "clicks >= 20", as: reply, text: More. }';
    await using world = await openWorld({
      yaml: `${denseCadence}\n${yaml}`,
      files: { 'posts/a.md': `---\n${line}\n${rules}\n---\nA.` },
    });
    const folder = await openFolderOf(world.config, 0);
    const words = JSON.stringify(await folder.scan(new Map(), Date.now()));
    if (told) expect(words).toMatch(told);
    else expect(words).not.toContain('asks for clicks');
  },
);
