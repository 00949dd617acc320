import { RichText } from '@atproto/api';
import fc from 'fast-check';
import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { noteMentions } from '../../src/commands/checking/check-mentions.ts';
import type { Account } from '../../src/core/network/account.ts';
import { byNetwork, type Network, networks } from '../../src/core/network/network.ts';
import { limitsFor, traitsOf } from '../../src/core/network/traits-of.ts';
import { compose } from '../../src/core/post/compose.ts';
import { fits } from '../../src/core/text/length.ts';
import { domainMentions, shortMentions } from '../../src/core/text/mention-rules.ts';
import { parsePostFile } from '../../src/sources/folder/post-file.ts';
import { makePlace } from '../config/kit.ts';
import { inputs } from './kit.ts';

const twitterText = createRequire(import.meta.url)('twitter-text') as {
  extractMentionsWithIndices(text: string): { screenName: string; indices: [number, number] }[];
};

const pieces = [
  '@',
  '＠',
  '@alice',
  '@alice.example.com',
  '@bob@m.example',
  '@a_b',
  'alice',
  'mail@example.com',
  'https://example.com/@alice',
  'RT',
  'rt:',
  'é',
  '感谢',
  'さん',
  '(',
  ')',
  '"',
  '“',
  '[',
  '/',
  '=',
  '.',
  '-',
  '_',
  '!',
  '#',
  '://',
  ' ',
  ' ',
  '\n',
];
const texts = fc.array(fc.constantFrom(...pieces), { maxLength: 12 }).map((all) => all.join(''));
const runs = inputs(1500, 60_000);

test(`in ${runs} texts the mentions of X are those of its own library`, () => {
  fc.assert(
    fc.property(texts, (text) => {
      fc.pre(!/:\/\/|[@＠]rt:?[@＠]/i.test(text));
      const ours = shortMentions.find(text).map(({ start, end }) => text.slice(start + 1, end));
      const theirs = twitterText.extractMentionsWithIndices(text);
      expect(ours).toEqual(theirs.map(({ screenName }) => screenName));
    }),
    { numRuns: runs },
  );
});

test(`in ${runs} texts whoever Bluesky's library finds behind a blank is found`, () => {
  fc.assert(
    fc.property(texts, (text) => {
      fc.pre(!/:\/\/|[-.]{2}|\.-|-\./.test(text));
      const rich = new RichText({ text });
      rich.detectFacetsWithoutResolution();
      const theirs = (rich.facets ?? []).flatMap(({ features }) =>
        features.flatMap((one) => ('did' in one ? [one.did] : [])),
      );
      const ours = domainMentions.find(text).map(({ address }) => address.slice(1));
      const plain = theirs.filter((one) => text.includes(`@${one} `) || text.endsWith(`@${one}`));
      expect(ours).toEqual(expect.arrayContaining(plain));
    }),
    { numRuns: runs },
  );
});

const mentions = {
  alice: { x: '@alice', bluesky: '@alice.example.com', mastodon: '@alice@m.example' },
  bob: { mastodon: '@bob@m.example', name: 'Bob Smith' },
  Zoë: {},
};
const names = { accounts: [], queues: [], campaigns: [], mentions: Object.keys(mentions) };

const parse = (text: string, sidecars: Parameters<typeof parsePostFile>[0]['sidecars'] = []) =>
  parsePostFile({
    path: 'a.md',
    file: 'posts/a.md',
    zone: 'UTC',
    names,
    text,
    sidecars,
    defaults: [],
  });

function composeOn(network: Network, text: string) {
  const parsed = parse(text);
  if (!('post' in parsed)) throw new Error(JSON.stringify(parsed.problems));
  const account = { name: network, network };
  const post = { ...parsed.post, media: [] };
  const limits = limitsFor(account);
  const { message, problems } = compose({
    post,
    account,
    limits,
    campaigns: {},
    mentions,
    run: 1,
  });
  return { texts: message.parts.map((part) => part.text), problems, limits };
}

test('{{@name}} is the address on each network, and the plain name where there is none', () => {
  const text = 'Thanks {{@alice}}, {{ @bob }} and **{{@Zoë}}**! `{{@alice}}` \\{{@x}}';
  const end = '{{@alice}} {{@x}}';
  expect(byNetwork((network) => composeOn(network, text).texts)).toEqual({
    x: [`Thanks @alice, Bob Smith and Zoë! ${end}`],
    bluesky: [`Thanks @alice.example.com, Bob Smith and Zoë! ${end}`],
    mastodon: [`Thanks @alice@m.example, @bob@m.example and Zoë! ${end}`],
  });
});

test.each(networks)('what touches a mention on %s never makes another person of it', (network) => {
  const address = mentions.alice[network];
  const around = [
    '',
    ' ',
    '.',
    ',',
    '!',
    '"',
    '(',
    ')',
    's',
    '_',
    '-',
    '@',
    'é',
    '/',
    '“',
    '”',
    '—',
  ];
  for (const before of around)
    for (const after of [...around, '.com', '-led', "'s", '?', ':'])
      for (const one of [`${before}{{@alice}}${after}`, `So ${before}{{@alice}}${after} and`]) {
        const {
          texts: [text = ''],
          problems,
        } = composeOn(network, one);
        const found = traitsOf(network).mentions.find(text);
        const isRight = found.some((mention) => mention.address === address);
        if (isRight) expect([one, problems]).toEqual([one, []]);
        else expect(problems.join()).toMatch(/does not read \{\{@alice\}\} as .*: put a blank/);
      }
});

