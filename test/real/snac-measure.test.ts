import { afterAll, expect } from 'vitest';
import type { MastodonAccount } from '../../src/core/network/account.ts';
import { until } from '../flow/world.ts';
import { openTestPublisher, send, signal } from '../networks/kit.ts';
import { openFaultProxy } from '../peers/fault-proxy.ts';
import { peerOrSkip } from '../peers/peer-or-skip.ts';
import { howToGetSnac, openSnac } from '../peers/snac.ts';

const { peer: snac, test } = peerOrSkip(await openSnac(), howToGetSnac);
afterAll(() => snac?.[Symbol.asyncDispose]());

async function post(
  token: string,
  path: string,
  fields: Record<string, string> = {},
): Promise<any> {
  const headers = { authorization: `Bearer ${token}`, connection: 'close' };
  const answer = await fetch(`${snac?.url}/api/v1/statuses${path}`, {
    method: 'POST',
    headers,
    body: new URLSearchParams(fields),
  });
  expect([path, answer.status]).toEqual([path, 200]);
  return answer.json();
}

test("tells by single looks what another person's like, repost and answer on snac2 come to", async () => {
  await using proxy = await openFaultProxy(snac!.url);
  const account: MastodonAccount = {
    name: 'me',
    network: 'mastodon',
    baseUrl: proxy.url,
    token: snac!.token,
  };
  const publisher = await openTestPublisher(account);
  // It tells times in whole seconds.
  const since = Math.floor(Date.now() / 1000) * 1000;
  const { receipt } = await send(publisher, 'Hello');
  const { receipt: quiet } = await send(publisher, 'Nobody minds');
  const gone = { id: `${receipt.id.slice(0, -4)}0000`, url: '', at: 0 };
  const bob = await snac!.createAccount('bob');
  await snac!.show('bob', receipt.url);
  const { id } = await post(bob, '', {
    status: '@alice Grüße & thanks',
    in_reply_to_id: receipt.id,
    visibility: 'public',
  });
  await post(bob, `/${receipt.id}/favourite`);
  await post(bob, `/${receipt.id}/reblog`);
  const { counts, absent } = await until('the counts', async () => {
    const look = await publisher.measure([receipt, quiet, gone], signal);
    return look.counts.get(receipt.id)?.likes &&
      look.counts.get(receipt.id)?.reposts &&
      look.counts.get(receipt.id)?.replies
      ? look
      : undefined;
  });
  // Quotes it does not count: no number, and no 0.
  expect([...counts]).toEqual([
    [receipt.id, { likes: 1, reposts: 1, replies: 1 }],
    [quiet.id, { likes: 0, reposts: 0, replies: 0 }],
  ]);
  expect(absent).toEqual([gone.id]);
  expect(proxy.asked.filter((line) => /GET \/api\/v1\/statuses\?/.test(line))).toHaveLength(1);

  const [reply, ...more] = await until('the answer', async () => {
    const replies = await publisher.replies(since, signal);
    return replies.length > 0 ? replies : undefined;
  });
  expect(more).toEqual([]);
  expect(reply).toMatchObject({
    id,
    by: `bob@${new URL(snac!.url).host}`,
    text: expect.stringContaining('Grüße & thanks'),
    inReplyTo: receipt.id,
  });
  expect((await fetch(reply!.url, { headers: { connection: 'close' } })).status).toBe(200);
  expect(await publisher.followers(signal)).toBe(0);
});
