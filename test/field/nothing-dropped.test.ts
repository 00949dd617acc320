import { expect, test } from 'vitest';
import { parsePostFile } from '../../src/sources/folder/post-file.ts';
import { toPlainText } from '../../src/io/markdown/markdown.ts';
import { hashPost } from '../../src/sources/post-identity.ts';

type Sidecars = Parameters<typeof parsePostFile>[0]['sidecars'];

function parse(text: string, sidecars: Sidecars = []) {
  const names = { accounts: [], queues: [], campaigns: [] };
  const place = { path: 'a.md', file: 'posts/a.md', zone: 'UTC', names, defaults: [] };
  return parsePostFile({ ...place, text, sidecars });
}

const told = (parsed: ReturnType<typeof parse>) =>
  ('problems' in parsed ? parsed.problems : parsed.notes).map(
    ({ where, what, hint = '', severity }) => `${severity} ${where} ${what}: ${hint}`,
  );

const own = '![c](chart.png)';
const followUp = (text: string) => `followUps:\n  - { when: likes >= 2, text: "${text}" }`;
const lost = 'error posts/a.md:';

test.each([
  ['x: { text: "Hi ![c](chart.png)" }', `${lost}2:12 chart.png is not a picture of the post`],
  ['mastodon.text: "![c](chart.png)"', `${lost}2:16 chart.png is not a picture of the post`],
  [followUp(own), `${lost}3:30 chart.png cannot be published from the text of a follow-up`],
  [
    `followUps:\n  - { when: likes >= 2, text: a, followUps: [{ when: likes >= 3, text: "${own}" }] }`,
    'chart.png cannot be published from the text of a follow-up',
  ],
  [
    `evergreen: { every: 60d, variants: ["Hi ${own}"] }`,
    `${lost}2:37 chart.png cannot be published from the text of a variant`,
  ],
])('a picture in %s alone is an error that says what to do', (front, wanted) => {
  const [problem = '', ...others] = told(parse(`---\n${front}\n---\nOne`));
  expect(others).toEqual([]);
  expect(problem.replace(':31 ', ':30 ')).toContain(wanted);
  expect(problem).toMatch(/: (?:list it under media|put text and picture|each run has)/);
});

test.each([{ network: 'bluesky' }, { account: 'main' }] as const)(
  'a picture in the file for %o alone is an error of that file, and one of the post is not',
  (audience) => {
    const sidecars: Sidecars = [{ audience, file: 'posts/a.b.md', text: `Two ${own}` }];
    expect(told(parse('One', sidecars))).toEqual([
      'error posts/a.b.md:1:1 chart.png is not a picture of the post: ' +
        'list it under media, or write it into the text of the post',
    ]);
    expect(told(parse(`One ${own}`, sidecars))).toEqual([]);
    expect(told(parse('---\nmedia: chart.png\n---\nOne', sidecars))).toEqual([]);
  },
);

test('a picture that moves to another part is an edit', () => {
  const hashOf = (text: string) => {
    const parsed = parse(text);
    if (!('post' in parsed)) throw new Error(told(parsed).join('\n'));
    const media = parsed.media.map(({ where: _where, ...one }) => ({ ...one, file: '/c' }));
    return hashPost({ ...parsed.post, media }, ['same']);
  };
  expect(hashOf(`One ${own}\n\n---\n\nTwo`)).not.toBe(hashOf(`One\n\n---\n\nTwo ${own}`));
});

const unshown = [
  ['a table', 'Text\n\n| a | b |\n|---|:-:|\n| 1 | 2 |', '4:1'],
  ['a footnote', 'Claim[^1]\n\n[^1]: https://example.com', '1:6'],
  ['a shortcode', 'See {{< youtube abc >}}', '1:5'],
  ['a shortcode', 'See {{% note %}}', '1:5'],
  ['a callout', '> [!NOTE]\n> Text', '1:1'],
  ['a task list', '- [ ] one\n- [x] two', '1:1'],
  ['a highlight', 'It is ==new==.', '1:7'],
  ['a link between notes', 'See [[Other note]]', '1:5'],
  ['a container', 'Text\n\n::: warning\nHey\n:::', '3:1'],
  ['an attribute list', '[x](https://example.com){target=_blank}', '1:25'],
  ['an attribute list', 'Text\n{: .lead}', '2:1'],
  ['a Liquid tag', 'See {% include a.html %}', '1:5'],
  ['a reference link without its target', 'See [this][1]\n\n[2]: https://e.example/', '1:5'],
  ['a reference link without its target', 'See [this][]', '1:5'],
  ['a link that leads to no public address', 'See [this](/about)', '1:5'],
  ['a link that leads to no public address', 'See [this](../other.md)', '1:5'],
  ['a link that leads to no public address', 'See [this](javascript:void)', '1:5'],
  ['a comment of Obsidian', 'Text %%internal%%', '1:6'],
] as const;

test.each(unshown)('%s is published as it is written, with a note: %s', (what, text, at) => {
  const notes = told(parse(text));
  expect(notes).toHaveLength(1);
  expect(notes[0]).toContain(`note posts/a.md:${at} ${what} is published as it is written`);
  const audience = { network: 'x' } as const;
  expect(told(parse('One', [{ audience, file: 'posts/a.x.md', text }]))).toEqual(
    notes.map((one) => one.replace('a.md', 'a.x.md')),
  );
  expect(told(parse(`~~~\n${text}\n~~~`))).toEqual([]);
});

test.each([
  'See [this][1] and [That][].\n\n[1]: https://e.example/a_(b)\n[that]: https://e.example/',
  '[a](https://e.example/) [b](mailto:a@e.example) [c]({{link}}) [d](<https://e.example/a b>)',
  'a[0][1] and {not an attribute} and :: this',
  'a == b and c == d',
  'Text\n\n---\n\nMore',
  '`[[x]]` `==y==`',
  'a | b',
  '100%% sure',
])('%o gets no note', (text) => {
  expect(told(parse(text))).toEqual([]);
});

test.each([
  ['これは*「重要」*です。', 'これは「重要」です。'],
  ['这是*“重要”*的', '这是“重要”的'],
  ['*마크다운(Markdown)*을', '마크다운(Markdown)을'],
  ['これは***「重要」***です', 'これは「重要」です'],
  ['価格*は税込*(送料別)', '価格は税込(送料別)'],
  ['価格*(税込)と送料*は', '価格*(税込)と送料*は'],
  ['価格*は税込', '価格*は税込'],
  ['これは\\*「重要」\\*です', 'これは*「重要」*です'],
  ['a * b * c', 'a * b * c'],
])('beside Chinese, Japanese and Korean signs %s is read as %s', (written, plain) => {
  expect(toPlainText(written).text).toBe(plain);
});
