import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { formatProblem } from '../../src/core/problem.ts';
import { day, hour } from '../../src/core/time.ts';
import { scanFolder } from '../../src/sources/folder/posts-folder.ts';
import { openSequences } from '../../src/sources/sequences/open-sequences.ts';

function openBench(files: Record<string, string | Buffer>) {
  const folder = mkdtempSync(join(tmpdir(), 'dripline-sequences-'));
  const posts = join(folder, 'posts');
  mkdirSync(posts);
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(posts, path)), { recursive: true });
    writeFileSync(join(posts, path), content);
  }
  const read = () => openSequences({ postsFolder: posts, label: 'posts' }).read();
  return { posts, read, [Symbol.dispose]: () => rmSync(folder, { recursive: true }) };
}

const welcome = {
  'welcome/_sequence.yaml': `# everything
title: Welcome
start:
  - form: newsletter
  - reply: GUIDE
  - event: cart.updated
    wait: 4h
again: 90d
goal: bought
leave: replied or score >= 50
holdout: 10%
timing: { windows: ["08:00-18:00"], days: [mon, tue] }
by: [mail, message]
clicks: off
`,
  'welcome/010-hello.md': '---\nsubject: Hello\n---\nHello {{person.name | there}}',
  'welcome/020-first-steps.md':
    '---\nsubject: "Your guide"\nwait: 2d\nwhen: not clicked("hello")\ncoupon: spring\nby: mail\n---\nThe **guide**.',
};

test('a folder with a _sequence.yaml is a sequence, and its files are its steps', async () => {
  using bench = openBench(welcome);
  const { sequences, broken, notes } = await bench.read();
  expect([broken.size, notes]).toEqual([0, []]);
  expect(sequences).toMatchObject([
    {
      id: 'welcome',
      title: 'Welcome',
      start: [
        { by: 'form', form: 'newsletter', waitFor: 0 },
        { by: 'reply', word: 'GUIDE', waitFor: 0 },
        { by: 'event', event: 'cart.updated', waitFor: 4 * hour },
      ],
      again: 90 * day,
      holdout: 0.1,
      timing: { windows: [{ from: 480, to: 1080 }], days: ['mon', 'tue'] },
      by: ['mail', 'message'],
      clicks: 'off',
      steps: [
        { id: 'hello', subject: 'Hello', waitFor: 0, text: 'Hello {{person.name | there}}' },
        { id: 'first-steps', waitFor: 2 * day, coupon: 'spring', by: ['mail'] },
      ],
    },
  ]);
});

test('what is in a sequence is never a public post, however its file is called', async () => {
  for (const name of ['_sequence.yaml', '_sequence.yml', '_Sequence.yaml', 'sequence.yaml']) {
    using bench = openBench({
      [`welcome/${name}`]: 'start: { form: a }',
      'welcome/010-hello.md': 'Hello',
      'welcome/deeper/note.md': 'Deeper',
      'public.md': 'For all',
    });
    const scan = await scanFolder({
      postsFolder: bench.posts,
      mediaFolder: join(bench.posts, '../media'),
      label: 'posts',
      zone: 'UTC',
      names: { accounts: [], queues: [], campaigns: [] },
      marks: new Map(),
      settleFor: 0,
      now: Date.now(),
    });
    expect(
      scan.files.map(({ path }) => path),
      name,
    ).toEqual(['public.md']);
    const { sequences, broken } = await bench.read();
    if (name !== '_sequence.yaml')
      expect([sequences, [...broken.keys()]]).toEqual([[], ['welcome']]);
  }
});

test('what is wrong is told with its place, and everyone in it stays', async () => {
  const cases: [files: Record<string, string | Buffer>, told: RegExp][] = [
    [
      { 'w/_sequence.yaml': 'start: { forms: a }' },
      /_sequence\.yaml:1:\d+ unknown key "forms".*form/,
    ],
    [
      { 'w/_sequence.yaml': 'goal: opened\nstart: { form: a }' },
      /:1:7 goal: .*unknown word "opened"/,
    ],
    [{ 'w/_sequence.yaml': 'start: { form: a }\nholdout: 10' }, /holdout: not a share: write 10%/],
    [{ 'w/_sequence.yaml': 'start: { reply: "two words" }' }, /not a word/],
    [{ 'w/_sequence.yaml': 'title: x' }, /start: .*missing/],
    [{ 'w/_sequence.yaml': 'start: { form: a, event: b }' }, /needs one of form, reply/],
    [{ 'w/_sequence.yaml': 'start: [' }, /_sequence\.yaml:1:/],
    [{ 'w/010-hello.md': 'Hello' }, /010-hello\.md has no subject/],
    [{ 'w/010-hello.md': '---\nsubject: a\nwait: soon\n---\nHello' }, /:3:7 wait: not a duration/],
    [
      { 'w/010-hello.md': '---\nsubject: a\nsubjekt: b\n---\nHello' },
      /unknown key "subjekt".*subject/,
    ],
    [{ 'w/010-hello.md': '---\nsubject: a\n---\n' }, /has no text/],
    [{ 'w/020-a.md': '---\nsubject: a\n---\nOther' }, /is the step "a", as posts\/w\/010-a\.md is/],
    [{ 'w/010-a.md': Buffer.from([0x41, 0xff, 0xfe]) }, /is not UTF-8/],
    [{ 'w/010-grüße.md': '---\nsubject: a\n---\nHello' }, /has a name that no step can have/],
    [{ 'other/w/_sequence.yaml': 'start: { form: a }' }, /has the name of posts\/other\/w/],
  ];
  for (const [files, told] of cases) {
    using bench = openBench({
      'w/_sequence.yaml': 'start: { form: a }',
      'w/010-a.md': '---\nsubject: a\n---\nHello',
      ...files,
    });
    const { broken } = await bench.read();
    const problems = [...broken.values()].flat().map(formatProblem).join('\n');
    expect(problems, JSON.stringify(files)).toMatch(told);
  }
});

