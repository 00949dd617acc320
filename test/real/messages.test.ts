import { afterAll, beforeAll, expect } from 'vitest';
import { openMessageTransport } from '../../src/app/people/message-transport.ts';
import type { Account, MastodonAccount } from '../../src/core/network/account.ts';
import type { Dispatch } from '../../src/core/people/dispatch.ts';
import type { Handle, Person } from '../../src/core/people/person.ts';
import type { Receipt } from '../../src/core/post/message.ts';
import type { PersonReply } from '../../src/ports/people/person-reply.ts';
import type { Publisher } from '../../src/ports/publisher.ts';
import { sequence, step } from '../flow/people/people-world.ts';
import { until } from '../flow/world.ts';
import { openTestPublisher, send, signal, wallClock } from '../networks/kit.ts';
import { type FaultProxy, openFaultProxy } from '../peers/fault-proxy.ts';
import { openPds, type Pds } from '../peers/pds.ts';
import { peerOrSkip } from '../peers/peer-or-skip.ts';
import { howToGetSnac, openSnac } from '../peers/snac.ts';
import { listStores } from './real-world.ts';

const { peer: snac, test: snacTest } = peerOrSkip(await openSnac(), howToGetSnac);
let pds: Pds;
beforeAll(async () => {
  pds = await openPds();
});
afterAll(async () => {
  await pds[Symbol.asyncDispose]();
  await snac?.[Symbol.asyncDispose]();
});

/** Steps as messages, to whoever wrote this; each by the name of its dispatch. */
function openMessages(account: Account, publisher: Publisher) {
  const publishers = new Map([[account.name, publisher]]);
  const parts = { publishers, accounts: [account], clock: wallClock, timeoutFor: 20_000 };
  const transport = openMessageTransport(parts);
  return async (id: string, text: string, { reply, conversation }: Answered) => {
    const address: Handle = {
      medium: 'message',
      network: account.network,
      account: account.name,
      value: reply.author.id,
      handle: reply.by,
      conversation,
    };
    const person = { id: 'p-1', fields: {}, addresses: [address] } as unknown as Person;
    const dispatch = { id } as Dispatch;
    const one = step('hello', { text });
    const composing = { dispatch, person, sequence: sequence([one]), step: one, address };
    const composed = await transport.compose({ ...composing, at: Date.now() });
    let opened = Date.now();
    const outcome = await transport.send(
      { ...composed, dispatch, address },
      { signal, mayOpen: () => void (opened = Date.now()) },
    );
    const isTaken = async () => false;
    const find = () =>
      transport.findOut!({ ...composed, dispatch }, { since: opened, isTaken, signal });
    const again = () =>
      transport.send({ ...composed, dispatch, address }, { signal, mayOpen: () => undefined });
    return { outcome, find, again };
  };
}

interface Answered {
  reply: PersonReply;
  conversation: Receipt[];
}

const firstOf = (publisher: Publisher, since: number) =>
  until('the answer', async () => (await publisher.replies(since, signal))[0]);

