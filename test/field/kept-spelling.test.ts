import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parsePostFile } from '../../src/sources/folder/post-file.ts';
import { idOfFile } from '../../src/sources/post-identity.ts';
import { names } from '../sources/flow-kit.ts';
import { inputs } from './kit.ts';

const parse = (text: string, defaults: string[] = [], path = 'a.md') =>
  parsePostFile({
    path,
    file: `posts/${path}`,
    text,
    sidecars: [],
    defaults: defaults.map((one) => ({ file: 'posts/_defaults.yaml', text: one })),
    zone: 'Europe/Berlin',
    names,
  });
function postOf(found: ReturnType<typeof parse>) {
  if ('problems' in found) throw new Error(JSON.stringify(found.problems));
  return found.post;
}
const problemsOf = (found: ReturnType<typeof parse>) =>
  ('problems' in found ? found.problems : found.notes).map(
    ({ where, what, hint }) => `${where} ${what}: ${hint}`,
  );

const spelling = fc.oneof(
  fc.constantFrom('1.10', '007', '0x1F', '0o17', '1e5', '12345678901234567890', '.5', '+7', 'True'),
  fc.tuple(fc.nat(99), fc.nat(999)).map(([a, b]) => `${a}.${b}0`),
);
const runs = inputs(200, 3000);

test(`what is a text keeps the spelling of the file, in ${runs} values`, () => {
  fc.assert(
    fc.property(spelling, (value) => {
      const post = postOf(
        parse(
          `---\ntitle: ${value} # a comment\nx: { text: ${value} }\nbluesky.text: ${value}\n` +
            `hashtags: [t${value.replace(/\W/g, '')}]\nparams: { weight: ${value}, ${value}: b }\ncw: ${value}\n` +
            `evergreen: { every: 30d, variants: [${value}] }\n` +
            `followUps: [{ when: likes >= 1, text: ${value} }]\n---\nBody`,
          [`params: { card: ${value} }`],
        ),
      );
      expect(post).toMatchObject({
        title: value,
        cw: value,
        hashtags: [`t${value.replace(/\W/g, '')}`],
        overrides: { x: { parts: [value] }, bluesky: { parts: [value] } },
        evergreen: { variants: [value] },
        followUps: [{ parts: [value] }],
      });
      expect(post.params).toEqual({ card: value, weight: value, [value]: 'b' });
    }),
    { numRuns: runs },
  );
});

test('numbers and switches are still read as such', () => {
  const front = 'weight: 0x10\ndraft: true\ncard: false\nx.skip: true\nid: 007';
  expect(
    postOf(parse(`---\n${front}\nevergreen.times: 3\nevergreen.every: 9d\n---\nA`)),
  ).toMatchObject({
    weight: 16,
    draft: true,
    card: false,
    overrides: { x: { skip: true } },
    id: '007',
    evergreen: { times: 3 },
  });
});

test('what is not finished is an error at its place: open comments, merges', () => {
  const open = 'a comment is not closed: end it with --> in the same part of the thread';
  const merge = 'holds a merge conflict: keep one of the two versions';
  const table: [text: string, told: string[]][] = [
    ['Hello\n\n<!-- internal: do not post\nSecret', [`posts/a.md:3:1 ${open}`]],
    ['Hello <!-- internal', [`posts/a.md:1:7 ${open}`]],
    ['---\ntitle: T\n---\nHi\n\n<!-- a\n---\nb -->', [`posts/a.md:6:1 ${open}`]],
    ['One <!-- a --> two <!-- b', [`posts/a.md:1:20 ${open}`]],
    ['<<<<<<< HEAD\nMine\n=======\nTheirs\n>>>>>>> main', [`posts/a.md:1:1 ${merge}`]],
    ['Hello <!-- closed --> you', []],
    ['Write `<!--` to begin a comment', []],
    ['```\n<!-- open\n```', []],
    ['Write \\<!-- like this', []],
  ];
  for (const [text, told] of table) expect(problemsOf(parse(text)), text).toEqual(told);
});

test('declarations are no tags: readers see them as the author does', () => {
  for (const text of [
    'hello <!here> x',
    'hello <!channel> x',
    '<!everyone> hello',
    'a <?php b ?> c',
  ])
    expect(postOf(parse(text)).parts).toEqual([text]);
});

test(`names in any script make ids that are distinct and stable, in ${runs} pairs`, () => {
  expect(idOfFile('010-Launch Teaser.md')).toBe('launch-teaser');
  expect(idOfFile('Grüße.md')).toBe('grusse');
  expect(idOfFile('новость-1.md')).toMatch(/^1-[0-9a-f]{8}$/);
  expect(idOfFile('010-новость.md')).toBe(idOfFile('020-новость.md'));
  expect(idOfFile('日本語.md')).toMatch(/^post-[0-9a-f]{8}$/);
  expect(idOfFile('한국어.md'.normalize('NFD'))).toBe(idOfFile('한국어.md'.normalize('NFC')));
  const letter = fc.constantFrom(...'новстьстатья日本語新闻한국어अआαβγעבא'.normalize('NFC'));
  const name = fc.array(letter, { minLength: 1, maxLength: 12 }).map((all) => all.join(''));
  fc.assert(
    fc.property(name, name, (one, two) => {
      const [a, b] = [idOfFile(`${one}.md`), idOfFile(`${two}.md`)];
      expect(a).toMatch(/^[a-z0-9_][a-z0-9_-]*$/);
      expect(a === b).toBe(one.normalize('NFKD') === two.normalize('NFKD'));
    }),
    { numRuns: runs },
  );
});

test('what a # or a wrong key would drop in silence is an error with what to write', () => {
  const lost =
    'what follows the # is a comment, and would be lost: put the value in quotes; ' +
    'a comment has a space behind its #';
  const unlinked =
    'hashtags.0: no network would link this hashtag: use letters, digits and _, one letter at least';
  const table: [front: string, told: string[]][] = [
    ['hashtags: #spring #sale', [`posts/a.md:2:11 ${lost}`]],
    ['title: We are #1', [`posts/a.md:2:14 ${lost}`]],
    ['hashtags:\n  - #spring', [`posts/a.md:3:5 ${lost}`]],
    ['hashtags: [“sale”]', [`posts/a.md:2:12 ${unlinked}`]],
    ['hashtags: [007]', [`posts/a.md:2:12 ${unlinked}`]],
    ['title: T # a comment', []],
    ['title: "We are #1"', []],
    [
      'published: false',
      [
        'posts/a.md:2:1 unknown key "published": write draft: true for a draft, and nothing for a post',
      ],
    ],
    [
      'schedule: 2030-01-01',
      ['posts/a.md:2:1 unknown key "schedule": write date: "2026-11-24 09:30"'],
    ],
    [
      'title: Hello: world',
      ['posts/a.md:2:8 a text with ": " in it is not in quotes: put the whole value in quotes'],
    ],
    [
      'title: a\n  draft: true',
      [
        'posts/a.md:2:8 the line below is indented, though this one has a value: ' +
          'indent with spaces, equally for keys of one level',
      ],
    ],
  ];
  for (const [front, told] of table)
    expect(problemsOf(parse(`---\n${front}\n---\nA`)), front).toEqual(told);
  expect(postOf(parse('---\nhashtags: ["#Social Media", slow-food]\n---\nA')).hashtags).toEqual([
    'SocialMedia',
    'slowfood',
  ]);
  expect(postOf(parse('---\ntags: "#spring #sale"\n---\nA')).hashtags).toEqual(['spring', 'sale']);
});
