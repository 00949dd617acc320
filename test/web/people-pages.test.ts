import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, inject, test } from 'vitest';
import { commands } from '../../src/commands/all-commands.ts';
import { defaultPeople } from '../../src/core/people/people-settings.ts';
import { openSequences } from '../../src/sources/sequences/open-sequences.ts';
import type { Store } from '../../src/ports/store.ts';
import { openMemoryStore } from '../../src/store/memory-store.ts';
import { makePlace } from '../store/kit.ts';
import { makeConsent, makeEnrolment, makePerson } from '../store/people-kit.ts';
import { hashOf } from '../flow/people/people-world.ts';
import { now, openPageContext, type PageContext, showPage } from './page-kit.ts';
import { addPeople, brokenFiles, welcomeFiles } from './people-past.ts';

type Files = Record<string, string>;

async function openPeoplePages(files: Files = {}, store: Store = openMemoryStore()) {
  const context = await openPageContext(store);
  const folder = mkdtempSync(join(tmpdir(), 'dripline-people-pages-'));
  for (const [path, text] of Object.entries({ 'posts/.keep': '', ...files })) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const postsFolder = join(folder, 'posts');
  const sequences = openSequences({ postsFolder, label: 'posts' });
  const withPeople: PageContext = {
    ...context,
    openPeople: async () => ({ settings: defaultPeople, sequences, hashOf }),
    async [Symbol.asyncDispose]() {
      rmSync(folder, { recursive: true, force: true });
      await context[Symbol.asyncDispose]();
    },
  };
  return withPeople;
}

const paths = ['/people', '/people/p-ada', '/people/p-eve', '/sequences', '/sequences/welcome'];

test('without sequences and people the navigation has neither, and the pages say what to do', async () => {
  await using context = await openPeoplePages();
  const { body } = await showPage(context, '/');
  expect(body).not.toContain('href="/people"');
  expect(body).not.toContain('href="/sequences"');
  expect((await showPage(context, '/people')).body).toContain('import people.csv --consent');
  expect((await showPage(context, '/sequences')).body).toContain('_sequence.yaml');
  expect((await showPage(context, '/people/p-none')).status).toBe(404);
  expect((await showPage(context, '/sequences/none')).status).toBe(404);
});

test('one sequence, or one person, and the navigation has both', async () => {
  for (const files of [welcomeFiles, brokenFiles, undefined]) {
    await using context = await openPeoplePages(files);
    if (!files) await context.store.people.addPerson(makePerson('p-ada'));
    const { body } = await showPage(context, '/');
    expect(body).toContain('href="/people"');
    expect(body).toContain('href="/sequences"');
  }
});

test('the page of a person says what is kept, and why the next step comes when it does', async () => {
  await using context = await openPeoplePages(welcomeFiles);
  await addPeople(context.store, now);
  const { body } = await showPage(context, '/people/p-ada');
  for (const part of [
    'Name of p-ada',
    'p-ada@example.com',
    'Yes, send me the &lt;guide&gt; &amp; three mails.',
    'https://acme.example/guide',
    'Not confirmed yet',
    'Last step: hello',
    'Next: <b>First steps</b> if <code>not (clicked(&quot;hello&quot;) or bought)',
    '2 days after the step before it, in its hours',
    'the answer was lost',
    'is not sent again by itself',
    '{{coupon}} has no value',
    'https://acme.example/pricing?x=1&amp;y=2',
    'Which &lt;size&gt;?',
    'This erases p-ada',
  ])
    expect(body).toContain(part);
  for (const verb of ['stop', 'take', 'won', 'lost', 'forget'])
    expect(body).toContain(`action="/do/${verb}"`);
  const eve = (await showPage(context, '/people/p-eve')).body;
  expect(eve).not.toContain('action="/do/enrol"');
  expect(eve).not.toContain('<b>Eve</b>');
  expect((await showPage(context, '/people/p-gone')).body).toContain('On hold: its sequence is');
});

test('a list has no more of a person than is needed', async () => {
  await using context = await openPeoplePages(welcomeFiles);
  await addPeople(context.store, now);
  const { body } = await showPage(context, '/people');
  expect(body).toContain('p-ada@example.com');
  expect(body).not.toMatch(/guide&gt;|pricing|Which/);
});

test('the people are paged forth and back, without losing or repeating one', async () => {
  await using context = await openPeoplePages();
  // Several have one instant.
  for (let i = 0; i < 137; i += 1)
    await context.store.people.addPerson(
      makePerson(`p-${String(i).padStart(3, '0')}`, { createdAt: now - Math.floor(i / 60) }),
    );
  const idsAt = (body: string) => [...body.matchAll(/id="row-(p-\d+)"/g)].map(([, id]) => id ?? '');
  const turn = async (from: string | undefined, rel: string) => {
    const pages: string[][] = [];
    let next = from;
    let last = from;
    while (next) {
      const { body }: { body: string } = await showPage(context, next);
      pages.push(idsAt(body));
      last = next;
      const found = new RegExp(`<a href="([^"]+)" rel="${rel}"`).exec(body)?.[1];
      next = found?.replaceAll('&amp;', '&');
    }
    return { pages, last };
  };
  const forth = await turn('/people?status=active', 'next');
  expect(new Set(forth.pages.flat()).size).toBe(137);
  expect(forth.pages.flat()).toHaveLength(137);
  const back = await turn(forth.last, 'prev');
  expect(back.pages.toReversed()).toEqual(forth.pages);
  for (const strange of ['x', '1_', '_p', '%00', '9'.repeat(3000), '1_p '.repeat(2000)])
    expect((await showPage(context, `/people?after=${strange}`)).status).toBe(200);
});

