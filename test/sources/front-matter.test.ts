import { expect, test } from 'vitest';
import { z } from 'zod';
import { formatProblem } from '../../src/core/problem.ts';
import { day, hour, toIso } from '../../src/core/time.ts';
import {
  type ParsedPostFile,
  parsePostFile,
  type PostFileInput,
} from '../../src/sources/folder/post-file.ts';
import { frontMatter } from '../../src/sources/folder/front-matter.ts';
import { names } from './flow-kit.ts';

const parse = (text: string, more: Partial<PostFileInput> = {}): ParsedPostFile =>
  parsePostFile({
    path: 'a.md',
    file: 'posts/a.md',
    text,
    sidecars: [],
    defaults: [],
    zone: 'Europe/Berlin',
    names,
    ...more,
  });
const front = (yaml: string, more: Partial<PostFileInput> = {}) =>
  parse(`---\n${yaml}\n---\nText.`, more);
const problemsOf = (parsed: ParsedPostFile) =>
  ('problems' in parsed ? parsed.problems : parsed.notes).map(formatProblem);
function postOf(parsed: ParsedPostFile) {
  if ('problems' in parsed) throw new Error(problemsOf(parsed).join('\n'));
  return parsed.post;
}

const example = `---
id: launch-teaser              # default: the file name without its order prefix; never reused
title: Launch teaser           # for people, never posted
draft: false
networks: [x, bluesky, mastodon]   # default: all accounts; an account's own name is allowed too
campaign: spring
queue: tips                    # a named queue with its own cadence (config)
date: 2026-11-24 09:30         # pin: this minute. Date only: that day, any slot
timezone: Europe/Berlin
notBefore: 2026-11-20
expires: 2026-12-31
weight: 10                     # lower goes first; else file order: 010-a.md, 020-b.md
approval: required             # waits for /approve
hashtags: [launch]
link: https://example.com/x    # gets the campaign's UTM tags; makes the link card
card: true
media:                         # looked up beside the post, then in media/
  - { src: queue.png, alt: "Next week's queue as a table", focus: [0, 0.4] }
lang: en
cw: Product launch             # content warning
thread: manual                 # manual: only \`---\` | auto: also splits long text | off
x:        { text: "Shorter for X", skip: false }
bluesky:  { labels: [] }
mastodon: { visibility: unlisted }
after: { post: launch-teaser, delay: 2d }
followUps:
  - when: likes >= 20 or reposts >= 5      # or: score >= 1.5 * typical
    after: 2h                              # not before
    within: 3d                             # how long to wait for the condition
    as: reply                              # reply | quote | repost | post
    text: "The full story: https://example.com/story"
  - otherwise: true                        # nothing above held within its time
    as: post
    post: launch-second-hook               # another file, with \`queue: none\`: never by cadence
evergreen: { every: 60d, times: 4, until: 2027-06-30, variants: ["…"] }
params: { offer: SPRING20 }    # for {{params.offer}} in the text
---
Text. {{campaign.link}} and {{network}} are filled in.
`;

test('every key of the front matter is read', () => {
  const parsed = parse(example);
  expect(problemsOf(parsed)).toEqual([]);
  expect(postOf(parsed)).toEqual({
    id: 'launch-teaser',
    source: 'folder',
    file: 'posts/a.md',
    hash: '',
    order: 'a.md',
    title: 'Launch teaser',
    draft: false,
    networks: ['x', 'bluesky', 'mastodon'],
    campaign: 'spring',
    queue: 'tips',
    pin: { at: Date.parse('2026-11-24T08:30Z') },
    timezone: 'Europe/Berlin',
    notBefore: Date.parse('2026-11-19T23:00Z'),
    expires: Date.parse('2026-12-31T23:00Z'),
    weight: 10,
    approval: true,
    hashtags: ['launch'],
    link: 'https://example.com/x',
    card: true,
    media: [],
    lang: 'en',
    cw: 'Product launch',
    thread: 'manual',
    parts: ['Text. {{campaign.link}} and {{network}} are filled in.'],
    overrides: {
      x: { skip: false, parts: ['Shorter for X'] },
      bluesky: { labels: [] },
      mastodon: { visibility: 'unlisted' },
    },
    after: { post: 'launch-teaser', delayFor: 2 * day },
    followUps: [
      {
        when: 'likes >= 20 or reposts >= 5',
        afterFor: 2 * hour,
        withinFor: 3 * day,
        as: 'reply',
        parts: ['The full story: https://example.com/story'],
      },
      { otherwise: true, as: 'post', post: 'launch-second-hook' },
    ],
    evergreen: {
      everyFor: 60 * day,
      times: 4,
      until: Date.parse('2027-06-30T22:00Z'),
      variants: ['…'],
    },
    params: { offer: 'SPRING20' },
  });
  if ('problems' in parsed) return;
  expect(parsed.media).toEqual([
    {
      src: 'queue.png',
      alt: "Next week's queue as a table",
      focus: [0, 0.4],
      where: 'posts/a.md:18:5',
    },
  ]);
});

