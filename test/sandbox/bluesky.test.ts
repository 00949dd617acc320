import { AtpAgent } from '@atproto/api';
import { describe, expect, test } from 'vitest';
import { blobCid, recordCid } from '../../src/sandbox/bluesky/cbor.ts';
import { defaultPeople } from '../../src/sandbox/open-sandbox.ts';
import { blueskyAgent, createClock, failureOf, openTestSandbox, png } from './clients.ts';

const collection = 'app.bsky.feed.post';
const rkeys = ['3m6dwkmrlcg2a', '3m6dwkmrlcg2b', '3m6dwkmrlcg2c', '3m6dwkmrlcg2d'] as const;
const toRecord = (text: string, more = {}) => ({
  $type: collection,
  text,
  createdAt: '2026-11-24T09:00:00.000Z',
  ...more,
});

/** Writes a post under a chosen key, only if nothing else stands there. */
function put(
  agent: AtpAgent,
  rkey: string,
  record: Record<string, unknown>,
  condition: { swapRecord?: string | null } = { swapRecord: null },
) {
  return agent.com.atproto.repo.putRecord({
    repo: agent.assertDid,
    collection,
    rkey,
    record,
    ...condition,
  });
}

describe('a record key on Bluesky', () => {
  test('holds one post, however often the same write comes, and refuses another', async () => {
    await using sandbox = await openTestSandbox();
    const agent = await blueskyAgent(sandbox.baseUrls.bluesky);
    const first = await put(agent, rkeys[0], toRecord('Hello'));
    expect(first.data.commit).toBeDefined();
    expect(first.data.cid).toBe(recordCid(toRecord('Hello')));
    const again = await Promise.all([1, 2, 3].map(() => put(agent, rkeys[0], toRecord('Hello'))));
    for (const { data } of again)
      expect(data).toEqual({ uri: first.data.uri, cid: first.data.cid, validationStatus: 'valid' });
    expect(await failureOf(put(agent, rkeys[0], toRecord('Other')))).toMatchObject({
      status: 400,
      error: 'InvalidSwap',
      message: `Record was at ${first.data.cid}`,
    });
    expect(sandbox.accepted()).toEqual([
      {
        network: 'bluesky',
        account: 'dripline.test',
        id: first.data.uri,
        url: `${sandbox.page}/profile/dripline.test/post/${rkeys[0]}`,
        text: 'Hello',
        at: '2026-11-24T09:00:00Z',
      },
    ]);
  });

  test('is overwritten by a put without a condition or with the right one, and never by a create', async () => {
    await using sandbox = await openTestSandbox();
    const agent = await blueskyAgent(sandbox.baseUrls.bluesky);
    await put(agent, rkeys[0], toRecord('One'));
    const edited = await put(agent, rkeys[0], toRecord('Two'), {});
    await put(agent, rkeys[0], toRecord('Three'), { swapRecord: edited.data.cid });
    expect(
      await failureOf(put(agent, rkeys[0], toRecord('Four'), { swapRecord: edited.data.cid })),
    ).toMatchObject({ error: 'InvalidSwap' });
    const create = agent.com.atproto.repo.createRecord({
      repo: agent.assertDid,
      collection,
      rkey: rkeys[0],
      record: toRecord('Three'),
    });
    expect(await failureOf(create)).toMatchObject({ status: 500 });
    expect(sandbox.accepted().map(({ text }) => text)).toEqual(['Three']);
  });

  test('tells what stands there, and RecordNotFound where nothing does', async () => {
    await using sandbox = await openTestSandbox();
    const agent = await blueskyAgent(sandbox.baseUrls.bluesky);
    for (const rkey of rkeys) await put(agent, rkey, toRecord(rkey));
    const found = await agent.com.atproto.repo.getRecord({
      repo: 'dripline.test',
      collection,
      rkey: rkeys[1],
    });
    expect(found.data.value).toEqual(toRecord(rkeys[1]));
    await agent.com.atproto.repo.deleteRecord({
      repo: agent.assertDid,
      collection,
      rkey: rkeys[1],
    });
    expect(
      await failureOf(
        agent.com.atproto.repo.getRecord({ repo: agent.assertDid, collection, rkey: rkeys[1] }),
      ),
    ).toMatchObject({
      status: 400,
      error: 'RecordNotFound',
    });
    const page = await agent.com.atproto.repo.listRecords({
      repo: agent.assertDid,
      collection,
      limit: 2,
    });
    expect(page.data.records.map(({ uri }) => uri.split('/').at(-1))).toEqual([rkeys[3], rkeys[2]]);
    const rest = await agent.com.atproto.repo.listRecords({
      repo: agent.assertDid,
      collection,
      limit: 2,
      cursor: page.data.cursor!,
    });
    expect(rest.data.records.map(({ uri }) => uri.split('/').at(-1))).toEqual([rkeys[0]]);
  });

  test('a thread is written whole or not at all', async () => {
    await using sandbox = await openTestSandbox();
    const agent = await blueskyAgent(sandbox.baseUrls.bluesky);
    const root = {
      uri: `at://${agent.assertDid}/${collection}/${rkeys[0]}`,
      cid: recordCid(toRecord('Root')),
    };
    const write = (rkey: string, value: Record<string, unknown>) => ({
      $type: 'com.atproto.repo.applyWrites#create' as const,
      collection,
      rkey,
      value,
    });
    const reply = write(rkeys[1], toRecord('Reply', { reply: { root, parent: root } }));
    const tooLong = write(rkeys[2], toRecord('x'.repeat(301)));
    expect(
      await failureOf(
        agent.com.atproto.repo.applyWrites({
          repo: agent.assertDid,
          writes: [write(rkeys[0], toRecord('Root')), reply, tooLong],
        }),
      ),
    ).toMatchObject({ status: 400 });
    expect(sandbox.accepted()).toEqual([]);
    const done = await agent.com.atproto.repo.applyWrites({
      repo: agent.assertDid,
      writes: [write(rkeys[0], toRecord('Root')), reply],
    });
    expect(done.data.results?.[0]).toMatchObject(root);
    expect(sandbox.accepted().map(({ inReplyTo }) => inReplyTo)).toEqual([undefined, root.uri]);
    expect(
      await failureOf(
        agent.com.atproto.repo.applyWrites({
          repo: agent.assertDid,
          writes: [write(rkeys[0], toRecord('Root'))],
        }),
      ),
    ).toMatchObject({
      status: 500,
    });
  });
});

