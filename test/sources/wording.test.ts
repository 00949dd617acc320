import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openLanguages } from '../../src/core/people/wording/languages.ts';
import { formatProblem } from '../../src/core/problem.ts';
import { readWording } from '../../src/sources/wording/read-wording.ts';
import { wholeLanguage } from './whole-language.ts';

async function read(files: Record<string, string | Buffer>) {
  const folder = mkdtempSync(join(tmpdir(), 'dripline-words-'));
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  try {
    return await readWording({ folder, label: 'config/forms' });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('a whole language is one, and of one that is built in some words may be others', async () => {
  const fr = wholeLanguage((key, text) => `FR ${key} ${text}`);
  const { wordings, problems } = await read({
    'fr.yaml': fr,
    'de.yml': 'formTitle: Mach mit\ninMails: { unsubscribe: Tschüss }\n',
    'readme.txt': 'nothing',
  });
  expect(problems).toEqual([]);
  const languages = openLanguages(wordings);
  expect(languages.all.map(({ lang }) => lang)).toEqual(['en', 'de', 'fr']);
  const french = languages.choose('fr-CA,en;q=0.5');
  expect(french.formTitle).toBe('FR formTitle Sign up');
  expect(french.consent('A $& B')).toContain('“A $& B”');
  expect(french.inMails.reason('Tips')).toBe(
    'FR reason You get this mail since you asked for "Tips".',
  );
  expect(french.confirmation.text).toContain('**{{params.titles}}**');
  expect(french.confirmation.text).toContain('({{link}})');
  const german = languages.of('de-AT');
  expect([german.formTitle, german.send]).toEqual(['Mach mit', 'Anmelden']);
  expect([german.inMails.unsubscribe, german.inMails.reason('x')]).toEqual([
    'Tschüss',
    'Sie erhalten diese Mail, weil Sie sich für „x“ angemeldet haben.',
  ]);
  expect(languages.of('xx').lang).toBe('en');
  expect((await readWording({ folder: '/nowhere', label: 'x' })).wordings).toEqual([]);
});

test('a language with a hole, a wrong variable or a wrong name is not used, and said where', async () => {
  const told = async (name: string, text: string | Buffer) => {
    const { wordings, problems } = await read({ [name]: text });
    return [wordings.length, problems.map(formatProblem).join('\n')];
  };
  const whole = (change: (key: string, text: string) => string) => wholeLanguage(change);
  const same = whole((_, text) => text);
  const cases: [name: string, text: string | Buffer, told: RegExp][] = [
    ['fr.yaml', 'formTitle: x', /config\/forms\/fr\.yaml\S* stopped: is missing: write it in the/],
    ['fr.yaml', same.replace(/^consent: .*/m, 'consent: Oui'), /consent: lacks \{\{titles\}\}/],
    ['fr.yaml', same.replace('{{link}}', 'x'), /confirmation\.text: lacks \{\{link\}\}/],
    ['fr.yaml', same.replace(/^send: .*/m, 'send: "{{name}}"'), /there is no \{\{name\}\}/],
    ['fr.yaml', same.replace(/^send: .*/m, 'send: ""'), /send: is empty/],
    ['de.yaml', 'formTitel: x', /unknown key "formTitel": did you mean "formTitle"\?/],
    ['de.yaml', 'formTitle: [', /de\.yaml/],
    ['french.yaml', same, /french\.yaml is named after no language: name it fr\.yaml/],
    ['de.yaml', Buffer.from([0x61, 0x3a, 0x20, 0xff, 0xfe]), /is not UTF-8/],
    ['de.yaml', `formTitle: ${'x'.repeat(70_000)}`, /is larger than 64 kB/],
  ];
  for (const [name, text, pattern] of cases) {
    const [count, problems] = await told(name, text);
    expect([count, problems]).toEqual([0, expect.stringMatching(pattern)]);
  }
});