test('a mention counts as its network counts it', () => {
  const room = 'a'.repeat(500 - '@alice '.length);
  const {
    texts: [text = ''],
    problems,
    limits,
  } = composeOn('mastodon', `{{@alice}} ${room}`);
  expect(problems).toEqual([]);
  expect(fits(text, limits.text)).toMatchObject({ length: 500, ok: true });
  expect(composeOn('mastodon', `{{@alice}} ${room}a`).problems.join()).toMatch(/501 characters/);
  const onBluesky = 'a'.repeat(300 - '@alice.example.com '.length);
  expect(composeOn('bluesky', `{{@alice}} ${onBluesky}`).problems).toEqual([]);
  expect(composeOn('bluesky', `{{@alice}} ${onBluesky}a`).problems.join()).toMatch(/301/);
});

test('a long text is not split within a mention', () => {
  const text = `---\nthread: auto\n---\n${'Thanks to {{@alice}} for it. '.repeat(60)}`;
  for (const network of networks) {
    const { texts: all, problems } = composeOn(network, text);
    expect(problems).toEqual([]);
    const count = all.join('\n').split(mentions.alice[network]).length - 1;
    expect([network, all.length > 1, count]).toEqual([network, true, 60]);
  }
});

test.each([
  ['the text', 'One\n\nTwo {{@alise}}', 'posts/a.md:3:5'],
  ['a later part', '---\ntitle: x\n---\nOne\n\n---\n\n`{{@alice}}` {{@alise}}', 'posts/a.md:8:14'],
  ['the text of a network', '---\nx: { text: "Hi {{@alise}}" }\n---\nOne', 'posts/a.md:2:12'],
  [
    'a follow-up',
    '---\nfollowUps:\n  - { when: likes >= 2, text: "Hi {{@alise}}" }\n---\nOne',
    'posts/a.md:3:31',
  ],
  [
    'a variant',
    '---\nevergreen: { every: 60d, variants: ["Hi {{@alise}}"] }\n---\nOne',
    'posts/a.md:2:37',
  ],
])('an unknown name in %s is an error with its place', (_, text, where) => {
  const hint = 'did you mean "alice"? Otherwise add alise under mentions in the configuration';
  expect(parse(text)).toEqual({
    problems: [{ where, what: '{{@alise}} is unknown', hint, severity: 'error' }],
  });
});

test('an unknown name in a file for one network is an error of that file', () => {
  const audience = { network: 'mastodon' } as const;
  const parsed = parse('One', [
    { audience, file: 'posts/a.masto.md', text: '\nTwo {{@constructor}}' },
  ]);
  expect(parsed).toMatchObject({
    problems: [{ where: 'posts/a.masto.md:2:5', what: '{{@constructor}} is unknown' }],
  });
});

test('addresses in the configuration are those of their network', () => {
  const told = (entry: string) => {
    using place = makePlace(`mentions:\n  ${entry}\n`);
    return place.told().join('\n');
  };
  expect(told('alice: { x: alice, bluesky: alice.example.com, mastodon: "alice@m.example" }')).toBe(
    '',
  );
  expect(told('"Anna B.": { name: Anna }')).toBe('');
  expect(told('"安娜": {}')).toBe('');
  expect(told('alice: { x: "@alice.example.com" }')).toMatch(/:2:15 .*not an address on X.*@alice/);
  expect(told('alice: { bluesky: "@alice" }')).toMatch(/not an address on Bluesky/);
  expect(told('alice: { mastodon: "@alice" }')).toMatch(/not an address on Mastodon.*@alice@/);
  expect(told('alice: { name: "@alice" }')).toMatch(/not a name/);
  expect(told('alice: { twiter: "@alice" }')).toMatch(/unknown key "twiter"/);
  expect(told('"@alice": { x: alice }')).toMatch(/not a name/);
  expect(told('"a}}b": {}')).toMatch(/not a name/);
});

const account = (name: string, network: Network, baseUrl = 'https://m.example') =>
  ({ name, network, baseUrl }) as Account;
const all = networks.map((network) => account(network, network));

const noted = (text: string | Record<string, string>, accounts = all) =>
  noteMentions(
    accounts.map((one) => ({
      account: one,
      message: 'a',
      text: typeof text === 'string' ? text : (text[one.name] ?? ''),
    })),
    { file: 'posts/a.md', mentions },
  ).map(({ what }) => what);

test.each([
  ['Thanks @carol.', ['@carol may be different people on X and m.example']],
  ['CSS @property explained', ['@property may be different people on X and m.example']],
  ['Thanks @carol.bsky.social!', ['@carol.bsky.social addresses @carol on X']],
  ['Thanks @bob@m.example', []],
  ['Mail me@example.com or see https://example.com/@carol', []],
  ['Thanks @alice', ['@alice may be different people on X and m.example']],
  [{ x: '@alice', bluesky: '@alice.example.com', mastodon: '@alice@m.example' }, []],
  [{ x: 'Thanks @carol', bluesky: 'Thanks', mastodon: 'Thanks' }, []],
])('check says of %o: %o', (text, notes) => {
  expect(noted(text)).toEqual(notes);
});

test('a name for the people of one server is somebody else on another server', () => {
  const one = account('one', 'mastodon');
  const other = account('other', 'mastodon', 'https://other.example');
  expect(noted('Thanks @carol', [one, other])).toEqual([
    '@carol may be different people on m.example and other.example',
  ]);
  expect(noted('Thanks @carol', [one])).toEqual([]);
  expect(noted('Thanks @carol', [one, account('bsky', 'bluesky')])).toEqual([]);
  expect(noted('Thanks @carol.bsky.social', [account('x', 'x')])).toHaveLength(1);
});
