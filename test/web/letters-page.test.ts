import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  collectingBatch,
  type LetterBatch,
  madeBatch,
  printedBatch,
  withoutLetters,
} from '../../src/core/people/letters/letter-batch.ts';
import { defaultPeople } from '../../src/core/people/people-settings.ts';
import { changeFact } from '../../src/flow/facts.ts';
import { batchFact } from '../../src/flow/people/letters/batch-facts.ts';
import { openBatchFiles } from '../../src/letters/batch-files.ts';
import { openSequences } from '../../src/sources/sequences/open-sequences.ts';
import { makeDispatch, makeEnrolment, makePerson } from '../store/people-kit.ts';
import { hashOf } from '../flow/people/people-world.ts';
import { now, openPageContext, showPage } from './page-kit.ts';
import { openWeb } from '../../src/web/web-server.ts';
import { openBrowser } from './door-kit.ts';

async function openLetterPages() {
  const context = await openPageContext();
  const folder = mkdtempSync(join(tmpdir(), 'dripline-letter-pages-'));
  mkdirSync(join(folder, 'letters'));
  const time = { days: ['mon'] as const, minutes: 480 };
  const sequences = openSequences({ postsFolder: folder, label: 'posts' });
  const letters = { ...openBatchFiles(join(folder, 'letters')), time };
  const settings = defaultPeople;
  return {
    ...context,
    folder,
    openPeople: async () => ({ settings, sequences, hashOf, letters }),
    put: (batch: LetterBatch) => changeFact(context.store, batchFact(batch.id), () => batch),
    async [Symbol.asyncDispose]() {
      rmSync(folder, { recursive: true, force: true });
      await context[Symbol.asyncDispose]();
    },
  };
}

const letters = ['a', 'b', 'c'].map((id) => `catalogue.one@p-${id}`);
const made = (id = '2026-11-23') => madeBatch(collectingBatch(id, now), { letters, at: now });

test('the page of letters is in the navigation with them, and tells what is to print, taken out and on hold', async () => {
  await using context = await openLetterPages();
  const first = await showPage(context, '/letters');
  expect(first.body).toContain('There is nothing to print.');
  expect(first.body).toContain('href="/letters"');
  const out = withoutLetters(made(), (id) => !id.endsWith('b'), now);
  if (!out) throw new Error('nobody was taken out');
  await context.put(out);
  const printed = printedBatch(made('2026-11-16'), { at: now, by: 'web' });
  if (!printed) throw new Error('it was not printed');
  await context.put(printed);
  await context.store.people.addPerson(makePerson('p-d'));
  const one = makeEnrolment('catalogue', 'p-d');
  const held = { state: 'held', medium: 'letter', reason: '"東" is not in the font' } as const;
  await context.store.people.change({ dispatch: { after: makeDispatch(one, 'one', held) } });
  const { body } = await showPage(context, '/letters');
  expect(body).toMatch(
    /batch-2026-11-23[^]*?>2<[^]*?to print[^]*?Take out page 2 of letters-2026-11-23.pdf[^]*?p-b/,
  );
  expect(body).toContain('href="/letters/2026-11-23.pdf"');
  expect(body).toContain('Printed: 2026-11-23');
  expect(body).not.toContain('Printed: 2026-11-16');
  expect(body).toMatch(/href="\/people\/p-d">catalogue.one@p-d<\/a>: &quot;東&quot; is not/);
});

test('the very files are fetched, nothing else is, and "printed" is said once', async () => {
  await using context = await openLetterPages();
  await context.put(made());
  for (const id of ['p-a', 'p-b', 'p-c']) {
    await context.store.people.addPerson(makePerson(id));
    const sent = { state: 'sent', medium: 'letter', batch: '2026-11-23' } as const;
    const after = makeDispatch(makeEnrolment('catalogue', id), 'one', sent);
    await context.store.people.change({ dispatch: { after } });
  }
  const file = join(context.folder, 'letters', 'letters-2026-11-23');
  writeFileSync(`${file}.pdf`, '%PDF-1.3 one');
  writeFileSync(`${file}.csv`, 'batch,page');
  writeFileSync(join(context.folder, 'secret.pdf'), 'secret');
  await using web = await openWeb(context, { port: 0, host: '127.0.0.1' });
  const browser = openBrowser(web.url);
  const pdf = await browser.get('/letters/2026-11-23.pdf');
  expect([pdf.status, pdf.body, pdf.headers['content-type']]).toEqual([
    200,
    '%PDF-1.3 one',
    'application/pdf',
  ]);
  expect(pdf.headers['content-disposition']).toBe('attachment; filename="letters-2026-11-23.pdf"');
  expect((await browser.get('/letters/2026-11-23.csv')).body).toBe('batch,page');
  for (const path of ['2026-11-16.pdf', '2026-11-23.exe', '..%2fsecret.pdf', 'secret.pdf'])
    expect([path, (await browser.get(`/letters/${path}`)).status]).toEqual([path, 404]);
  const said = await browser.say('letters', ['printed', '2026-11-23'], { back: '/letters' });
  expect(said.body).toContain('3 letters of 2026-11-23 printed');
  expect(said.body).not.toContain('Printed: 2026-11-23');
  expect(said.body).toContain('Undo');
  const again = await browser.say('letters', ['printed', '2026-11-23'], { back: '/letters' });
  expect(again.body).toContain('was printed already');
  const [entry] = await context.store.listJournal({ types: ['printed'] });
  expect(entry).toMatchObject({ by: 'web', data: { batch: '2026-11-23' } });
});

test('what waits after an absence has a card with a button, and it is pressed once', async () => {
  await using context = await openLetterPages();
  const { body: none } = await showPage(context, '/people');
  expect(none).not.toContain('Send them');
  await context.store.putFact(
    'people:backlog',
    { at: now, since: now - 86_400_000, count: 501 },
    0,
  );
  await using web = await openWeb(context, { port: 0, host: '127.0.0.1' });
  const browser = openBrowser(web.url);
  const { body } = await browser.get('/people');
  expect(body).toContain('At least 501 messages to people became due since');
  expect(body).toContain('Send them');
  const said = await browser.say('backlog', ['send'], { back: '/people' });
  expect(said.body).toContain('They go out now, spread over time.');
  expect(said.body).not.toContain('Send them');
});