test('a post needs no front matter, and an empty one is none', () => {
  expect(postOf(parse('Just text.\n'))).toMatchObject({
    id: 'a',
    parts: ['Just text.'],
    draft: false,
    weight: 0,
    card: true,
    thread: 'manual',
  });
  expect(postOf(parse('---\n---\nText'))).toMatchObject({ parts: ['Text'] });
  expect(postOf(parse('\uFEFF---\r\ntitle: T\r\n---\r\nText\r\nmore\r\n'))).toMatchObject({
    title: 'T',
    parts: ['Text\nmore'],
  });
});

test('mistakes are told with the place and what to do', () => {
  const cases: [string, ...string[]][] = [
    ['netwoks: [x]', '2:1 unknown key "netwoks": did you mean "networks"?'],
    ['networks: [x, blusky]', '2:15 unknown network "blusky": did you mean "bluesky"?'],
    ['queue: tip', '2:8 unknown queue "tip": did you mean "tips"?'],
    [
      'mastodon: { visibility: unlistd }',
      '2:25 mastodon.visibility: "unlistd" is not one of public, unlisted, private, direct: did you mean "unlisted"?',
    ],
    [
      'mastodon.visibility: unlistd',
      '2:22 mastodon.visibility: "unlistd" is not one of public, unlisted, private, direct: did you mean "unlisted"?',
    ],
    ['x: { txt: a }', '2:6 unknown key "txt": did you mean "text"?'],
    ['thread: automatic', '2:9 thread: "automatic" is not one of manual, auto, off'],
    [
      'approval: requird',
      '2:11 approval: "requird" is not one of required, none: did you mean "required"?',
    ],
    ['title: [a]', '2:8 title: needs a text, not a list'],
    ['card: yess', '2:7 card: needs true or false, not a text'],
    ['weight: heavy', '2:9 weight: needs a number, not a text'],
    ['date: 2026-13-01', '2:7 date: not a date: write 2026-11-24 or "2026-11-24 09:30"'],
    ['publishDate: soon', '2:14 notBefore: not a date: write 2026-11-24 or "2026-11-24 09:30"'],
    [
      'timezone: Europe/Berln',
      '2:11 timezone: unknown time zone: use an IANA name such as Europe/Berlin',
    ],
    ['link: example.com', '2:7 link: not a link: it begins with https://'],
    ['id: Hello World', '2:5 id: not an id: lower-case letters, digits, - and _'],
    ['lang: english', '2:7 lang: not a language: such as en or pt-BR'],
    ['after: { post: x, delay: 2 }', '2:26 after.delay: not a duration: write it as 90m, 2h or 3d'],
    ['media: [{ src: a.png, focus: [0, 2] }]', '2:34 media.0.focus.1: may be at most 1'],
    [
      'media: [{ scr: a.png }]',
      '2:9 media.0.src: is missing',
      '2:11 unknown key "scr": did you mean "src"?',
    ],
    [
      'followUps:\n  - when: likes > 3\n    as: replay\n    text: x',
      '4:9 followUps.0.as: "replay" is not one of reply, quote, repost, post: did you mean "reply"?',
    ],
    [
      'followUps: [{ text: a }]',
      '2:13 followUps.0: needs either "when" or "otherwise": the last rule may be otherwise: true',
    ],
    [
      'evergreen: { every: soon }',
      '2:21 evergreen.every: not a duration: write it as 90m, 2h or 3d',
    ],
    ['title: a\ntitle: b', '3:1 Map keys must be unique: each key once: remove one of them'],
    ['title: a: b', '2:8 a text with ": " in it is not in quotes: put the whole value in quotes'],
    ['title: "a\nqueue: tips', '2:8 a quote is not closed: add " where the text ends'],
    ["title: 'a", "2:8 a quote is not closed: add ' where the text ends"],
    ['networks: [x, bluesky', '2:22 a bracket is not closed: add ] at the end'],
    ['x: { text: a', '2:13 a bracket is not closed: add } at the end'],
    [
      'title: @a',
      '2:8 Plain value cannot start with reserved character @: a text that begins with @, ` or % needs quotes',
    ],
    [
      'title: "\\q"',
      '2:9 Invalid escape sequence \\q: use single quotes, or write \\\\ for a backslash',
    ],
    [
      'title: a\nqueue',
      '3:1 Implicit map keys need to be followed by map values: write ": " and a value after the key',
    ],
    ['- a', '2:1 the front matter is not a list of keys: write one "key: value" on each line'],
    [
      'notBefore: 2026-02-01\nexpires: 2026-01-01',
      '3:10 the post expires before it may be published: expires has to be later than notBefore',
    ],
  ];
  for (const [yaml, ...told] of cases)
    expect([yaml, problemsOf(front(yaml))]).toEqual([yaml, told.map((one) => `posts/a.md:${one}`)]);
  expect(problemsOf(parse('---\ntitle: T\nText'))).toEqual([
    'posts/a.md:1:1 the front matter is not closed: end it with a line of ---',
  ]);
});

