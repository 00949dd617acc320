import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ended, openCliWorld, run, serve, start } from './kit.ts';

const yaml = `cadence: { perDay: 1, minGap: 1h }
letters: { sender: "Drip Press, Weg 1, 10115 Berlin", country: DE, batch: "BATCH" }
`;

const files = {
  'posts/welcome/_sequence.yaml': 'start: { event: fair }\nby: letter\n',
  'posts/welcome/010-hello.md': '---\nsubject: Hello\n---\nHello {{person.name | there}}.',
};

const list = `name;street;zip;city;country
Ada Lovelace;12 Long Lane;SW1A 2AA;London;GB
Karl Kurz;${'Lang'.repeat(30)};10115;Berlin;
Max Muster;Weg 2;10115;Berlin;
Xaver Xx;Weg 3;10115;Berlin;XX
`;

test('`check` tries out each letter, and an import refuses what cannot be read through the window', async () => {
  await using world = await openCliWorld({
    yaml: yaml.replace('BATCH', 'mon 08:00'),
    files: { ...files, 'posts/welcome/020-more.md': '---\nsubject: More\n---\n東京 ![x](no.jpg)' },
  });
  const { folder } = world;
  const checked = await run(folder, 'check --offline');
  expect(checked.stdout).toContain(
    'posts/welcome/020-more.md the picture no.jpg is not in the media',
  );
  expect(checked.stdout).not.toContain('010-hello');
  writeFileSync(join(folder, 'people.csv'), list);
  await using _service = await serve(folder);
  const consent = 'Order form of the fair in Leipzig, in March';
  const taken = await ended(
    start(folder, ['import', 'people.csv', '--consent', consent, '--enrol', 'welcome']),
  );
  expect(taken.stdout).toContain('people.csv:3 line 2 of the address is too wide for the window');
  expect(taken.stdout).toContain('people.csv:5 "XX" is not a country: write its two letters');
  expect(taken.stdout).toContain('2 people added');
  const [max] = JSON.parse((await run(folder, 'people Max --json')).stdout);
  expect(max.addresses).toEqual([
    {
      medium: 'letter',
      lines: ['Max Muster', 'Weg 2'],
      postcode: '10115',
      city: 'Berlin',
      country: 'DE',
    },
  ]);
  const person = JSON.parse((await run(folder, `person ${max.id} --json`)).stdout);
  expect(person.consents).toMatchObject([{ medium: 'letter', words: consent }]);
  const exported = JSON.parse((await run(folder, `export --person ${max.id}`)).stdout);
  expect(exported).toMatchObject({
    id: max.id,
    fields: { name: 'Max Muster' },
    consents: [{ medium: 'letter', words: consent, from: 'people.csv:4' }],
    enrolments: [{ sequence: 'welcome' }],
    coupons: [],
    messages: [],
    stops: [],
  });
  expect(JSON.stringify(exported)).not.toContain('"hash"');
  const all = (await run(folder, 'export --people')).stdout.trim().split('\n');
  const names = all.map((line) => JSON.parse(line).fields.name);
  expect(names.sort()).toEqual(['Ada Lovelace', 'Max Muster']);
  expect((await run(folder, 'export --people out.jsonl')).stdout).toContain('was written to');
  const nobody = await run(folder, 'export --person p-none');
  expect([nobody.code, nobody.stderr]).toEqual([1, expect.stringContaining('there is nobody')]);
  expect((await run(folder, 'letters')).stdout).toMatch(/\d letters? waiting/);
  const wrong = await run(folder, 'letters printed 2026-01-05');
  expect([wrong.code, wrong.stderr]).toEqual([1, expect.stringContaining('there is no batch')]);
  expect((await run(folder, 'letters print x')).code).toBe(2);
  expect(existsSync(join(folder, 'data/letters'))).toBe(false);
});

test('`check` as the very first command makes no data folder and no key', async () => {
  await using world = await openCliWorld({
    yaml: `${yaml.replace('BATCH', 'mon 08:00')}public: { url: https://go.example.com }\n`,
    files,
  });
  const { stdout, stderr } = await run(world.folder, 'check --offline');
  expect(stdout + stderr).not.toMatch(/cannot be written|token\.key/);
  expect(stdout).toMatch(/\d posts?, /);
  expect(existsSync(join(world.folder, 'data'))).toBe(false);
});

test('`check` names the person whose address does not fit, however it got into the store', async () => {
  const plain = yaml.replace(/letters:.*\n/, '');
  await using world = await openCliWorld({ yaml: plain, files });
  const { folder } = world;
  const long = `name,street,zip,city,country\nKarl Kurz,${'Lang'.repeat(30)},10115,Berlin,DE\n`;
  writeFileSync(join(folder, 'people.csv'), long);
  await using _service = await serve(folder);
  const consent = 'Order form of the fair in Leipzig, in March';
  const line = ['import', 'people.csv', '--consent', consent, '--enrol', 'welcome'];
  expect((await ended(start(folder, line))).stdout).toContain('1 person added');
  const [karl] = JSON.parse((await run(folder, 'people Karl --json')).stdout);
  const config = join(folder, 'config/dripline.yaml');
  const letters = 'letters: { sender: "Drip Press, Weg 1, 10115 Berlin", country: DE }\n';
  writeFileSync(config, `${readFileSync(config, 'utf8')}\n${letters}`);
  const { code, stdout } = await run(folder, 'check --offline');
  expect(code).toBe(1);
  expect(stdout).toContain(`person ${karl.id} line 2 of the address is too wide for the window`);
  expect(stdout).not.toContain('LangLang');
});