test('pictures, cards and facets are checked as the lexicon says, and come back in the views', async () => {
  await using sandbox = await openTestSandbox();
  const agent = await blueskyAgent(sandbox.baseUrls.bluesky);
  const {
    data: { blob },
  } = await agent.uploadBlob(png, { encoding: 'image/png' });
  expect(blob.ref.toString()).toBe(blobCid(png));
  const image = { alt: 'One pixel', image: blob.toJSON(), aspectRatio: { width: 1, height: 1 } };
  const picture = await put(
    agent,
    rkeys[0],
    toRecord('Look', { embed: { $type: 'app.bsky.embed.images', images: [image] } }),
  );
  const card = {
    $type: 'app.bsky.embed.external',
    external: {
      uri: 'https://example.com/',
      title: 'Example',
      description: 'A card',
      thumb: blob.toJSON(),
    },
  };
  const link = {
    index: { byteStart: 6, byteEnd: 25 },
    features: [{ $type: 'app.bsky.richtext.facet#link', uri: 'https://example.com/' }],
  };
  const linked = await put(
    agent,
    rkeys[1],
    toRecord('Größ https://example.com', { embed: card, facets: [link] }),
  );
  const {
    data: { posts },
  } = await agent.app.bsky.feed.getPosts({ uris: [picture.data.uri, linked.data.uri] });
  expect(posts.map(({ embed }) => embed?.$type)).toEqual([
    'app.bsky.embed.images#view',
    'app.bsky.embed.external#view',
  ]);
  expect(posts[0]).toMatchObject({ likeCount: 0, repostCount: 0, replyCount: 0, quoteCount: 0 });
  const feed = await agent.getAuthorFeed({ actor: agent.assertDid, limit: 10 });
  expect(feed.data.feed).toHaveLength(2);
  expect((await agent.getProfile({ actor: 'dripline.test' })).data).toMatchObject({
    followersCount: 900,
    postsCount: 2,
  });
  const big = { ...(blob.toJSON() as object), size: 2_000_001 };
  const strange = {
    $type: 'blob',
    ref: { $link: blobCid(Buffer.from('never sent')) },
    mimeType: 'image/png',
    size: 10,
  };
  const mention = {
    index: { byteStart: 0, byteEnd: 2 },
    features: [{ $type: 'app.bsky.richtext.facet#mention', did: '' }],
  };
  const wrong: [Record<string, unknown>, RegExp][] = [
    [toRecord('a'.repeat(301)), /grapheme too big \(maximum 300, got 301\)/],
    [toRecord('👨‍👩‍👧‍👦'.repeat(121)), /string too big \(maximum 3000/],
    [{ ...toRecord('a'), createdAt: '2030-01-01' }, /datetime/],
    [toRecord('Hi', { facets: [mention] }), /Invalid DID \(got ""\)/],
    [toRecord('Hi', { facets: [{ ...link }] }), /outside of the text/],
    [
      toRecord('Hi', {
        embed: { $type: 'app.bsky.embed.images', images: [{ ...image, image: big }] },
      }),
      /blob too big/,
    ],
    [
      toRecord('Hi', {
        embed: { $type: 'app.bsky.embed.images', images: [{ ...image, image: strange }] },
      }),
      /Could not find blob/,
    ],
  ];
  for (const [record, message] of wrong)
    expect((await failureOf(put(agent, rkeys[2], record))).message).toMatch(message);
  expect((await failureOf(put(agent, 'post-42', toRecord('Hi')))).message).toMatch(/TID/);
  const uris = Array.from({ length: 26 }, () => picture.data.uri);
  expect(await failureOf(agent.app.bsky.feed.getPosts({ uris }))).toMatchObject({ status: 400 });
});

test('a session ends, is refreshed by the library, and is not to be had with a wrong password', async () => {
  const clock = createClock();
  await using sandbox = await openTestSandbox({ clock });
  const service = sandbox.baseUrls.bluesky;
  const stranger = new AtpAgent({ service });
  expect(
    await failureOf(stranger.login({ identifier: 'dripline.test', password: 'guessed' })),
  ).toMatchObject({ status: 401, error: 'AuthenticationRequired' });
  expect(
    await failureOf(stranger.app.bsky.feed.getPosts({ uris: ['at://did:plc:x/a.b.c/d'] })),
  ).toMatchObject({ status: 401, error: 'AuthMissing' });
  const agent = await blueskyAgent(service);
  expect(agent.dispatchUrl.origin).toBe(service);
  const before = agent.session?.accessJwt;
  const raw = () =>
    fetch(`${service}/xrpc/com.atproto.server.getSession`, {
      headers: { authorization: `Bearer ${before}` },
    });
  expect((await raw()).status).toBe(200);
  clock.move(2 * 3_600_000 + 1000);
  expect(await (await raw()).json()).toMatchObject({ error: 'ExpiredToken' });
  await put(agent, rkeys[0], toRecord('Hello'));
  expect(agent.session?.accessJwt).not.toBe(before);
  const resumed = new AtpAgent({ service });
  await resumed.resumeSession(agent.session!);
  expect(resumed.session?.did).toBe(agent.assertDid);
  expect((await resumed.resolveHandle({ handle: 'dripline.test' })).data.did).toBe(agent.assertDid);
});

test('too many logins are refused with the time to wait', async () => {
  await using sandbox = await openTestSandbox({ limitScale: 1 });
  for (let i = 0; i < 30; i++) await blueskyAgent(sandbox.baseUrls.bluesky);
  const error = await failureOf(blueskyAgent(sandbox.baseUrls.bluesky));
  expect(error).toMatchObject({ status: 429, error: 'RateLimitExceeded' });
  expect(error.headers).toMatchObject({
    'ratelimit-limit': '30',
    'ratelimit-remaining': '0',
    'retry-after': '300',
  });
});

test('several people post side by side, each in an own repository alone', async () => {
  const other = { ...defaultPeople[1], handle: 'other.test' };
  await using sandbox = await openTestSandbox({ people: [...defaultPeople, other] });
  const [one, two] = [
    await blueskyAgent(sandbox.baseUrls.bluesky),
    await blueskyAgent(sandbox.baseUrls.bluesky, other),
  ];
  await put(one, rkeys[0], toRecord('Mine'));
  await put(two, rkeys[0], toRecord('Yours'));
  const theft = one.com.atproto.repo.putRecord({
    repo: two.assertDid,
    collection,
    rkey: rkeys[1],
    record: toRecord('Theft'),
  });
  expect(await failureOf(theft)).toMatchObject({ status: 401 });
  expect(sandbox.accepted().map(({ account }) => account)).toEqual(['dripline.test', 'other.test']);
});

test('likes, reposts and quotes of other accounts are counted, and a repost that is taken back is not', async () => {
  const other = { ...defaultPeople[1], handle: 'other.test' };
  await using sandbox = await openTestSandbox({ people: [...defaultPeople, other] });
  const [one, two] = [
    await blueskyAgent(sandbox.baseUrls.bluesky),
    await blueskyAgent(sandbox.baseUrls.bluesky, other),
  ];
  const post = await one.post({ text: 'Look' });
  await two.like(post.uri, post.cid);
  const repost = await two.repost(post.uri, post.cid);
  await two.post({ text: 'This', embed: { $type: 'app.bsky.embed.record', record: post } });
  const views = async (uri: string) =>
    (await one.app.bsky.feed.getPosts({ uris: [uri] })).data.posts[0]!;
  expect(await views(post.uri)).toMatchObject({ likeCount: 1, repostCount: 1, quoteCount: 1 });
  await two.deleteRepost(repost.uri);
  expect(await views(post.uri)).toMatchObject({ likeCount: 1, repostCount: 0, quoteCount: 1 });
  const quote = await two.post({
    text: 'And this',
    embed: { $type: 'app.bsky.embed.record', record: post },
  });
  expect((await views(quote.uri)).embed).toMatchObject({
    $type: 'app.bsky.embed.record#view',
    record: { uri: post.uri, value: { text: 'Look' } },
  });
  await one.deletePost(post.uri);
  expect((await views(quote.uri)).embed).toMatchObject({
    record: { $type: 'app.bsky.embed.record#viewNotFound', uri: post.uri },
  });
  const strange = two.com.atproto.repo.createRecord({
    repo: two.assertDid,
    collection: 'app.bsky.feed.repost',
    record: { createdAt: '2026-11-24T09:00:00Z' },
  });
  expect(await failureOf(strange)).toMatchObject({
    status: 400,
    message: expect.stringMatching(/app\.bsky\.feed\.repost/),
  });
});

test('people of the audience answer, and their replies are notifications, newest first and page by page', async () => {
  const clock = createClock();
  const [, person] = defaultPeople;
  const other = { ...person, handle: 'other.test' };
  await using sandbox = await openTestSandbox({
    clock,
    people: [{ ...person, followers: 40_000 }, other],
  });
  const [agent, stranger] = [
    await blueskyAgent(sandbox.baseUrls.bluesky),
    await blueskyAgent(sandbox.baseUrls.bluesky, other),
  ];
  // The audience goes by the post's address, so that this one has always the same.
  const { uri, cid } = (await put(agent, rkeys[0], toRecord('Hello'))).data;
  const post = { uri, cid };
  const answer = await stranger.post({ text: 'Hello too', reply: { root: post, parent: post } });
  clock.move(48 * 3_600_000);
  const later = await blueskyAgent(sandbox.baseUrls.bluesky);
  const { data } = await later.app.bsky.notification.listNotifications({
    reasons: ['reply'],
    limit: 100,
  });
  const [view] = (await later.app.bsky.feed.getPosts({ uris: [post.uri] })).data.posts;
  expect([data.notifications.length, (view?.replyCount ?? 0) > 6]).toEqual([
    view?.replyCount,
    true,
  ]);
  for (const { reason, author, record, indexedAt } of data.notifications) {
    expect([reason, author.did === later.assertDid, Date.parse(indexedAt) <= clock.now()]).toEqual([
      'reply',
      false,
      true,
    ]);
    expect(record).toMatchObject({
      text: expect.stringMatching(/./),
      reply: { root: { uri: post.uri, cid: post.cid }, parent: { uri: post.uri, cid: post.cid } },
    });
  }
  expect(data.notifications.map(({ uri }) => uri)).toContain(answer.uri);
  const times = data.notifications.map(({ indexedAt }) => indexedAt);
  expect(times).toEqual([...times].sort().reverse());
  const first = await later.app.bsky.notification.listNotifications({ limit: 3 });
  const second = await later.app.bsky.notification.listNotifications({
    limit: 3,
    cursor: first.data.cursor!,
  });
  expect([...first.data.notifications, ...second.data.notifications].map(({ uri }) => uri)).toEqual(
    data.notifications.slice(0, 6).map(({ uri }) => uri),
  );
  expect(
    (await later.app.bsky.notification.listNotifications({ reasons: ['like'] })).data.notifications,
  ).toEqual([]);
});

test('hashes of records and blobs are those of the AT Protocol', () => {
  const ref = { $link: 'bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku' };
  expect(recordCid(toRecord('Hello 🌍', { langs: ['en'] }))).toBe(
    'bafyreieio44ljazxtgkbfmjf5upd5tzxdazn4haneg37ie5ilbmbgih4zq',
  );
  expect(
    recordCid(
      toRecord('x'.repeat(300), {
        n: -300,
        big: 4294967296,
        flag: true,
        none: null,
        embed: {
          $type: 'app.bsky.embed.images',
          images: [{ alt: '', image: { $type: 'blob', ref, mimeType: 'image/png', size: 70000 } }],
        },
      }),
    ),
  ).toBe('bafyreibgey5tp6cilb2yxxc6yedkx52f2g2x5h4vb4vol7llr3kdggc5qm');
  expect(blobCid(Buffer.from('hello'))).toBe(
    'bafkreibm6jg3ux5qumhcn2b3flc3tyu6dmlb4xa7u5bf44yegnrjhc4yeq',
  );
});