test('keys of other tools are understood, or passed over with a note', () => {
  expect(
    postOf(front('publishDate: 2026-12-01\nexpiryDate: 2026-12-02\nplatforms: x\ntags: [a, 2nd]')),
  ).toMatchObject({
    networks: ['x'],
    hashtags: ['a', '2nd'],
    notBefore: Date.parse('2026-11-30T23:00Z'),
    expires: Date.parse('2026-12-02T23:00Z'),
  });
  expect(postOf(front('pubDate: 2026-12-01'))).toMatchObject({ pin: { date: '2026-12-01' } });
  // Our own word wins.
  for (const yaml of ['platforms: [x]\nnetworks: [bluesky]', 'networks: [bluesky]\nplatforms: [x]'])
    expect(postOf(front(yaml)).networks).toEqual(['bluesky']);
  expect(problemsOf(front('layout: post\nslug: x'))).toEqual([
    'posts/a.md:2:1 "layout" belongs to a site generator and is ignored',
    'posts/a.md:3:1 "slug" belongs to a site generator and is ignored',
  ]);
  expect(postOf(front('title:\nlink: ~'))).not.toHaveProperty('link');
});

test('dotted keys are the nested ones', () => {
  expect(
    postOf(
      front(
        'x.text: Short\nx.skip: true\nmastodon.visibility: private\nparams.offer: 20\nevergreen.every: 30d\nafter.post: b',
      ),
    ),
  ).toMatchObject({
    overrides: { x: { parts: ['Short'], skip: true }, mastodon: { visibility: 'private' } },
    params: { offer: '20' },
    evergreen: { everyFor: 30 * day },
    after: { post: 'b', delayFor: 0 },
  });
});

test('defaults of the folders lie below the front matter, the nearest on top, and their mistakes name their own file', () => {
  const defaults = [
    {
      file: 'posts/_defaults.yaml',
      text: 'campaign: spring\nhashtags: [far]\nparams: { a: 1, b: 1 }\nx: { skip: true }',
    },
    { file: 'posts/in/_defaults.yaml', text: 'hashtags: [near]\nparams: { b: 2 }' },
  ];
  expect(postOf(front('params: { c: 3 }\nx: { text: T }', { defaults }))).toMatchObject({
    campaign: 'spring',
    hashtags: ['near'],
    params: { a: '1', b: '2', c: '3' },
    overrides: { x: { skip: true, parts: ['T'] } },
  });
  expect(
    problemsOf(
      front('title: T', {
        defaults: [{ file: 'posts/_defaults.yaml', text: 'title: D\nwieght: 3\n' }],
      }),
    ),
  ).toEqual(['posts/_defaults.yaml:2:1 unknown key "wieght": did you mean "weight"?']);
  expect(
    problemsOf(front('card: 1', { defaults: [{ file: 'posts/_defaults.yaml', text: 'card: 2' }] })),
  ).toEqual(['posts/a.md:2:7 card: needs true or false, not a number']);
});

test('a text for one network replaces the text there', () => {
  const sidecar = (text: string) =>
    parse('Long.\n\n---\n\nSecond.', {
      sidecars: [{ audience: { network: 'x' }, file: 'posts/a.x.md', text }],
    });
  expect(postOf(sidecar('Short *one*.')).overrides).toEqual({ x: { parts: ['Short one.'] } });
  expect(problemsOf(sidecar('---\ntitle: T\n---\nShort.'))).toEqual([
    'posts/a.x.md:1:1 a text for one network cannot have front matter: put the keys into the post beside it',
  ]);
});

