import { expect, test } from 'vitest';
import { commands } from '../../src/commands/all-commands.ts';
import { entrySentence, entryTitle } from '../../src/commands/journal-words.ts';
import { entryTypes, type JournalEntry } from '../../src/core/journal.ts';
import { openPageContext, now, showPage } from '../web/page-kit.ts';

test('each type of entry has a title and a sentence of its own, without words of the code', () => {
  const titles = entryTypes.map(entryTitle);
  const sentences = entryTypes.map((type) => entrySentence({ type }));
  for (const all of [titles, sentences]) expect(new Set(all).size).toBe(entryTypes.length);
  for (const text of [...titles, ...sentences]) {
    expect(text).toMatch(/^[A-Z][\w’ .-]+$/);
    expect(text).not.toMatch(/\b(intent|paced|ingest\w*|released?|reconciled|claim|settle)\b/i);
  }
  expect(sentences.every((text) => text.split(' ').length >= 3)).toBe(true);
});

test('wherever people read the journal, no entry is a word of the code', async () => {
  await using context = await openPageContext();
  const entries = entryTypes.map(
    (type, i) => ({ id: type, at: now - i * 1000, type, by: 'dripline' }) as JournalEntry,
  );
  await context.store.appendJournal(entries);
  const verb = commands.find(({ name }) => name === 'journal');
  const told = (await verb?.run(context, { args: [], options: {} }))?.text ?? '';
  const page = (await showPage(context, '/journal')).body;
  const overview = (await showPage(context, '/')).body;
  for (const type of entryTypes) {
    expect(told).toContain(entrySentence({ type }));
    expect(page).toContain(`>${entryTitle(type)}</option>`);
    expect(page).toContain(entrySentence({ type }));
  }
  const isCode = new RegExp(`>\\s*(${entryTypes.join('|')})\\s*<`);
  for (const body of [page, overview]) expect(body).not.toMatch(isCode);
});