snacTest('on snac2 a message is a post that one person sees, and never two of them', async () => {
  await using proxy = await openFaultProxy(snac!.url);
  const { url: baseUrl, token } = { url: proxy.url, token: snac!.token };
  const account: MastodonAccount = { name: 'me', network: 'mastodon', baseUrl, token };
  const publisher = await openTestPublisher(account);
  const since = Math.floor(Date.now() / 1000) * 1000;
  const { receipt } = await send(publisher, 'Answer GUIDE');
  const bob = await snac!.createAccount('bob');
  await snac!.show('bob', receipt.url);
  const ask = async (path: string, init: RequestInit = {}): Promise<any> => {
    const headers = { authorization: `Bearer ${bob}`, connection: 'close' };
    return (await fetch(`${snac!.url}/api/v1/${path}`, { headers, ...init })).json();
  };
  const answer = { status: '@alice guide', in_reply_to_id: receipt.id };
  await ask('statuses', { method: 'POST', body: new URLSearchParams(answer) });
  const reply = await firstOf(publisher, since);
  expect(reply.author).toMatchObject({ id: `bob@${new URL(snac!.url).host}` });
  const message = openMessages(account, publisher);
  const conversation = [{ id: reply.id, url: reply.url, at: reply.at }];
  const { outcome } = await message('one', 'Here is **one**.', { reply, conversation });
  expect(outcome).toMatchObject({ is: 'sent', serverId: expect.any(String) });
  const seen = async (word: string): Promise<any[]> =>
    ((await ask('notifications')) as any[]).filter(({ status }) => status?.content?.includes(word));
  const [shown] = await until('bob sees it', async () => {
    const all = await seen('Here is one');
    return all.length > 0 ? all : undefined;
  });
  expect(['direct', 'private']).toContain(shown.status.visibility);
  // It calls private what Mastodon calls direct.
  for (const [visibility, word] of [
    ['direct', 'guide for me'],
    ['public', 'guide for all'],
  ] as const) {
    const status = { status: `@alice ${word}`, visibility };
    await ask('statuses', { method: 'POST', body: new URLSearchParams(status) });
  }
  const alone = await until('what bob wrote to us alone', async () => {
    const all = await publisher.replies(since, signal);
    return all.find(({ text }) => text.includes('guide for me'));
  });
  expect(alone).toMatchObject({ isPrivate: true, author: reply.author });
  expect(alone.inReplyTo).toBeUndefined();
  const told = await publisher.replies(since, signal);
  expect(told.filter(({ text }) => text.includes('guide for all'))).toEqual([]);
  await loseTheAnswer(proxy, /POST \/api\/v1\/statuses$/, async (how) => {
    const word = `word${how}`;
    const tried = await message(how, `Here is ${word}.`, { reply, conversation });
    expect(tried.outcome.is).toBe('uncertain');
    // It keeps no keys, and may not show what only another one reads: never sent again in doubt.
    const found = await tried.find();
    expect([undefined, 'sent']).toContain(found?.is);
    if (how === 'drop') await until('bob sees it', async () => (await seen(word)).length > 0);
    expect((await seen(word)).length).toBe(how === 'drop' ? 1 : 0);
    if (how === 'reset') expect(found).toBeUndefined();
  });
});

async function loseTheAnswer(
  proxy: FaultProxy,
  route: RegExp,
  work: (how: 'drop' | 'reset') => Promise<void>,
): Promise<void> {
  for (const how of ['drop', 'reset'] as const) {
    proxy.fail(route, how);
    await work(how);
  }
}

const [{ test } = { test: snacTest }] = listStores();

test('on a PDS a message is an answer under a key that was chosen beforehand', async () => {
  await using proxy = await openFaultProxy(pds.url);
  const [me, bob] = [await pds.createAccount(), await pds.createAccount()];
  const account: Account = {
    name: 'me',
    network: 'bluesky',
    baseUrl: proxy.url,
    handle: me.handle,
    password: me.password,
    isPinned: true,
  };
  // No view of the network stands behind it, which would tell who takes messages by chat.
  const { chat: _chat, ...publisher } = await openTestPublisher(account);
  const { receipt } = await send(publisher, 'Answer GUIDE');
  const root = { uri: receipt.id, cid: receipt.cid! };
  const { uri, cid } = await bob.agent.post({
    text: 'guide',
    reply: { root, parent: root },
  });
  // What that view would have told.
  const reply: PersonReply = {
    id: uri,
    url: '',
    at: Date.now(),
    by: bob.handle,
    author: { id: bob.did },
    text: 'guide',
    inReplyTo: receipt.id,
  };
  const conversation = [receipt, { id: uri, url: 'https://bsky.app/', at: Date.now(), cid }];
  const message = openMessages(account, publisher);
  const own = async (word: string) => {
    const { data } = await me.agent.com.atproto.repo.listRecords({
      repo: me.did,
      collection: 'app.bsky.feed.post',
      limit: 100,
    });
    return data.records.filter(({ value }) => String((value as any).text).includes(word));
  };
  const { outcome } = await message('one', 'Here is **one**.', { reply, conversation });
  expect(outcome.is).toBe('sent');
  expect((await own('Here is one'))[0]?.value).toMatchObject({
    reply: { root, parent: { uri, cid } },
  });
  await loseTheAnswer(proxy, /POST \/xrpc\/com\.atproto\.repo\.putRecord/, async (how) => {
    const word = `word${how}`;
    const tried = await message(how, `Here is ${word}.`, { reply, conversation });
    expect(tried.outcome.is).toBe('uncertain');
    expect((await tried.find())?.is).toBe(how === 'drop' ? 'sent' : 'later');
    for (let i = 0; i < 2; i += 1) expect((await tried.again()).is).toBe('sent');
    expect(await own(word)).toHaveLength(1);
  });
});
