import fc from 'fast-check';
import { expect, test } from 'vitest';
import { toMarkdown } from '../../src/cli/import/import-text.ts';
import { traitsOf } from '../../src/core/network/traits-of.ts';
import { compose } from '../../src/core/post/compose.ts';
import { parsePostFile } from '../../src/sources/folder/post-file.ts';
import { toPlainText } from '../../src/io/markdown/markdown.ts';
import { cpuTime, inputs } from './kit.ts';

function publish(text: string) {
  const names = { accounts: [], queues: [], campaigns: [] };
  const place = { path: 'a.md', file: 'posts/a.md', zone: 'UTC', names };
  const parsed = parsePostFile({ ...place, text, sidecars: [], defaults: [] });
  if (!('post' in parsed)) return { texts: [], problems: parsed.problems.map(({ what }) => what) };
  const { message, problems } = compose({
    post: parsed.post,
    account: { name: 'masto', network: 'mastodon' },
    limits: traitsOf('mastodon').limits,
    campaigns: {},
    mentions: {},
    run: 1,
  });
  return { texts: message.parts.map((part) => part.text), problems };
}

test.each([
  ['See [the docs][d].\n\n[d]: https://e.example/docs', 'See the docs https://e.example/docs.'],
  ['See [docs].\n\n[Docs]: https://e.example/docs', 'See docs https://e.example/docs.'],
  ['See [docs][].\n\n[docs]: <https://e.example/a_b>', 'See docs https://e.example/a_b.'],
  ['It&#8217;s &#x2764; &amp; here', 'It’s ❤ & here'],
  [
    'visit <a href="https://e.example/x">our site</a> now',
    'visit our site https://e.example/x now',
  ],
  ["<A class=b HREF='https://e.example/a_b'>https://e.example/a_b</A>", 'https://e.example/a_b'],
  ['**Sign up: https://e.example/join**', 'Sign up: https://e.example/join'],
  [
    '*See https://e.example/a_b_c*, **https://e.example**',
    'See https://e.example/a_b_c, https://e.example',
  ],
  [
    String.raw`\#launch day, \*not so\*, \_a\_, \[x\](y) and \@b`,
    '#launch day, *not so*, _a_, [x](y) and @b',
  ],
  ['これは**「重要なこと」**です。', 'これは「重要なこと」です。'],
  ['**마크다운(Markdown)**을', '마크다운(Markdown)을'],
  ["**WARNING:**DON'T", "WARNING:DON'T"],
  ['~~old~~ new', 'old new'],
  ['Before <!-- note --> after', 'Before after'],
  ['Look ![p](p.png) here', 'Look here'],
  ['Look at ![p](p.png), nice', 'Look at, nice'],
  ['<p>A &amp; B</p><p>C</p>', 'A & B\n\nC'],
  ['<ul><li>one</li><li>two</li></ul>', '• one\n• two'],
  ['1) one\n2) two', '1) one\n2) two'],
  ['Claim[^1].\n\n[^1]: https://e.example/', 'Claim[^1].\n\n[^1]: https://e.example/'],
  ['| a | b |\n|---|---|\n| 1 | 2 |', '| a | b |\n|---|---|\n| 1 | 2 |'],
  ['{{< ref "x" >}} and [[Note]]', '{{< ref "x" >}} and [[Note]]'],
  [String.raw`Use \{{ user.name }} and \{\{ b }}`, 'Use {{ user.name }} and {{ b }}'],
  ['Use `${{ secrets.TOKEN }}` here', 'Use ${{ secrets.TOKEN }} here'],
  ['```\n{{ title }} **x** \\{{ a_b }} \\*\n```', '{{ title }} **x** \\{{ a_b }} \\*'],
  ['`C:\\` and `a\\*b` `**`', 'C:\\ and a\\*b **'],
])('%s is published as it reads', (text, shown) => {
  expect(publish(text)).toEqual({ texts: [shown], problems: [] });
});

test('the target of a reference link may stand in another part of the thread', () => {
  const { texts } = publish('See [a][1]\n\n---\n\nAnd [b][1]\n\n[1]: https://e.example/');
  expect(texts).toEqual(['See a https://e.example/', 'And b https://e.example/']);
});

test.each(['a_(b)', 'a(b)c', '(a)', 'a_(b_(c))?q=(d)#(e)'])(
  'the target of a reference link may hold brackets: %s',
  (path) => {
    const { texts } = publish(`See [a][1].\n\n[1]: https://e.example/${path}`);
    expect(texts).toEqual([`See a https://e.example/${path}.`]);
  },
);

test.each([
  'constructor',
  'toString',
  '__proto__',
  'params.constructor',
  'params.__proto__',
  'user.name',
])('{{%s}} is an unknown name', (name) => {
  for (const written of [`{{${name}}}`, `{{ ${name} }}`]) {
    const { problems } = publish(`Hello ${written}`);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(/has no value: .*or write \\\{\{/);
  }
});

test.each(['constructor', 'toString', '__proto__', 'hasOwnProperty'])(
  'the key %s is unknown, by its name',
  (name) => {
    const { problems } = publish(`---\n${name}: x\n---\nHello`);
    expect(problems).toEqual([`unknown key "${name}"`]);
  },
);

const cellPieces = [
  '{{',
  '}}',
  '{',
  'title',
  ' ',
  '\\',
  '`',
  '*',
  '#a',
  'https://e.example/a_b',
  '\n',
];
const cells = fc
  .array(fc.constantFrom(...cellPieces, 'x'), { minLength: 1, maxLength: 12 })
  .map((some) => some.join('').trim())
  .filter((text) => text !== '' && !/\n{3}|[ \t]\n/.test(text));
const runs = inputs(1500, 50_000);

test(`${runs} imported cells are published as they stand, braces and all`, () => {
  const toPlain = (markdown: string) => toPlainText(markdown).text;
  fc.assert(
    fc.property(cells, (cell) => {
      const { texts, problems } = publish(`---\ntitle: T\n---\n${toMarkdown(cell, toPlain)}`);
      expect([texts, problems]).toEqual([[cell], []]);
    }),
    { numRuns: runs },
  );
});

const long = inputs(20_000, 60_000);
test.each([
  '**a',
  '~~a',
  '<!--',
  '<a href="',
  '&#8217;',
  '{{',
  '{{a}}',
  '\\{{',
  '[^',
  'https://a.b/**',
  '#a',
  '![[a',
])(`${long} letters of %s are read in time`, (piece) => {
  const text = piece.repeat(long / piece.length);
  const time = (one: string) => {
    const start = cpuTime();
    toPlainText(one);
    return cpuTime() - start;
  };
  const half = time(text.slice(0, long / 2));
  expect(time(text)).toBeLessThan(Math.max(3.5 * half, 2500));
});
