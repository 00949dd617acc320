import { expect, test } from 'vitest';
import type { Identity, Network } from '../../src/core/network/network.ts';
import type { AddressOwner } from '../../src/core/network/post-address.ts';
import { traitsOf } from '../../src/core/network/traits-of.ts';

const owner = (baseUrl: string, identity?: Identity): AddressOwner => ({ baseUrl, identity });
const did = 'did:plc:abcdefghijklmnopqrstuvwx';
const owners: Record<Network, AddressOwner> = {
  x: owner('https://api.x.com', { id: '7', handle: 'Acme', url: 'https://x.com/Acme' }),
  bluesky: owner('https://bsky.social', {
    id: did,
    handle: 'acme.example',
    url: 'https://bsky.app/profile/acme.example',
  }),
  mastodon: owner('https://social.example', {
    id: 'https://social.example/@acme',
    handle: 'acme@social.example',
    url: 'https://social.example/@acme',
  }),
};
const read = (network: Network, address: string, of = owners[network]) =>
  traitsOf(network).readAddress(address, of);

const onX = { id: '1234567890123456789', url: 'https://x.com/Acme/status/1234567890123456789' };

test.each([
  'https://x.com/Acme/status/1234567890123456789',
  'https://x.com/acme/status/1234567890123456789/',
  'https://x.com/Acme/status/1234567890123456789/photo/1',
  'https://x.com/Acme/status/1234567890123456789/analytics',
  'https://x.com/Acme/status/1234567890123456789?s=20&t=abc',
  'https://www.x.com/Acme/status/1234567890123456789#m',
  'https://twitter.com/Acme/status/1234567890123456789',
  'https://mobile.twitter.com/Acme/status/1234567890123456789',
  'http://twitter.com/Acme/statuses/1234567890123456789',
  'https://x.com/i/web/status/1234567890123456789',
  'https://x.com/i/status/1234567890123456789',
  ' x.com/Acme/status/1234567890123456789 ',
])('X: %s is the post', (address) => {
  expect(read('x', address)).toEqual(onX);
});

const rkey = '3lbxyz234567a';
const onBluesky = {
  id: `at://${did}/app.bsky.feed.post/${rkey}`,
  url: `https://bsky.app/profile/acme.example/post/${rkey}`,
};

test.each([
  `https://bsky.app/profile/acme.example/post/${rkey}`,
  `https://bsky.app/profile/ACME.example/post/${rkey}/`,
  `https://bsky.app/profile/${did}/post/${rkey}`,
  `https://bsky.app/profile/${encodeURIComponent(did)}/post/${rkey}`,
  `https://bsky.app/profile/acme.example/post/${rkey}/liked-by`,
  `https://bsky.app/profile/acme.example/post/${rkey}?ref_src=embed`,
  `bsky.app/profile/acme.example/post/${rkey}`,
  `at://${did}/app.bsky.feed.post/${rkey}`,
  `at://acme.example/app.bsky.feed.post/${rkey}`,
])('Bluesky: %s is the post', (address) => {
  expect(read('bluesky', address)).toEqual(onBluesky);
});

const onMastodon = {
  id: '113000000000000001',
  url: 'https://social.example/@acme/113000000000000001',
};

test.each([
  'https://social.example/@acme/113000000000000001',
  'https://social.example/@Acme@social.example/113000000000000001',
  'https://social.example/@acme/113000000000000001/embed',
  'https://social.example/@acme/113000000000000001?theme=dark',
  'https://social.example/users/acme/statuses/113000000000000001',
  'https://social.example/users/acme/statuses/113000000000000001/activity',
  'https://social.example/web/@acme/113000000000000001',
  'https://social.example/web/statuses/113000000000000001',
  'https://social.example/deck/@acme/113000000000000001',
  'social.example/@acme/113000000000000001',
])('Mastodon: %s is the post', (address) => {
  const { id, url } = read('mastodon', address) as typeof onMastodon;
  expect({ id, url: url.toLowerCase() }).toEqual(onMastodon);
});

