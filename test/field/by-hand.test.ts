import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Account } from '../../src/core/network/account.ts';
import { type Network, networkNames, networks } from '../../src/core/network/network.ts';
import type { Receipt } from '../../src/core/post/message.ts';
import { minute } from '../../src/core/time.ts';
import type { Publisher } from '../../src/ports/publisher.ts';
import { defaultPeople, type Sandbox } from '../../src/sandbox/open-sandbox.ts';
import { mayOpen, openTestPublisher, request, signal, wallClock } from '../networks/kit.ts';
import { openTestSandbox } from '../sandbox/clients.ts';
import { inputs } from './kit.ts';

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await openTestSandbox({ clock: wallClock });
});
afterAll(() => sandbox.close());

const [onX, onBluesky, onMastodon] = defaultPeople;
const accountOn = (network: Network): Account =>
  ({
    x: { ...onX, name: 'x', baseUrl: sandbox.baseUrls.x },
    bluesky: { ...onBluesky, name: 'bsky', baseUrl: sandbox.baseUrls.bluesky, isPinned: true },
    mastodon: { ...onMastodon, name: 'masto', baseUrl: sandbox.baseUrls.mastodon },
  })[network] as Account;

/** Said by hand: alone, or below another post. */
async function say(publisher: Publisher, text: string, before: Receipt[]): Promise<Receipt> {
  const payload = await publisher.prepare(request(publisher, text, { before }), signal);
  return publisher.publish(payload, { mayOpen, signal });
}

/** More than a page of each network has. */
const replies = inputs(45, 120);

test.for([...networks])(
  `on %s a post that began a conversation is found behind ${replies} replies`,
  async (network) => {
    const publisher = await openTestPublisher(accountOn(network));
    const since = Date.now() - minute;
    const first = await say(publisher, `A person says this on ${networkNames[network]}.`, []);
    let last = first;
    for (let i = 0; i < replies; i++) last = await say(publisher, `And ${i}.`, [first, last]);
    const found = await publisher.timeline({ limit: 5, since, withoutReplies: true }, signal);
    expect(found.map(({ id }) => id)).toEqual([first.id]);
    const later = { limit: 5, since: first.at + minute, withoutReplies: true };
    expect(await publisher.timeline(later, signal)).toEqual([]);
  },
);
