import { expect, inject, test } from 'vitest';
import { commands } from '../../src/commands/all-commands.ts';
import { day, hour } from '../../src/core/time.ts';
import { changeAccount, changeFact, keys } from '../../src/flow/facts.ts';
import { learnPace } from '../../src/flow/plan/weekly-lesson.ts';
import type { FeedState } from '../../src/ports/source.ts';
import { liveScript } from '../../src/web/parts/live-script.ts';
import { pages } from '../../src/web/pages/all-pages.ts';
import { style } from '../../src/web/styles/stylesheet.ts';
import { makeDelivery, makeEntry, makePlace, makePost } from '../store/kit.ts';
import { addPast, now, openPageContext, type PageContext, settings, showPage } from './page-kit.ts';

const everyPage = [
  ...pages.map(({ path }) => path.replace(':id', 'hello')),
  '/queue?show=waiting',
  '/queue?show=ended',
  '/queue?show=under+way',
  '/calendar?from=2027-01-11',
];

async function addHello({ store }: PageContext, changes: Parameters<typeof makePost>[1] = {}) {
  await store.savePosts([
    makePost('hello', {
      title: 'Hello',
      parts: ['Hello, world https://example.com/hello #drip'],
      ...changes,
    }),
  ]);
  await store.addDeliveries([
    makeDelivery('hello', {
      account: 'x',
      network: 'x',
      state: 'planned',
      at: now + 2 * hour,
      why: 'slot 1 of 1',
    }),
    makeDelivery('hello', {
      account: 'bluesky',
      state: 'waiting',
      reason: 'waits for approval',
      terms: { hash: 'h', approval: true },
    }),
    makeDelivery('hello', {
      account: 'mastodon',
      network: 'mastodon',
      state: 'failed',
      reason: 'refused',
    }),
  ]);
}

test('every page is there when there is nothing at all, and says what to do', async () => {
  await using context = await openPageContext();
  for (const path of everyPage.filter((path) => !path.startsWith('/posts/'))) {
    const { status, body } = await showPage(context, path);
    expect([path, status]).toEqual([path, 200]);
    expect(body).toContain('<main id="main"');
  }
  expect((await showPage(context, '/')).body).toContain(
    'put a Markdown file into the posts folder',
  );
  const missing = await showPage(context, '/posts/nothing');
  expect(missing.status).toBe(404);
  expect(missing.body).toContain('There is no post <code>nothing</code>');
});

