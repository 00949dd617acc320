import { defaultPeople } from '../src/sandbox/open-sandbox.ts';
import { xClient } from '../test/sandbox/clients.ts';

export type Exchange = (text: string) => Promise<unknown>;

const toJson = { 'content-type': 'application/json' };

async function post(url: string, token: string | undefined, body: unknown): Promise<unknown> {
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const answer = await fetch(url, {
    method: 'POST',
    headers: { ...toJson, ...authorization },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}`);
  return answer.json();
}

/** One raw request that posts, as short as the network allows; by the account's name. */
export async function openExchange(
  account: string,
  baseUrls: Readonly<Record<string, string>>,
): Promise<Exchange> {
  const [, bluesky, mastodon] = defaultPeople;
  if (account === 'x') {
    const client = xClient(baseUrls['x'] ?? '');
    return (text) => client.v2.post('tweets', { text });
  }
  if (account === 'masto') {
    const url = `${baseUrls['mastodon']}/api/v1/statuses`;
    return (status) => post(url, mastodon.token, { status });
  }
  const service = `${baseUrls['bluesky']}/xrpc/com.atproto`;
  const login = { identifier: bluesky.handle, password: bluesky.password };
  const { did, accessJwt } = (await post(`${service}.server.createSession`, undefined, login)) as {
    did: string;
    accessJwt: string;
  };
  const collection = 'app.bsky.feed.post';
  return (text) =>
    post(`${service}.repo.createRecord`, accessJwt, {
      repo: did,
      collection,
      record: { $type: collection, text, createdAt: new Date().toISOString() },
    });
}