test('an id is made from the name, without its order prefix', () => {
  const idOf = (path: string) => {
    const parsed = parse('T', { path });
    return 'problems' in parsed ? problemsOf(parsed) : parsed.post.id;
  };
  expect(
    [
      'spring/010-Launch Teaser.md',
      '2026-11-24-news.md',
      '010.md',
      'launch/index.md',
      'index.md',
      '005_Über uns.md',
      'a__b.markdown',
      '20.30-x.md',
    ].map(idOf),
  ).toEqual(['launch-teaser', 'news', '010', 'launch', 'index', 'uber-uns', 'a__b', '30-x']);
  expect(idOf('漢字.md')).toMatch(/^post-[0-9a-f]{8}$/);
  expect(idOf('-.md')).toEqual([
    'posts/a.md no id can be derived from this file name: set an id in the front matter',
  ]);
});

test('a pin in the hour that the clocks leave out moves on, with a note; one in the hour that comes twice is the first', () => {
  const gap = front('date: 2027-03-28 02:30');
  expect(problemsOf(gap)).toEqual([
    'posts/a.md:2:7 02:30 does not exist on 2027-03-28 in Europe/Berlin, where the clocks go forward: read as Sun 28 Mar 03:30',
  ]);
  const pinOf = (yaml: string) => {
    const { pin } = postOf(front(yaml));
    return pin && 'at' in pin ? toIso(pin.at) : pin?.date;
  };
  expect(pinOf('date: 2027-03-28 02:30')).toBe('2027-03-28T01:30:00Z');
  expect(pinOf('date: 2026-10-25 02:30')).toBe('2026-10-25T00:30:00Z');
  expect(pinOf('date: 2026-10-25 02:30\ntimezone: America/Sao_Paulo')).toBe('2026-10-25T05:30:00Z');
  expect(pinOf('date: 2026-10-25T02:30:00+01:00')).toBe('2026-10-25T01:30:00Z');
  expect(pinOf('date: "2026-11-24"')).toBe('2026-11-24');
});

/** Lists of aliases of lists of aliases: each level is `size` times as large. */
function bombOf(size: number): string {
  const names = [...'abcdefghij'].slice(0, size + 1);
  const listOf = (value: string) => `[${Array.from({ length: size }, () => value).join(',')}]`;
  return names
    .map((name, i) => `${name}: &${name} ${listOf(i === 0 ? 'x' : `*${names[i - 1]}`)}`)
    .join('\n');
}

test('YAML that grows when it is read is refused, quickly', () => {
  const before = performance.now();
  expect(problemsOf(front(bombOf(9)))[0]).toBe(
    'posts/a.md:2:1 81 YAML aliases: at most 50 are supported: write the values out',
  );
  expect(problemsOf(front(bombOf(7)))).toHaveLength(1);
  expect(performance.now() - before).toBeLessThan(2000);
  // Nothing is evaluated either.
  expect(postOf(front('title: !!js/function "() => 1"')).title).toBe('() => 1');
});

test('each key that is true, false or a number is read as one, wherever it stands', () => {
  const schema = z.toJSONSchema(frontMatter, { io: 'input', unrepresentable: 'any' });
  const paths = plainPaths(schema as unknown as Schema);
  expect(paths).toEqual(expect.arrayContaining(['draft', 'weight', 'media.transcode', 'x.skip']));
  const told = paths.flatMap((path) => {
    const keys = path.split('.');
    const inner = keys.reduceRight((value, key) => `{ ${key}: ${value} }`, 'true');
    return problemsOf(front(inner.slice(2, -2))).filter((one) => /not a text/.test(one));
  });
  expect(told).toEqual([]);
  const list = postOf(front('media: []\nx: { skip: true }\ntogether: true\nweight: 3'));
  expect(list).toMatchObject({ weight: 3, together: true });
});

type Schema = { type?: string; const?: unknown } & { [key in 'anyOf' | 'oneOf']?: Schema[] } & {
  properties?: Record<string, Schema>;
  items?: Schema;
};

/** Of the keys that take true, false or a number, and no text of the author's own. */
function plainPaths(schema: Schema, at = ''): string[] {
  const choices = [...(schema.anyOf ?? []), ...(schema.oneOf ?? []), schema];
  const isPlain = choices.some(({ type }) => ['boolean', 'number', 'integer'].includes(type ?? ''));
  const isText = choices.some((one) => one.type === 'string' && !('enum' in one));
  const below = choices.flatMap(({ properties = {}, items }) => [
    ...Object.entries(properties).flatMap(([key, one]) =>
      plainPaths(one, at === '' ? key : `${at}.${key}`),
    ),
    ...(items ? plainPaths(items, at) : []),
  ]);
  return [...(isPlain && !isText ? [at] : []), ...below];
}