test('every page is there when there is much, within a hundred kilobytes', async () => {
  await using context = await openPageContext();
  await addHello(context);
  await addPast(context);
  await learnPace(context);
  for (const path of everyPage) {
    const { status, body } = await showPage(context, path);
    expect([path, status]).toEqual([path, 200]);
    expect([path, body.length < 100_000]).toEqual([path, true]);
    expect(body).not.toMatch(/\bundefined\b|\bNaN\b|\[object /);
  }
  const home = (await showPage(context, '/')).body;
  expect(home.length + style.length + liveScript.length).toBeLessThan(100_000);
  expect(liveScript.length).toBeLessThan(2048);
});

const evil = '<script>alert(1)</script><img src=x onerror=alert(2)>"\'';

test('whatever others have written is text on every page: titles, names, feeds, errors, reasons and addresses', async () => {
  await using context = await openPageContext();
  const { store } = context;
  const post = {
    title: evil,
    campaign: evil,
    parts: [`${evil} https://example.com/<b>`],
    link: 'javascript:alert(3)',
    cw: evil,
    media: [{ src: evil, file: '/x', alt: evil }],
  };
  await addHello(context, post);
  await store.addDeliveries([
    makeDelivery('hello', {
      id: 'hello~2@x',
      run: 2,
      account: 'x',
      network: 'x',
      state: 'uncertain',
      reason: evil,
      startedAt: now,
    }),
    makeDelivery('gone', {
      account: 'x',
      network: 'x',
      state: 'released',
      startedAt: now - hour,
      receipts: [{ id: evil, url: 'javascript:alert(4)', at: now - hour }],
    }),
    makeDelivery('late', {
      account: 'x',
      network: 'x',
      state: 'planned',
      at: now + hour,
      why: evil,
    }),
  ]);
  for (const { name } of settings.accounts)
    await changeAccount(store, name, (fact) => ({
      ...fact,
      identity: { id: evil, handle: evil, url: 'javascript:alert(5)' },
      lastError: evil,
      ...(name === 'x' ? { heldBecause: evil } : {}),
    }));
  await changeFact<FeedState | undefined>(
    store,
    keys.feed('https://example.com/feed.xml'),
    undefined,
    () => ({
      seen: [evil],
      isKnown: true,
      failures: 1,
      error: evil,
    }),
  );
  await store.appendJournal([
    makeEntry('e1', {
      at: now,
      type: 'notice',
      by: evil,
      url: 'javascript:alert(6)',
      text: evil,
      post: 'hello',
    }),
    makeEntry('e2', {
      at: now,
      type: 'reply',
      url: 'javascript:alert(7)',
      text: evil,
      account: 'x',
    }),
  ]);
  await changeFact<Record<string, unknown>>(store, keys.problems, {}, () => ({
    'a.md': [{ severity: 'error', where: evil, what: evil }],
  }));
  for (const path of [
    ...everyPage,
    '/posts/gone',
    `/journal?post=${encodeURIComponent(evil)}`,
    `/queue?account=${encodeURIComponent(evil)}`,
  ]) {
    const { body } = await showPage(context, path);
    const own = body.replace('<script src="/live.js" defer></script>', '');
    expect([
      path,
      /<script|<img src=x|onerror=alert\(2\)>|(href|src|action)="javascript/i.exec(own)?.[0],
    ]).toEqual([path, undefined]);
  }
  for (const path of ['/', '/posts/hello', '/accounts', '/journal'])
    expect([path, (await showPage(context, path)).body.includes('&lt;script&gt;alert(1)')]).toEqual(
      [path, true],
    );
});

test('what needs a person stands first, with the buttons that settle it', async () => {
  await using context = await openPageContext();
  await addHello(context);
  await context.store.addDeliveries([
    makeDelivery('lost', {
      account: 'x',
      network: 'x',
      state: 'uncertain',
      reason: 'two looks did not find it',
    }),
  ]);
  const { body } = await showPage(context, '/');
  const needs = /<section class="card " id="needs-you".*?<\/section>/s.exec(body)?.[0] ?? '';
  for (const text of [
    'two looks did not find it',
    'Address of the post out there',
    'Not released',
    'refused',
    'Try again',
    'wants approval',
    'Approve',
    'Reject',
  ])
    expect(needs).toContain(text);
  expect(needs).toContain('action="/do/settle"');
  expect(body).not.toContain('Resume');
});

test('the first start waits, with one button that lets it go', async () => {
  await using context = await openPageContext();
  await context.store.putFact(
    keys.pause,
    { paused: { '*': { since: now, by: 'dripline' } }, resumedAt: {}, isFirstStart: true },
    0,
  );
  const { body } = await showPage(context, '/');
  expect(body).toContain('The first start waits for your word');
  expect(body).toMatch(/action="\/do\/resume"/);
});

test('a post is shown as each network will show it: who, length, card, pictures with their descriptions', async () => {
  await using context = await openPageContext();
  await addHello(context, {
    media: [{ src: 'queue.png', file: '/tmp/queue.png', alt: 'A queue' }],
  });
  await changeAccount(context.store, 'bluesky', (fact) => ({
    ...fact,
    identity: {
      id: 'did:plc:a',
      handle: 'me.example.com',
      url: 'https://bsky.app/profile/me.example.com',
    },
  }));
  const { body } = await showPage(context, '/posts/hello');
  for (const text of [
    '@me.example.com',
    'As X will show it',
    'As Bluesky will show it',
    'As Mastodon will show it',
    'of 280 characters',
    'of 300 characters',
    'of 500 characters',
  ])
    expect(body).toContain(text);
  expect(body).toMatch(/<img\s+src="\/media\/hello\/0"\s+alt="A queue"/);
  expect(body).toContain('<b>ALT</b> A queue');
  expect(body).toContain('<span class="tag">#drip</span>');
});

test('the journal is paged without losing or repeating an entry, even where many have one instant', async () => {
  await using context = await openPageContext();
  const count = 137;
  await context.store.appendJournal(
    Array.from({ length: count }, (_, i) =>
      makeEntry(`e${i}`, {
        at: now - Math.floor(i / 60) * day,
        type: 'notice',
        text: `entry ${i}.`,
      }),
    ),
  );
  const seen: string[] = [];
  let next: string | undefined = '/journal?type=notice';
  while (next) {
    const { body }: { body: string } = await showPage(context, next);
    seen.push(...[...body.matchAll(/entry (\d+)\./g)].map(([, n]) => n ?? ''));
    next = /<a href="([^"]+)" rel="next"/.exec(body)?.[1]?.replaceAll('&amp;', '&');
  }
  expect(seen).toHaveLength(count);
  expect(new Set(seen).size).toBe(count);
});

test('the queue is paged, and its parts are counted', async () => {
  await using context = await openPageContext();
  await context.store.addDeliveries(
    Array.from({ length: 60 }, (_, i) =>
      makeDelivery(`p${i}`, {
        account: 'x',
        network: 'x',
        state: 'queued',
        rank: String(i).padStart(3, '0'),
      }),
    ),
  );
  const first = (await showPage(context, '/queue?show=queued')).body;
  const last = (await showPage(context, '/queue?show=queued&from=50')).body;
  expect(first).toContain('1 to 25 of 60 deliveries');
  expect(first).toContain('row-p0@x');
  expect(last).toContain('51 to 60 of 60 deliveries');
  expect(last).toContain('row-p59@x');
  expect(last).not.toContain('row-p49@x');
});

test('every button says a verb that there is', async () => {
  await using context = await openPageContext();
  await addHello(context);
  const verbs = new Set(commands.map(({ name }) => name));
  for (const path of everyPage) {
    const said = [...(await showPage(context, path)).body.matchAll(/action="\/do\/([^"]+)"/g)].map(
      ([, verb]) => verb ?? '',
    );
    expect([path, said.filter((verb) => !verbs.has(verb))]).toEqual([path, []]);
  }
});

const mongo = inject('mongoUri');
(mongo ? test : test.skip)(
  'every page says the same on MongoDB as on SQLite (needs Java 17 and Maven, or mongod)',
  async () => {
    await using place = await makePlace(mongo);
    await using onMongo = await openPageContext(await place.open());
    await using onSqlite = await openPageContext();
    for (const context of [onMongo, onSqlite]) {
      await addHello(context, {
        followUps: [{ when: 'likes >= 5', as: 'reply', parts: ['More.'] }],
      });
      await addPast(context);
      await learnPace(context);
      await context.store.appendJournal([
        makeEntry('one', {
          at: now - hour,
          type: 'reply',
          delivery: 'hello@x',
          post: 'hello',
          text: 'somebody answered',
        }),
      ]);
    }
    for (const path of everyPage)
      expect([path, (await showPage(onMongo, path)).body]).toEqual([
        path,
        (await showPage(onSqlite, path)).body,
      ]);
  },
);
