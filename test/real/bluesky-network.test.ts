import { afterAll, expect } from 'vitest';
import type { BlueskyAccount } from '../../src/core/network/account.ts';
import { failureOf, openTestPublisher, send, signal } from '../networks/kit.ts';
import { until } from '../flow/world.ts';
import { howToGetBlueskyNetwork, openBlueskyNetwork } from '../peers/bluesky-network.ts';
import { peerOrSkip } from '../peers/peer-or-skip.ts';
import type { Person } from '../peers/pds.ts';
import { listStores, serveAll } from './real-world.ts';

const { peer: network, test } = peerOrSkip(await openBlueskyNetwork(), howToGetBlueskyNetwork);
afterAll(() => network?.[Symbol.asyncDispose]());

const url = network?.url ?? '';
const toAccount = ({ handle, password }: Person): BlueskyAccount => ({
  name: 'me',
  network: 'bluesky',
  baseUrl: url,
  handle,
  password,
  isPinned: true,
});
const open = (...names: string[]) => Promise.all(names.map((name) => network!.createAccount(name)));

/** Two likes, a repost, an answer and a quote, by two people. */
async function react(
  [ada, bob]: [Person, Person],
  post: { uri: string; cid: string },
): Promise<{ uri: string; cid: string }> {
  await ada.agent.like(post.uri, post.cid);
  await bob.agent.like(post.uri, post.cid);
  await bob.agent.repost(post.uri, post.cid);
  await ada.agent.post({
    text: 'Look at this',
    embed: { $type: 'app.bsky.embed.record', record: post },
  });
  return bob.agent.post({ text: 'Grüße & thanks', reply: { root: post, parent: post } });
}

test("the network's own view tells likes, reposts, replies, quotes, answers and followers exactly, and what was deleted", async () => {
  const [me, ada, bob] = (await open('mira', 'ada', 'bob')) as [Person, Person, Person];
  const publisher = await openTestPublisher(toAccount(me));
  const since = Date.now();
  const { receipt } = await send(publisher, 'Hello');
  const { receipt: quiet } = await send(publisher, 'Nobody minds');
  const post = { uri: receipt.id, cid: receipt.cid! };
  const answer = await react([ada, bob], post);
  await ada.agent.follow(me.did);
  // Of the own doing, and no answer of anybody else.
  const { receipt: own } = await send(publisher, 'More of it', { index: 1, before: [receipt] });
  const counted = { likes: 2, reposts: 1, replies: 2, quotes: 1 };
  const measured = await until('all is seen', async () => {
    const look = await publisher.measure([receipt, quiet, own], signal);
    return look.counts.size === 3 &&
      JSON.stringify(look.counts.get(receipt.id)) === JSON.stringify(counted)
      ? look
      : undefined;
  });
  const none = { likes: 0, reposts: 0, replies: 0, quotes: 0 };
  expect([measured.counts.get(quiet.id), measured.counts.get(own.id), measured.absent]).toEqual([
    none,
    none,
    [],
  ]);
  expect(await publisher.replies(since, signal)).toEqual([
    {
      id: answer.uri,
      url: `https://bsky.app/profile/bob.test/post/${answer.uri.split('/').at(-1)}`,
      at: expect.any(Number),
      by: 'bob.test',
      author: { id: bob.did },
      text: 'Grüße & thanks',
      inReplyTo: receipt.id,
      cid: answer.cid,
      root: { id: receipt.id, cid: receipt.cid },
    },
  ]);
  expect(await publisher.replies(Date.now(), signal)).toEqual([]);
  expect(await until('the follower', () => publisher.followers(signal))).toBe(1);

  await me.agent.deletePost(quiet.id);
  const after = await until('the deletion', async () => {
    const look = await publisher.measure([receipt, quiet], signal);
    return look.absent.length > 0 ? look : undefined;
  });
  expect([after.absent, after.counts.get(receipt.id)]).toEqual([[quiet.id], counted]);
  const relation = { as: 'quote', of: quiet } as const;
  expect(await failureOf(send(publisher, 'too late', { relation }))).toMatchObject({
    kind: 'refused',
    isRelationRefused: true,
  });
});

