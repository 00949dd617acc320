import { expect, inject, test } from 'vitest';
import { commands } from '../../src/commands/all-commands.ts';
import { day, hour } from '../../src/core/time.ts';
import { learnPace } from '../../src/flow/plan/weekly-lesson.ts';
import { liveScript } from '../../src/web/parts/live-script.ts';
import { style } from '../../src/web/styles/stylesheet.ts';
import { makeDelivery, makeEntry, makePlace } from '../store/kit.ts';
import { addHello, addPast, everyPage, now, openPageContext, showPage } from './page-kit.ts';

test('every page is there when there is nothing at all, and says what to do', async () => {
  await using context = await openPageContext();
  for (const path of everyPage.filter((path) => !path.startsWith('/posts/'))) {
    const { status, body } = await showPage(context, path);
    expect([path, status]).toEqual([path, 200]);
    expect(body).toContain('<main id="main"');
  }
  expect((await showPage(context, '/')).body).toContain(
    'Put a Markdown file into the posts folder',
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
  expect(liveScript.length).toBeLessThan(3072);
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
  expect(first).toContain('1 to 25 of 60 posts');
  expect(first).toContain('row-p0@x');
  expect(last).toContain('51 to 60 of 60 posts');
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
    // Each showing of a form has a ticket of its own.
    const shown = async (context: typeof onMongo, path: string) =>
      (await showPage(context, path)).body.replace(/(?<=name="ticket" value=")[^"]+/, '');
    for (const path of everyPage)
      expect([path, await shown(onMongo, path)]).toEqual([path, await shown(onSqlite, path)]);
  },
);
