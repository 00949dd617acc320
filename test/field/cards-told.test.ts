import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { openFolderOf, openPublishers } from '../../src/app/open-parts.ts';
import { checkCards } from '../../src/cli/check/check-cards.ts';
import { minute } from '../../src/core/time.ts';
import { guardedGet } from '../../src/io/guarded-get.ts';
import { openMovableClock, openWorld, tuesday, until } from '../flow/world.ts';

const yaml = 'cadence: { perDay: 1, windows: ["02:00-09:00"], minGap: 1h }';

/** Pages of all kinds, by their path. */
async function openPages() {
  const server = createServer(({ url = '' }, response) => {
    const status = Number(/^\/(\d{3})/.exec(url)?.[1] ?? 200);
    if (url.startsWith('/broken')) return response.destroy();
    if (url.startsWith('/loop')) return response.writeHead(302, { location: '/loop' }).end();
    const type = url.startsWith('/pdf') ? 'application/pdf' : 'text/html';
    response.writeHead(status, { 'content-type': type });
    const leads = url.startsWith('/leads') && '<meta http-equiv="refresh" content="0; url=/404">';
    return response.end(leads || '<title>A title</title>');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    get: ((url, options) =>
      guardedGet(url, { ...options, allowLoopback: true })) as typeof guardedGet,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

const faults = [
  ['/403', 'answers with HTTP status 403'],
  ['/404', 'answers with HTTP status 404'],
  ['/410', 'answers with HTTP status 410'],
  ['/503', 'answers with HTTP status 503'],
  ['/leads', 'answers with HTTP status 404'],
  ['/broken', 'cannot be read'],
  ['/loop', 'cannot be read'],
] as const;
const well = ['/', '/page', '/pdf'];

const text = (link: string) => `---\nlink: ${link}\n---\nText for ${link}`;

test('check notes each card whose page cannot be read, once, and no other', async () => {
  await using pages = await openPages();
  const paths = [...faults.map(([path]) => path), ...well, '/404'];
  const files = Object.fromEntries(
    paths.map((path, i) => [`posts/p${i}.md`, `${text(pages.origin + path)} ${i}`]),
  );
  files['posts/draft.md'] = `---\ndraft: true\nlink: ${pages.origin}/401\n---\nDraft`;
  await using world = await openWorld({ yaml, files });
  const scan = await (await openFolderOf(world.config, 0)).scan(new Map(), world.clock.now());
  const posts = scan.files.flatMap((file) => (file.kind === 'post' ? [file.post()] : []));
  expect(posts).toHaveLength(paths.length + 1);
  const publishers = await openPublishers(world.config, world.clock, { guardedGet: pages.get });
  const notes = await checkCards(posts, world.config, publishers);
  expect(notes.map(({ where, severity }) => [where, severity]).sort()).toEqual(
    faults.map((_, i) => [`posts/p${i}.md`, 'note']),
  );
  for (const [path, fault] of faults) {
    const address = `the name of the site: ${pages.origin}${path} ${fault}`;
    expect(notes.some(({ what }) => what.includes(address))).toBe(true);
  }
});

test('a card whose page cannot be read is bare, and the journal says so once', async () => {
  await using pages = await openPages();
  const files = {
    'posts/gone.md': text(`${pages.origin}/404`),
    'posts/well.md': text(`${pages.origin}/page`),
  };
  const clock = openMovableClock(tuesday);
  await using world = await openWorld({ yaml, files, clock });
  await using served = await world.serve({ guardedGet: pages.get });
  await world.say('resume');
  // What is prepared again tells nothing again.
  world.sandbox.misbehave({
    network: 'bluesky',
    route: /POST .*(?:Record|applyWrites)/,
    times: 1,
    how: '429',
  });
  for (const id of ['gone', 'well']) await world.say(`now ${id}`);
  await until('both are out', () => {
    clock.move(minute);
    return world.texts('bluesky').length === 2;
  });
  const deferred = await served.context.store.listJournal({ types: ['deferred'] });
  expect(deferred.map(({ delivery }) => delivery)).toEqual(['gone@bsky']);
  const noted = await served.context.store.listJournal({ types: ['noted'] });
  expect(noted.map(({ delivery, text: said }) => [delivery, said])).toEqual([
    [
      'gone@bsky',
      `the link card shows only the name of the site: ${pages.origin}/404 ` +
        'answers with HTTP status 404',
    ],
  ]);
});