test('a step that leads out of the folder is not read, and a draft is no step yet', async () => {
  using bench = openBench({ ...welcome, '../secret.md': 'Secret' });
  symlinkSync('../../secret.md', join(bench.posts, 'welcome/030-secret.md'));
  expect([...(await bench.read()).broken.keys()]).toEqual(['welcome']);
  using other = openBench({ ...welcome, 'welcome/030-later.md': '---\ndraft: true\n---\nLater' });
  expect((await other.read()).sequences[0]?.steps.map(({ id }) => id)).toEqual([
    'hello',
    'first-steps',
  ]);
});

test('what would hold each message, or never be true, is told before anybody enters', async () => {
  const says = async (files: Record<string, string>) => {
    using bench = openBench({ 's/_sequence.yaml': 'start: { form: a }', ...files });
    const { broken, notes } = await bench.read();
    return [...[...broken.values()].flat(), ...notes].map(formatProblem).join('\n');
  };
  const step = (front: string, text = 'Hi') => ({ 's/010-a.md': `---\n${front}\n---\n${text}` });
  const holes: [front: string, text: string, told: RegExp][] = [
    ['subject: "{{persn.name}}"', 'Hi', /s\/010-a\.md there is no variable \{\{persn\.name\}\}: /],
    ['subject: x\npreview: "{{name}}"', 'Hi', /no variable \{\{name\}\}/],
    ['subject: x', 'Hi **{{persn.name | there}}**', /no variable \{\{persn\.name\}\}/],
    ['subject: x', '[a](https://e.example/{{nothing}})', /no variable \{\{nothing\}\}/],
    ['subject: x', '{{params.offer}}', /\{\{params\.offer\}\} has no value: set it under params/],
    [
      'subject: x',
      '[a]({{link}}) {{link}}',
      /\{\{link\}\} has no value: write its address as link:/,
    ],
    ['by: message', 'Here: {{link}}', /\{\{link\}\} has no value: write its address as link:/],
    ['subject: x\nlink: shop.example', 'Hi', /link: not an address: write it in full/],
    ['subject: x\nlink: https://{{person.name}}', 'Hi', /link: not an address/],
    ['subject: x', '{{coupon}}', /\{\{coupon\}\} has no value: name a file of coupons/],
    [
      'subject: x\nwhen: not clicked("nowhere")',
      'Hi',
      /clicked\("nowhere"\), which is no step.* one of a, or/,
    ],
  ];
  for (const [front, text, told] of holes)
    expect(await says(step(front, text)), text).toMatch(told);
  const fine: [front: string, text: string][] = [
    ['subject: "{{person.name | you}}"', 'Hi {{person.first}}, {{params.offer | 10 %}}'],
    ['subject: x\nlink: https://shop.example/?n={{person.name}}', 'Look [here]({{link}})'],
    ['by: message\nlink: https://go.example.com/f/guide', 'Here it is: {{link}}'],
    ['subject: x\nparams: { offer: "10" }', '{{params.offer}} {{coupon | none}} {{unsubscribe}}'],
    ['subject: x\ncoupon: spring', '{{coupon}}'],
    ['subject: x', '`{{anything}}`'],
    [
      'subject: x\nwhen: clicked("010-a") or clicked("/shop*") or clicked("https://e.example")',
      'H',
    ],
  ];
  for (const [front, text] of fine) expect(await says(step(front, text)), text).toBe('');
  const wrong: [yaml: string, told: RegExp][] = [
    ['title: x', /start: is missing: say how people enter: start: \[\{ form: newsletter \}\]/],
    ['start: form', /start: needs one of form, reply and event: write form: newsletter/],
    ['start: [form]', /start\.0: needs one of form/],
    ['start: { form: a }\nby: pigeon', /:2:5 by: "pigeon" is not one of mail/],
    [
      'start: { form: a }\nagain: sometimes',
      /again: neither never nor a time: write never, or 90d/,
    ],
  ];
  for (const [yaml, told] of wrong)
    expect(await says({ ...step('subject: x'), 's/_sequence.yaml': yaml }), yaml).toMatch(told);
});

test('Markdown in a folder inside a sequence is said to be neither step nor post', async () => {
  using bench = openBench({
    ...welcome,
    'welcome/later/030-offer.md': 'Offer',
    'welcome/later/README.md': 'R',
  });
  const { sequences, notes } = await bench.read();
  expect(sequences.map(({ steps }) => steps.length)).toEqual([2]);
  expect(notes.map(formatProblem)).toEqual([
    'posts/welcome/later/030-offer.md lies in a folder inside the sequence welcome, and is neither step nor post: move it to posts/welcome to make it a step',
  ]);
});

test('a step without a link has the one of its sequence, and it is known as that', async () => {
  const all = 'https://shop.example.com/all';
  using bench = openBench({
    'w/_sequence.yaml': `start: { event: fair }\nby: letter\nlink: ${all}\n`,
    'w/010-a.md': '---\nsubject: A\n---\nHello',
    'w/020-b.md': '---\nsubject: B\nlink: https://shop.example.com/b\n---\nHello',
  });
  const [found] = (await bench.read()).sequences;
  expect(found?.steps.map(({ link, isLinkShared }) => [link, isLinkShared])).toEqual([
    [all, true],
    ['https://shop.example.com/b', undefined],
  ]);
});