test('addresses of GoToSocial, Pleroma and snac give the ids that their APIs use', () => {
  expect(
    read('mastodon', 'https://social.example/@acme/statuses/01JABCDEF0123456789ABCDEFG'),
  ).toEqual({
    id: '01JABCDEF0123456789ABCDEFG',
    url: 'https://social.example/@acme/statuses/01JABCDEF0123456789ABCDEFG',
  });
  expect(read('mastodon', 'https://social.example/notice/AbCdEf123')).toEqual({
    id: 'AbCdEf123',
    url: 'https://social.example/notice/AbCdEf123',
  });
  // A real snac 2.75 answered with this id and this address.
  const url = 'http://127.0.0.1:34783/alice/p/1795831399.752683';
  const alice = owner('http://127.0.0.1:34783', {
    id: 'http://127.0.0.1:34783/alice',
    handle: 'alice@127.0.0.1:34783',
    url: 'http://127.0.0.1:34783/alice',
  });
  expect(read('mastodon', url, alice)).toEqual({
    id: '179583139928884c235dc3b463df0fd9172b41b827',
    url,
  });
  expect(read('mastodon', url.replace('alice', 'bob'), alice)).toMatchObject({
    code: 'other-account',
  });
});

test('addresses of the local networks are read too', () => {
  const page = 'http://127.0.0.1:4331';
  const local = owner('http://127.0.0.1:4334', {
    id: `${page}/@dripline`,
    handle: 'dripline@127.0.0.1:4331',
    url: `${page}/@dripline`,
  });
  expect(read('mastodon', `${page}/@dripline/113000000000000001`, local)).toEqual({
    id: '113000000000000001',
    url: `${page}/@dripline/113000000000000001`,
  });
  const x = owner('http://127.0.0.1:4332', owners.x.identity);
  expect(read('x', 'http://127.0.0.1:4332/Acme/status/12', x)).toEqual({
    id: '12',
    url: 'https://x.com/Acme/status/12',
  });
});

test.each<[Network, string, string]>([
  ['x', 'https://x.com/Acme', 'not-a-post'],
  ['x', 'https://x.com/Acme/status/', 'not-a-post'],
  ['x', 'https://x.com/Acme/status/12ab', 'not-a-post'],
  ['x', 'https://x.com/other/status/12', 'other-account'],
  ['x', 'https://example.com/Acme/status/12', 'other-site'],
  ['x', 'https://x.com.example.com/Acme/status/12', 'other-site'],
  ['x', `https://bsky.app/profile/acme.example/post/${rkey}`, 'other-site'],
  ['x', '12', 'not-an-address'],
  ['x', '', 'not-an-address'],
  ['x', 'javascript://x.com/Acme/status/12', 'not-an-address'],
  ['bluesky', 'https://bsky.app/profile/acme.example', 'not-a-post'],
  ['bluesky', `https://bsky.app/profile/acme.example/feed/${rkey}`, 'not-a-post'],
  ['bluesky', `https://bsky.app/profile/other.example/post/${rkey}`, 'other-account'],
  ['bluesky', `at://did:plc:other/app.bsky.feed.post/${rkey}`, 'other-account'],
  ['bluesky', `at://${did}/app.bsky.feed.like/${rkey}`, 'not-a-post'],
  ['bluesky', 'https://x.com/Acme/status/12', 'other-site'],
  ['mastodon', 'https://social.example/@acme', 'not-a-post'],
  ['mastodon', 'https://social.example/@acme/media', 'not-a-post'],
  ['mastodon', 'https://social.example/@other/113000000000000001', 'other-account'],
  ['mastodon', 'https://social.example/@acme@other.example/113000000000000001', 'other-account'],
  ['mastodon', 'https://other.example/@acme/113000000000000001', 'other-site'],
])('%s: %s is refused', (network, address, code) => {
  const wrong = read(network, address) as { code: string; reason: string };
  expect(wrong.code).toBe(code);
  expect(wrong.reason).not.toMatch(/\.$|undefined/);
});

test('before the first login nothing is known of the account but its server', () => {
  expect(read('x', 'https://x.com/Acme/status/12', owner('https://api.x.com'))).toEqual({
    id: '12',
    url: 'https://x.com/Acme/status/12',
  });
  expect(read('bluesky', onBluesky.url, owner('https://bsky.social'))).toMatchObject({
    code: 'not-logged-in',
  });
  expect(read('mastodon', onMastodon.url, owner('https://social.example'))).toEqual(onMastodon);
});

test.each([
  ['x', 'http://127.0.0.1:4331/Acme/status/12345'],
  ['bluesky', 'http://127.0.0.1:4331/profile/acme.example/post/3kabc'],
] as const)(
  '%s: an account whose links lead to another site has its posts there',
  (network, url) => {
    const of = { ...owners[network], site: 'http://127.0.0.1:4331' };
    expect(read(network, url, of)).toMatchObject({ url });
    expect(read(network, url)).toMatchObject({ code: 'other-site' });
  },
);
