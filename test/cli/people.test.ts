import { copyFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { until } from '../flow/world.ts';
import { ended, openCliWorld, run, serve, start } from './kit.ts';

const consent = 'They ticked "Yes, by mail" at the fair in Cologne on 2026-03-02';

const yaml = `cadence: { perDay: 1, minGap: 1h }
public: { url: https://go.example.com }
mail: { from: hello@shop.example, postalAddress: Weg 1, host: 127.0.0.1, port: 1, tls: "off" }
`;

const files = {
  'posts/welcome/_sequence.yaml': 'start: { form: newsletter }\n',
  'posts/welcome/010-hello.md': '---\nsubject: Hello\n---\nHello.',
};

const list = [
  'E-Mail;Name;City;Timezone',
  'ada@example.org;Ada;London;Europe/London',
  ' Grace@Example.ORG ;Grace;;nowhere',
  'no address;Nobody;;',
  'ada@example.org;Ada again;;',
  '"a@b.example, c@d.example";Two;;',
  'o=hara@x.example;Equals;;',
  '',
].join('\r\n');

test('a list of people is taken in with the consent that somebody states, once, and stops stay', async () => {
  await using world = await openCliWorld({ yaml, files });
  const { folder } = world;
  writeFileSync(join(folder, 'people.csv'), list);
  await using _service = await serve(folder);
  const take = (...more: string[]) =>
    ended(start(folder, ['import', 'people.csv', '--consent', consent, ...more]));
  const none = await ended(start(folder, ['import', 'people.csv', '--consent', 'yes']));
  expect([none.code, none.stderr]).toEqual([2, expect.stringContaining('where and when')]);
  const dry = await take('--dry-run');
  expect(dry.stdout).toContain('3 people would be added, 1 known already');
  expect((await run(folder, 'people')).stdout).toContain('Nobody yet');
  const dryRun = JSON.parse((await take('--dry-run', '--enrol', 'welcome', '--json')).stdout);
  const first = await take('--enrol', 'welcome', '--json');
  expect(first.code).toBe(1);
  const report = JSON.parse(first.stdout);
  expect(report).toMatchObject({ added: 3, known: 1, enrolled: 3 });
  expect(dryRun).toEqual({ ...report, isDry: true });
  expect(report.problems.map(({ where }: { where: string }) => where)).toEqual([
    'people.csv:4',
    'people.csv:6',
  ]);
  const ada = JSON.parse((await run(folder, 'person ada@example.org --json')).stdout);
  expect(ada).toMatchObject({
    fields: { name: 'Ada', city: 'London' },
    zone: 'Europe/London',
    consents: [{ way: 'import', words: consent, from: 'people.csv:2' }],
    enrolments: [{ sequence: 'welcome', state: 'active' }],
  });
  expect((await run(folder, 'pause')).code).toBe(0);
  expect((await run(folder, `stop ${ada.id}`)).stdout).toContain('gets nothing more');
  expect((await run(folder, 'undo')).stdout).toContain('is stopped for everything');
  expect((await run(folder, 'status')).stdout).toContain('paused');
  expect((await run(folder, `stop ${ada.id}`)).code).toBe(0);
  expect((await run(folder, 'resume')).code).toBe(0);
  const again = JSON.parse((await take('--enrol', 'welcome', '--json')).stdout);
  expect(again).toMatchObject({ added: 0, enrolled: 0, stopped: 2 });
  const after = JSON.parse((await run(folder, `person ${ada.id} --json`)).stdout);
  expect(after).toMatchObject({ status: 'stopped', stops: [{ because: 'operator' }] });
  expect(after.consents.length).toBe(1);
  expect((await run(folder, `forget ${ada.id} --yes`)).code).toBe(0);
  const undone = await run(folder, 'undo');
  expect([undone.code, undone.stderr]).toEqual([1, expect.stringMatching(/about a person.*p-/)]);
  const back = JSON.parse((await take('--json')).stdout);
  expect(back).toMatchObject({ added: 0, known: 2, stopped: 2 });
  const gone = await run(folder, 'person ada@example.org');
  expect([gone.code, gone.stderr]).toEqual([1, expect.stringContaining('there is nobody')]);
  expect((await run(folder, 'people nobody-of-this-name')).stdout).toContain('Nobody like that');
  const lost = await run(folder, 'people --sequence welcom');
  expect(lost.stderr).toContain('there is no sequence "welcom": did you mean "welcome"?');

  const sequences = await run(folder, 'sequences welcome');
  expect(sequences.stdout).toContain('hello');
});

test('`check` reads sequences: what is broken, what nothing goes out for, and links that lead nowhere', async () => {
  await using world = await openCliWorld({
    yaml: 'cadence: { perDay: 1, minGap: 1h }',
    files: {
      ...files,
      'posts/welcome/020-more.md': '---\nsubject: More\n---\n[more](javascript:alert(1))',
      'posts/other/_sequence.yaml': 'start: { forms: x }\n',
      'config/forms/fr.yaml': 'send: Envoyer\n',
      'posts/later/_sequence.yaml':
        'start: { reply: GUIDE }\nby: letter\nclicks: off\nleave: clicked or visited("/a*")\n',
      'posts/wordy/_sequence.yaml': 'start: { reply: GUIDE }\nby: [message, mail]\n',
      'posts/wordy/010-long.md': `---\nsubject: A\n---\n${'word '.repeat(60)}`,
      'posts/wordy/020-short.md': '---\nsubject: A\n---\nHello {{person.name | there}}',
      'posts/later/010-a.md': '---\nsubject: A\ncoupon: spring\n---\n{{coupon}}',
    },
  });
  const { code, stdout } = await run(world.folder, 'check --offline');
  expect(code).toBe(1);
  expect(stdout).toContain('posts/welcome/_sequence.yaml is sent by mail, and there is no mail');
  expect(stdout).toContain('note: posts/welcome/_sequence.yaml has 1 form, and no address');
  expect(stdout).toContain(
    'posts/welcome/020-more.md links to "javascript:alert(1)": in a mail only https://, http://',
  );
  expect(stdout).toContain('posts/later/_sequence.yaml is sent by letter, and none are set up');
  expect(stdout).not.toContain('GUIDE');
  expect(stdout).toContain(
    'config/forms/fr.yaml:1:1 stopped: is missing: write it in the language',
  );
  expect(stdout).toContain('posts/later/_sequence.yaml asks for clicks, and they are off');
  expect(stdout).toContain('posts/later/_sequence.yaml asks for visits, and no site tells them');
  expect(stdout).toMatch(/posts\/wordy\/010-long\.md has about 3\d\d characters as a message/);
  expect(stdout).not.toContain('wordy/020-short');
  expect(stdout).toContain('takes a coupon of posts/coupons/spring.csv, which does not exist');
  expect(stdout).toMatch(/posts\/other\/_sequence\.yaml:1:\d+ unknown key "forms"/);
});

test('a list that cannot be read takes in nobody, and without consent it becomes no posts', async () => {
  await using world = await openCliWorld({ yaml, files: { 'posts/a.md': 'Hello' } });
  const { folder } = world;
  await using _service = await serve(folder);
  const latin = Buffer.from(
    'email,name\nada@example.org,Ada\nj@example.org,J\u00fcrgen\n',
    'latin1',
  );
  writeFileSync(join(folder, 'latin.csv'), latin);
  writeFileSync(join(folder, 'posts.csv'), 'email,text\nada@example.org,Hello Ada\n');
  const cases: [args: string[], told: string][] = [
    [['latin.csv', '--consent', consent], 'latin.csv is not UTF-8: save it as "CSV UTF-8"'],
    [['none.csv', '--consent', consent], 'there is no file none.csv: name a CSV file'],
    [['posts', '--consent', consent], 'posts cannot be read (EISDIR): name a CSV file'],
    [['posts.csv', '--enrol', 'welcome'], '--enrol is about people: say with --consent'],
    [['posts.csv', '--consent', consent, '--enrol', 'x'], 'no sequence "x": there are none yet'],
  ];
  for (const [args, told] of cases) {
    const { code, stderr } = await ended(start(folder, ['import', ...args]));
    expect([code === 0, stderr], args.join(' ')).toEqual([false, expect.stringContaining(told)]);
  }
  expect((await run(folder, 'people')).stdout).toContain('Nobody yet');
  expect((await run(folder, 'queue')).stdout).not.toContain('Hello Ada');
});

test('a long list that is killed on its way is taken in by a second run, everybody once', async () => {
  await using world = await openCliWorld({ yaml, files });
  const { folder } = world;
  const [count, every] = [2400, 7];
  const rows = Array.from(
    { length: count },
    (_, i) => `p${i - (i % every === 0 ? 1 : 0)}@x.example,N${i}`,
  );
  writeFileSync(join(folder, 'people.csv'), ['email,name', ...rows, ''].join('\n'));
  const addresses = new Set(rows.map((row) => row.split(',')[0]));
  await using _service = await serve(folder);
  const args = ['import', 'people.csv', '--consent', consent, '--enrol', 'welcome', '--json'];
  const killed = start(folder, args);
  await until('some are there', async () => {
    const { stdout } = await run(folder, 'people --json');
    return JSON.parse(stdout).length > 0;
  });
  killed.kill('SIGKILL');
  const { added, known, enrolled, problems } = JSON.parse(
    (await ended(start(folder, args))).stdout,
  );
  expect([added + known, problems]).toEqual([count, []]);
  expect(enrolled).toBeLessThanOrEqual(addresses.size);
  const [welcome] = JSON.parse((await run(folder, 'sequences --json')).stdout);
  expect(welcome.entered).toBe(addresses.size);
});

test('a list is parted as its first line is, and a row with too many cells is told', async () => {
  await using world = await openCliWorld({ yaml, files });
  const { folder } = world;
  const rows = [
    'name;email;note',
    'Müller, Ada;ada@x.example;one, two',
    'Eve;eve@x.example;a;b',
    'Tab\tIn;tab@x.example;;',
  ];
  writeFileSync(join(folder, 'people.csv'), rows.join('\n'));
  await using _service = await serve(folder);
  const args = ['import', 'people.csv', '--consent', consent, '--json'];
  const { added, problems } = JSON.parse((await ended(start(folder, args))).stdout);
  expect([added, problems.map(({ where }: { where: string }) => where)]).toEqual([
    2,
    ['people.csv:3'],
  ]);
  const ada = JSON.parse((await run(folder, 'person ada@x.example --json')).stdout);
  expect(ada.fields).toEqual({ name: 'Müller, Ada', note: 'one, two' });
});

test('a backup that is put back waits for a word before anything goes to people', async () => {
  await using world = await openCliWorld({ yaml, files });
  const { folder } = world;
  writeFileSync(join(folder, 'people.csv'), 'email\nada@x.example\n');
  {
    await using _service = await serve(folder);
    await ended(start(folder, ['import', 'people.csv', '--consent', consent]));
    expect((await run(folder, 'backup copy.db')).code).toBe(0);
    expect((await run(folder, 'backlog')).stdout).toContain('Nothing waits');
  }
  for (const end of ['', '-wal', '-shm'])
    rmSync(join(folder, `data/dripline.db${end}`), { force: true });
  copyFileSync(join(folder, 'copy.db'), join(folder, 'data/dripline.db'));
  await using _again = await serve(folder);
  await until('it is said', async () =>
    (await run(folder, 'backlog')).stdout.includes('This store is a copy of'),
  );
  expect((await run(folder, 'backlog send')).stdout).toContain('They go out now');
  expect((await run(folder, 'backlog')).stdout).toContain('Nothing waits');
});

test('who agreed to letters alone has no consent for mail', async () => {
  await using world = await openCliWorld({ yaml, files });
  const { folder } = world;
  const heads = 'name,email,street,postcode,city,country';
  const row = 'Ada,ada@x.example,Weg 1,10115,Berlin,DE';
  writeFileSync(join(folder, 'people.csv'), `${heads}\n${row}\n`);
  await using _service = await serve(folder);
  const take = (...more: string[]) =>
    ended(start(folder, ['import', 'people.csv', '--consent', consent, ...more]));
  expect(await take('--by', 'pigeon')).toMatchObject({ code: 2 });
  const media = async () =>
    JSON.parse((await run(folder, 'person ada@x.example --json')).stdout).consents.map(
      ({ medium }: { medium: string }) => medium,
    );
  expect((await take('--by', 'letter')).code).toBe(0);
  expect(await media()).toEqual(['letter']);
  expect((await take()).code).toBe(0);
  expect((await media()).toSorted()).toEqual(['letter', 'mail']);
});