test("quotes and reposts of the publisher are what the network's own view takes for such", async () => {
  const [me] = (await open('quoting')) as [Person];
  const publisher = await openTestPublisher(toAccount(me));
  const { receipt: of } = await send(publisher, 'Hello');
  const { receipt: quote } = await send(publisher, 'Again', { relation: { as: 'quote', of } });
  await send(publisher, '', { relation: { as: 'repost', of } });
  const { receipt: answer } = await send(publisher, 'And more', {
    relation: { as: 'reply', conversation: [of] },
    before: [of],
  });
  await until('all is seen', async () => {
    const { counts } = await publisher.measure([of, quote, answer], signal);
    return (
      JSON.stringify(counts.get(of.id)) ===
      JSON.stringify({ likes: 0, reposts: 1, replies: 1, quotes: 1 })
    );
  });
  const { data } = await me.agent.app.bsky.feed.getPosts({ uris: [quote.id] });
  expect(data.posts[0]?.embed).toMatchObject({
    $type: 'app.bsky.embed.record#view',
    record: { uri: of.id, value: { text: 'Hello' } },
  });
  const feed = await me.agent.getAuthorFeed({ actor: me.did });
  expect(
    feed.data.feed.find(({ reason }) => reason?.$type === 'app.bsky.feed.defs#reasonRepost')?.post
      .uri,
  ).toBe(of.id);
});

const file = `---
followUps:
  - { when: "likes >= 2 and reposts >= 1", as: reply, text: The full story. }
  - { otherwise: true, as: repost }
---
Hello from a file
`;
const soon = {
  measureAges: [200, 400, 800, 1200, 1600, 2000, 3000, 4000, 6000, 9000, 14_000, 20_000],
  measureEvery: 150,
  repliesEvery: 200,
};

for (const { store, uri, test: storeTest } of listStores()) {
  const both = network === undefined ? test : storeTest;

  both(
    `people's likes send the follow-up, and their answer is handed to a person (${store})`,
    async () => {
      const name = store.slice(0, 5).toLowerCase();
      const [me, ...people] = (await open(`me-${name}`, `ada-${name}`, `bob-${name}`)) as [
        Person,
        Person,
        Person,
      ];
      const { handle, password } = me;
      const account = JSON.stringify({ network: 'bluesky', baseUrl: url, handle, password });
      await serveAll(
        { account, files: { 'posts/hello.md': file }, mongoUri: uri(), timing: soon },
        async ({ context: { store: kept } }) => {
          const released = await until(
            'the release',
            async () => (await kept.findDelivery('hello@me'))?.receipts[0],
          );
          const post = { uri: released.id, cid: released.cid! };
          const answer = await react(people, post);
          const followed = await until('the follow-up', async () => {
            const one = await kept.findDelivery('hello.f1@me');
            return one?.state === 'released' ? one : undefined;
          });
          const { data } = await me.agent.com.atproto.repo.getRecord({
            repo: me.did,
            collection: 'app.bsky.feed.post',
            rkey: followed.receipts[0]!.id.split('/').at(-1)!,
          });
          expect(JSON.parse(JSON.stringify(data.value))).toMatchObject({
            text: 'The full story.',
            reply: { root: post, parent: post },
          });
          // The own answer is none of the audience's.
          const counted = { likes: 2, reposts: 1, replies: 1, quotes: 1 };
          const wanted = JSON.stringify(counted);
          const sample = await until('the sample', async () =>
            (await kept.listSamples({ delivery: 'hello@me' })).find(
              ({ counts }) => JSON.stringify(counts) === wanted,
            ),
          );
          expect(sample.counts).toEqual(counted);
          const [entry] = await until('the answer', async () => {
            const entries = await kept.listJournal({ types: ['reply'] });
            return entries.length > 0 ? entries : undefined;
          });
          expect(entry).toMatchObject({
            delivery: 'hello@me',
            text: expect.stringContaining('Grüße & thanks'),
            data: { from: people[1].handle },
          });
          expect(entry?.url?.split('/').at(-1)).toBe(answer.uri.split('/').at(-1));
        },
      );
    },
  );
}
