import { commands } from '../../src/commands/all-commands.ts';
import { previewOf } from '../../src/web/composer/compose-view.ts';
import { expect, test } from 'vitest';
import { hour } from '../../src/core/time.ts';
import { feeds } from '../../src/commands/verbs/feeds.ts';
import { changeAccount, changeFact, pauseFact, problemsFact } from '../../src/flow/facts.ts';
import { feedFact } from '../../src/flow/ingest/look-at-feed.ts';
import { makeDelivery, makeEntry } from '../store/kit.ts';
import { addHello, everyPage, now, openPageContext, settings, showPage } from './page-kit.ts';

test('what needs a person is first, with the buttons that settle it', async () => {
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
    'URL of the post on X',
    'It was not published',
    'refused',
    'Try again',
    'needs approval',
    'Approve',
    'Reject',
  ])
    expect(needs).toContain(text);
  expect(needs).toContain('action="/do/settle"');
  expect(body).not.toContain('Resume');
});

test('the first start waits, with one button that starts posting', async () => {
  await using context = await openPageContext();
  await context.store.putFact(
    pauseFact.key,
    { paused: { '*': { since: now, by: 'dripline' } }, resumedAt: {}, isFirstStart: true },
    0,
  );
  const { body } = await showPage(context, '/');
  expect(body).toContain('Waiting for your go-ahead');
  expect(body).toMatch(/action="\/do\/resume"/);
  expect(body).toContain('Start posting');
  expect(body).not.toContain('dripline resume');
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

const evil = '<script>alert(1)</script><img src=x onerror=alert(2)>"\'';

test('a feed that is held is answered for on its page, as by the verb', async () => {
  await using context = await openPageContext();
  const url = 'https://example.com/feed.xml';
  const state = { seen: ['a'], isKnown: true, failures: 0, checkedAt: now };
  await expect(feeds.run(context, { args: [], options: { post: url } })).rejects.toThrow(
    'is not held: there is nothing to post',
  );
  await changeFact(context.store, feedFact(url), () => ({ ...state, held: { count: 9, of: 10 } }));
  const shown = await showPage(context, '/accounts');
  expect(shown.body).toContain('9 of 10 items are new at once');
  expect(shown.body.match(/name="opt-(post|skip)" value="[^"]+"/g)).toEqual([
    `name="opt-post" value="${url}"`,
    `name="opt-skip" value="${url}"`,
  ]);
  await expect(feeds.run(context, { args: [], options: { skip: `${url}s` } })).rejects.toThrow(
    'there is no feed',
  );
  const { text } = await feeds.run(context, { args: [], options: { skip: url } });
  expect(text).toContain(`9 items of ${url} will be taken for known, and not posted`);
  const after = await showPage(context, '/accounts');
  expect(after.body).toContain('At its next check they are taken for known');
  expect(after.body).not.toContain('opt-post');
});

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
  await changeFact(store, feedFact('https://example.com/feed.xml'), () => ({
    seen: [evil],
    isKnown: true,
    failures: 1,
    error: evil,
  }));
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
  await changeFact(store, problemsFact, () => ({
    'a.md': [{ severity: 'error' as const, where: evil, what: evil }],
  }));
  for (const path of [
    ...everyPage,
    '/posts/gone',
    `/journal?post=${encodeURIComponent(evil)}`,
    `/queue?account=${encodeURIComponent(evil)}`,
  ]) {
    const { body } = await showPage(context, path);
    const own = body.replace(/<script src="\/(live|write).js" defer><\/script>/, '');
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

test.each([
  [50, undefined],
  [51, 'These are the first 50 parts. 1 more is not shown.'],
  [5000, 'These are the first 50 parts. 4,950 more are not shown.'],
])(
  'the preview of a thread of %i parts shows 50 at most, and says how many more',
  async (count, told) => {
    await using context = await openPageContext();
    const files = await context.openFiles?.();
    const text = Array.from({ length: count }, (_, i) => `p${i}`).join('\n\n---\n\n');
    const page = files && String(await previewOf(context, files, { path: 'drafts/a.md', text }));
    expect(page?.match(/class="part"/g)).toHaveLength(3 * 50);
    if (told === undefined) expect(page).not.toContain('not shown');
    else expect(page?.split(told)).toHaveLength(4);
    expect(page?.includes('has 5,000 parts, and 500 are the most')).toBe(count === 5000);
  },
);

test.each([
  [undefined, '2 hours', ['2h'], ''],
  [2160, '1 day (40 seconds)', ['1 day'], 'that is in 40 seconds'],
  [2160, '1 week (about 5 minutes)', ['1 week'], 'that is in about 5 minutes'],
])(
  'on a clock of speed %s a pause of %s is offered, and what is left of it is told',
  async (speed, label, args, left) => {
    await using open = await openPageContext();
    const context = speed === undefined ? open : { ...open, clock: { ...open.clock, speed } };
    expect((await showPage(context, '/')).body.replaceAll(/\s+/g, ' ')).toContain(`> ${label} <`);
    const said = await commands
      .find(({ name }) => name === 'pause')
      ?.run(context, { args, options: {} });
    const page = (await showPage(context, '/')).body;
    for (const text of [said?.text ?? '', page]) {
      if (left === '') expect(text).not.toContain('clock is fast');
      else expect(text).toContain(left);
    }
  },
);