test('search, status and sequence choose, and no one is said to match where no one does', async () => {
  await using context = await openPeoplePages(welcomeFiles);
  await addPeople(context.store, now);
  const rows = async (query: string) =>
    [...(await showPage(context, `/people?${query}`)).body.matchAll(/id="row-([^"]+)"/g)].map(
      ([, id]) => id,
    );
  expect(await rows('text=P-ADA')).toEqual(['p-ada']);
  expect(await rows('status=handed-over')).toEqual(['p-bob']);
  expect((await rows('sequence=welcome')).toSorted()).toEqual(['p-ada', 'p-eve']);
  expect((await rows('status=nonsense')).length).toBe(8);
  const none = await showPage(context, '/people?text=zzz');
  expect(none.body).toContain('No one matches');
});

test('sequences have their figures, their steps from top to bottom, and what is on hold', async () => {
  await using context = await openPeoplePages({ ...welcomeFiles, ...brokenFiles });
  await addPeople(context.store, now);
  const all = (await showPage(context, '/sequences')).body;
  expect(all).toContain('Messages: 1 on hold, 1 uncertain.');
  expect(all).toContain('Holdout: 1 person gets nothing. There are too few people to tell');
  expect(all).toMatch(/id="held-broken"[^]*posts\/broken\/_sequence\.yaml:\d+:\d+/);
  expect(all).toMatch(/id="held-summer"[^]*1 person is on hold[^]*folder is gone/);
  const one = (await showPage(context, '/sequences/welcome')).body.replaceAll(/\s+/g, ' ');
  const parts = [
    'by the form “newsletter”; by the event “cart.updated”, unless the goal is reached within 4 hours',
    'At once after entering',
    'Your guide',
    '1 sent',
    '2 days after the step before it',
    'not (clicked(&quot;hello&quot;) or bought) and age &gt;= 1d',
    '1 uncertain',
    '3 days after the step before it',
    '1 on hold',
    '<code>bought</code>',
    '<code>replied or score &gt;= 50</code>',
  ];
  const places = parts.map((part) => one.indexOf(part));
  expect(parts.filter((_, i) => (places[i] ?? -1) < 0)).toEqual([]);
  expect(places).toEqual(places.toSorted((a, b) => a - b));
  for (const held of ['broken', 'summer'])
    expect((await showPage(context, `/sequences/${held}`)).body).toContain(`id="held-${held}"`);
});

test('the difference to the holdout is said with its interval, once there are enough', async () => {
  await using context = await openPeoplePages(welcomeFiles);
  const { people } = context.store;
  for (let i = 0; i < 80; i += 1) {
    await people.addPerson(makePerson(`p-${i}`));
    const isHoldout = i % 2 === 0;
    const state = !isHoldout && i % 4 === 1 ? 'reached' : 'finished';
    await people.addEnrolment(makeEnrolment('welcome', `p-${i}`, { isHoldout, state }));
  }
  const { body } = await showPage(context, '/sequences/welcome');
  expect(body.replaceAll(/\s+/g, ' ')).toMatch(
    /<b>50 percentage points<\/b> \(95 %: [\d.]+ to [\d.]+\)\./,
  );
});

test('every button about people says a verb that there is', async () => {
  await using context = await openPeoplePages(welcomeFiles);
  await addPeople(context.store, now);
  const verbs = new Set(commands.map(({ name }) => name));
  for (const path of [...paths, '/people/p-bob', '/people/p-gone']) {
    const { body } = await showPage(context, path);
    expect(body).not.toMatch(/\bundefined\b|\bNaN\b|\[object /);
    const said = [...body.matchAll(/action="\/do\/([^"]+)"/g)].map(([, verb]) => verb ?? '');
    expect(said.filter((verb) => !verbs.has(verb))).toEqual([]);
  }
});

test('a person is stopped in a sequence whose folder is gone', async () => {
  await using context = await openPeoplePages(welcomeFiles);
  await addPeople(context.store, now);
  const stop = commands.find(({ name }) => name === 'stop');
  await context.store.people.addConsents([makeConsent('c9', 'p-gone')]);
  await stop?.run(context, { args: ['p-gone', 'summer'], options: {} });
  const [left] = await context.store.people.listEnrolments({ person: 'p-gone' });
  expect(left?.state).toBe('stopped');
  await expect(stop?.run(context, { args: ['p-gone', 'spring'], options: {} })).rejects.toThrow(
    'there is no sequence "spring"',
  );
});

const mongo = inject('mongoUri');
(mongo ? test : test.skip)(
  'the pages of people say the same on MongoDB as on SQLite (needs Java 17 and Maven, or mongod)',
  async () => {
    await using place = await makePlace(mongo);
    await using onMongo = await openPeoplePages(welcomeFiles, await place.open());
    await using onSqlite = await openPeoplePages(welcomeFiles);
    for (const { store } of [onMongo, onSqlite]) await addPeople(store, now);
    for (const path of paths)
      expect([path, (await showPage(onMongo, path)).body]).toEqual([
        path,
        (await showPage(onSqlite, path)).body,
      ]);
  },
);
