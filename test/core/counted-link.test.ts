import { expect, test } from 'vitest';
import {
  codesIn,
  countLink,
  lengthOfCounted,
  withoutCodes,
} from '../../src/core/clicks/counted-link.ts';
import { type Network, networks } from '../../src/core/network/network.ts';
import { traitsOf } from '../../src/core/network/traits-of.ts';
import { compose } from '../../src/core/post/compose.ts';
import type { Post } from '../../src/core/post/post.ts';
import { measureText } from '../../src/core/text/length.ts';
import { toFeedPost } from '../../src/sources/feed/feed-post.ts';
import { makePost } from '../store/kit.ts';

const links = { url: 'https://go.example.com', secret: 's' };
const counted = /https:\/\/go\.example\.com\/l\/[0-9A-Za-z]{10}/g;

const composeOn = (network: Network, changes: Partial<Post>, secret?: string) =>
  compose({
    post: makePost('a', changes).post,
    account: { name: 'me', network },
    limits: traitsOf(network).limits,
    run: 1,
    campaigns: { spring: { utm: { source: '{{network}}', campaign: 'spring' } } },
    mentions: {},
    links: { url: links.url, ...(secret === undefined ? {} : { secret }) },
  });

test('the code hangs on the delivery, the target and the secret, and on nothing else', () => {
  const make = (delivery: string, target: string, secret = 's') =>
    countLink(target, { delivery, url: links.url, secret }).code;
  const code = make('a@x', 'https://a.example/');
  expect(code).toMatch(/^[0-9A-Za-z]{10}$/);
  expect(make('a@x', 'https://a.example/')).toBe(code);
  const others = [
    make('a~2@x', 'https://a.example/'),
    make('a@x', 'https://a.example/b'),
    make('a@x', 'https://a.example/', 'other'),
    make('a@xhttps://a', '.example/'),
  ];
  expect(new Set([code, ...others]).size).toBe(5);
  const many = Array.from({ length: 20_000 }, (_, i) => make(`p${i}@x`, 'https://a.example/'));
  expect(new Set(many).size).toBe(many.length);
});

test.each(networks)('on %s the tagged link goes out counted, wherever it stands', (network) => {
  const link = 'https://example.com/a';
  for (const [text, times] of [
    ['Text.', network === 'bluesky' ? 0 : 1],
    ['See {{link}} now.', 1],
    [`See ${link}, and ${link}.`, 2],
    [`See ${link}/other.`, network === 'bluesky' ? 0 : 1],
  ] as const) {
    const { message } = composeOn(network, { parts: [text], link, campaign: 'spring' });
    const found = [...(message.parts[0]?.text ?? '').matchAll(counted)].map(([one]) => one);
    expect([text, found.length]).toEqual([text, times]);
    expect(message.counted?.target).toBe(`${link}?utm_source=${network}&utm_campaign=spring`);
    expect([...new Set([...found, message.counted?.url])]).toEqual([message.counted?.url]);
    expect(message.parts[0]?.text).not.toContain('utm_');
    if (message.card !== undefined) expect(message.card).toBe(message.counted?.url);
  }
});

test('what is previewed has the length of what is sent, whatever the secret', () => {
  for (const network of networks) {
    const { text } = traitsOf(network).limits;
    const lengths = [undefined, 'one', 'two'].map((secret) => {
      const changes = { parts: ['See {{link}} now.'], link: 'https://example.com/a' };
      const { message } = composeOn(network, changes, secret);
      return measureText(message.parts[0]?.text ?? '', text);
    });
    expect([network, new Set(lengths).size]).toEqual([network, 1]);
  }
});

test.each(['ftp://example.com/a', 'mailto:me@example.com', 'not an address'])(
  'a link that no browser can be led to stays as it is: %s',
  (link) => {
    const { message } = composeOn('x', { link });
    expect(message.counted).toBeUndefined();
    expect(message.parts[0]?.text).toContain(link);
  },
);

test('links of the door are found in a text, and made alike, whatever the host has in it', () => {
  const url = 'https://go.example.com/a(b)';
  const text = `${url}/l/AAAAAAAAAA and ${url}/l/0123456789. ${url}/l/short ${url}/l/AAAAAAAAAAA`;
  expect(codesIn(text, url)).toEqual(['AAAAAAAAAA', '0123456789']);
  const other = text.replace('AAAAAAAAAA ', 'BBBBBBBBBB ');
  expect(withoutCodes(text, url)).toBe(withoutCodes(other, url));
});

test('what a feed says leaves room for a counted link that is longer than its own', () => {
  const url = 'https://a-rather-long-name-for-a-door.example.com';
  const item = {
    key: 'k',
    title: 'Many words about one thing. '.repeat(40),
    summary: '',
    author: '',
    link: 'https://a.io/',
  };
  const rules = {
    url: 'https://a.io/feed',
    template: `{{title}} {{link}} and ${'more words '.repeat(12)}`,
    approval: false,
  };
  for (const linkLength of [lengthOfCounted(url), undefined]) {
    const feedRules = { ...rules, ...(linkLength === undefined ? {} : { linkLength }) };
    const post = toFeedPost(feedRules, { item, now: 0, index: 0 });
    const problems = networks.flatMap((network) => {
      const limits = traitsOf(network).limits;
      const account = { name: 'me', network };
      const input = { post, account, limits, run: 1, campaigns: {}, mentions: {} };
      return compose({ ...input, links: { url } }).problems;
    });
    expect(problems.length > 0).toBe(linkLength === undefined);
  }
});
