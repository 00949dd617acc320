import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  credentialsIn,
  hideCredentials,
  withoutCredentials,
} from '../../src/core/text/credentials.ts';
import { minute } from '../../src/core/time.ts';
import type { FeedState } from '../../src/ports/source.ts';
import { run } from '../cli/kit.ts';
import { makePlace } from '../config/kit.ts';
import { openMovableClock, openWorld, tuesday, until } from '../flow/world.ts';
import { rss, serveWeb } from '../sources/web.ts';

const secrets = ['FEEDPASSW0RD', 'FEEDTOKEN123', 'MOVEDTOKEN456'];

/** Every file below a folder that holds one of the secrets. */
const holders = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((one) => one.isFile())
    .map((one) => join(one.parentPath, one.name))
    .filter((file) => secrets.some((secret) => readFileSync(file).includes(secret)));

test("a feed's credentials are sent to it, and stand nowhere else", async () => {
  const items = [{ title: 'First', link: '/1', guid: '1' }];
  let isMoved = false;
  await using web = await serveWeb((request, response) => {
    if (isMoved && request.url?.startsWith('/feed'))
      return response.writeHead(301, { location: '/moved?key=MOVEDTOKEN456' }).end();
    return response.writeHead(200, { 'content-type': 'application/rss+xml' }).end(rss(items));
  });
  const plain = `${web.url}/feed?user=3`;
  const address = web.url.replace('//', '//feeduser:FEEDPASSW0RD@');
  const clock = openMovableClock(tuesday);
  const feed = `{ url: "${address}/feed?token=FEEDTOKEN123&user=3", allowPrivate: true }`;
  await using world = await openWorld({
    yaml: `cadence: { perDay: 1, minGap: 1h }\nfeeds: [${feed}]`,
    clock,
  });
  /** A start looks at its feeds at once. */
  const lookUntil = async (what: string, isThere: (state: FeedState) => boolean) => {
    await using served = await world.serve();
    await until(what, async () => {
      const fact = await served.context.store.findFact<FeedState>(`feed:${plain}`);
      return fact !== undefined && isThere(fact.value);
    });
    clock.move(16 * minute);
  };
  await lookUntil('its first look', ({ seen }) => seen.length === 1);
  expect(web.asked[0]).toMatchObject({
    path: '/feed?token=FEEDTOKEN123&user=3',
    headers: { authorization: `Basic ${btoa('feeduser:FEEDPASSW0RD')}` },
  });
  items.unshift({ title: 'Second', link: '/2', guid: '2' });
  await lookUntil('its second look', ({ seen }) => seen.length === 2);
  isMoved = true;
  await lookUntil('that it has moved', ({ movedTo }) => movedTo !== undefined);
  const said = await Promise.all(
    [
      'feeds',
      'feeds --json',
      'journal',
      'journal --json',
      'export',
      'config',
      'check --offline',
    ].map((line) => run(world.folder, line)),
  );
  const texts = said.map(({ stdout, stderr }) => `${stdout}${stderr}`);
  expect(texts[0]).toContain(plain);
  expect(texts[2]).toContain('has moved for good');
  expect(texts[4]).toContain('Second');
  expect(texts.filter((text) => secrets.some((secret) => text.includes(secret)))).toEqual([]);
  expect(holders(join(world.folder, 'data'))).toEqual([]);
});

test('a feed that an older version knew with its credentials stays known', async () => {
  const items = [{ title: 'First', link: '/1', guid: '1' }];
  await using web = await serveWeb((_request, response) =>
    response.writeHead(200, { 'content-type': 'application/rss+xml' }).end(rss(items)),
  );
  const address = `${web.url}/feed?token=FEEDTOKEN123`;
  const clock = openMovableClock(tuesday);
  await using world = await openWorld({
    yaml: `cadence: { perDay: 1, minGap: 1h }\nfeeds: [{ url: "${address}", allowPrivate: true }]`,
    clock,
  });
  {
    await using served = await world.serve();
    const { store } = served.context;
    const find = (url: string) => store.findFact<{ seen: string[] }>(`feed:${url}`);
    await until('its first look', async () => (await find(`${web.url}/feed`))?.value.seen.length);
    const known = await find(`${web.url}/feed`);
    await store.putFact(`feed:${address}`, known?.value, 0);
    await store.removeFact(`feed:${web.url}/feed`, known?.revision ?? 0);
  }
  items.unshift({ title: 'Second', link: '/2', guid: '2' });
  clock.move(16 * minute);
  await using served = await world.serve();
  const { store } = served.context;
  await until('the new one', async () => (await store.listDeliveries({ limit: 5 })).length > 0);
  expect(await store.findFact(`feed:${address}`)).toBeUndefined();
});

test('whatever an address holds as a secret is known as one, and the rest stays', () => {
  for (const [address, plain, shown, found] of [
    ['https://u:pw11@h/feed', 'https://h/feed', 'https://…@h/feed', ['pw11']],
    ['https://tok3n@h/feed', 'https://h/feed', 'https://…@h/feed', ['tok3n']],
    ['https://h/f?a=1&auth=s3cret&b=2', 'https://h/f?a=1&b=2', undefined, ['s3cret']],
    ['https://h/f?api_key=a%2Fb', 'https://h/f', 'https://h/f?api_key=…', ['a%2Fb', 'a/b']],
    ['https://h/f?rss-token=abcd', 'https://h/f', 'https://h/f?rss-token=…', ['abcd']],
    ['https://medium.example/feed/@author', undefined, undefined, []],
    ['https://h/videos.xml?channel_id=UCabcdefgh', undefined, undefined, []],
    ['https://h/f?q=a@b.example&tag=key', undefined, undefined, []],
  ] as const) {
    expect([address, withoutCredentials(address)]).toEqual([address, plain ?? address]);
    const dots = plain === undefined ? address : (shown ?? 'https://h/f?a=1&auth=…&b=2');
    expect([address, hideCredentials(`see ${address} there`)]).toEqual([
      address,
      `see ${dots} there`,
    ]);
    expect([address, credentialsIn(address)]).toEqual([address, found]);
  }
});

test('config shows no password of MongoDB or of a proxy, however it is written', () => {
  for (const [uri, words] of [
    ['mongodb://user:PASS/WORD1@h1/db', ['PASS/WORD1', 'WORD1']],
    ['mongodb://user:p@SSWORD@h1/db', ['SSWORD']],
    ['mongodb://u:pw1234@h1:27017,h2:27017/db?replicaSet=a', ['pw1234']],
    ['mongodb://h1/db?tlsCertificateKeyFilePassword=KEYPASS99&tls=true', ['KEYPASS99']],
  ] as const) {
    using place = makePlace(`timezone: UTC
accounts:
  masto: { network: mastodon, url: "https://m.example", baseUrl: "https://p:PROXYPASS@p.example",
           token: abcdefgh }
`);
    const { shown, secrets: known } = place.load({ MONGODB_URI: uri });
    const text = JSON.stringify(shown);
    expect([uri, [...words, 'PROXYPASS'].filter((word) => text.includes(word))]).toEqual([uri, []]);
    expect(known).toEqual(expect.arrayContaining(['PROXYPASS']));
    expect([uri, known.some((one) => one.includes(words[0]))]).toEqual([uri, true]);
  }
});
