import { afterAll, beforeAll, expect } from 'vitest';
import type { Delivery } from '../../src/core/delivery/delivery.ts';
import { type CardPage, openCardPage } from '../faults/fault-world.ts';
import { faultsOf } from '../networks/kit.ts';
import { openFaultProxy } from '../peers/fault-proxy.ts';
import { openPds, type Pds } from '../peers/pds.ts';
import { listStores, releaseAll, takePhoto } from './real-world.ts';

let pds: Pds;
let page: CardPage;
beforeAll(async () => {
  [pds, page] = [await openPds(), await openCardPage()];
});
afterAll(async () => {
  await page[Symbol.asyncDispose]();
  await pds[Symbol.asyncDispose]();
});

type Person = Awaited<ReturnType<Pds['createAccount']>>;

const accountOf = ({ handle, password }: Person, baseUrl = pds.url) =>
  `{ network: bluesky, baseUrl: "${baseUrl}", handle: ${handle}, password: ${password} }`;

async function listRecords({
  agent,
  did,
}: Person): Promise<{ uri: string; cid: string; value: any }[]> {
  const { data } = await agent.com.atproto.repo.listRecords({
    repo: did,
    collection: 'app.bsky.feed.post',
    limit: 100,
    reverse: true,
  });
  return data.records.map(({ uri, cid, value }) => ({
    uri,
    cid,
    value: JSON.parse(JSON.stringify(value)),
  }));
}

const receiptsOf = (delivery: Delivery | undefined) =>
  delivery?.receipts.map(({ id, cid }) => ({ uri: id, cid }));

for (const { store, uri, test } of listStores()) {
  test(`a file becomes the record that it describes, with facets, card, language and labels (${store})`, async () => {
    const person = await pds.createAccount();
    const file = `---
lang: de
cw: Wasser
hashtags: [tropfen]
link: ${page.url}
bluesky: { labels: [graphic-media] }
---
👩‍🚀 Grüße an @${person.handle}: **mehr** unter https://example.com/ä?x=1#y und @nobody-here.test
`;
    const { hello } = await releaseAll({
      account: accountOf(person),
      files: { 'posts/010-hello.md': file },
      mongoUri: uri(),
    });
    expect([hello?.state, hello?.reason]).toEqual(['released', undefined]);
    const [record, ...more] = await listRecords(person);
    expect(more).toEqual([]);
    expect(receiptsOf(hello)).toEqual([{ uri: record?.uri, cid: record?.cid }]);
    const { text, facets, ...value } = record?.value ?? {};
    expect(text).toBe(
      `[Wasser]\n\n👩‍🚀 Grüße an @${person.handle}: mehr unter https://example.com/ä?x=1#y und @nobody-here.test\n\n#tropfen`,
    );
    const bytes = Buffer.from(text);
    const marked = facets.map(({ index, features: [feature] }: any) => [
      bytes.toString('utf8', index.byteStart, index.byteEnd),
      feature.did ?? feature.uri ?? feature.tag,
    ]);
    expect(marked.sort()).toEqual([
      ['#tropfen', 'tropfen'],
      [`@${person.handle}`, person.did],
      ['https://example.com/ä?x=1#y', 'https://example.com/ä?x=1#y'],
    ]);
    expect(value).toMatchObject({
      langs: ['de'],
      labels: { values: [{ val: 'graphic-media' }] },
      embed: {
        $type: 'app.bsky.embed.external',
        external: {
          uri: page.url,
          title: 'Water & bread',
          description: 'Drop by drop',
          thumb: { $type: 'blob', mimeType: expect.stringMatching(/^image\//) },
        },
      },
    });
    expect(Date.parse(value.createdAt)).toBeGreaterThan(Date.now() - 60_000);
  });

  test(`a thread stands in order with its picture upright, without EXIF and with its alt text (${store})`, async () => {
    const person = await pds.createAccount();
    const { story } = await releaseAll({
      account: accountOf(person),
      mongoUri: uri(),
      files: {
        'posts/story/index.md':
          '---\nmedia: [{ src: photo.jpg, alt: "Rot über Blau" }]\n---\nEins\n\n---\nZwei\n\n---\nDrei\n',
        'posts/story/photo.jpg': await takePhoto(),
      },
    });
    const records = await listRecords(person);
    expect(records.map(({ value }) => value.text)).toEqual(['Eins', 'Zwei', 'Drei']);
    const refs = records.map(({ uri: at, cid }) => ({ uri: at, cid }));
    expect(receiptsOf(story)).toEqual(refs);
    expect(records.map(({ value }) => value.reply)).toEqual([
      undefined,
      { root: refs[0], parent: refs[0] },
      { root: refs[0], parent: refs[1] },
    ]);
    const [image] = records[0]!.value.embed.images;
    expect(image).toMatchObject({ alt: 'Rot über Blau', aspectRatio: { width: 20, height: 40 } });
    const { data } = await person.agent.com.atproto.sync.getBlob({
      did: person.did,
      cid: image.image.ref.$link,
    });
    expect(await faultsOf(Buffer.from(data))).toEqual([]);
  });

  test(`a connection that is cut after each commit leaves each part once (${store})`, async () => {
    const person = await pds.createAccount();
    await using proxy = await openFaultProxy(pds.url);
    for (const nth of [1, 1, 1]) proxy.fail(/putRecord/, 'drop', nth);
    const { cut } = await releaseAll({
      account: accountOf(person, proxy.url),
      files: { 'posts/cut.md': 'Eins\n\n---\nZwei\n\n---\nDrei\n' },
      mongoUri: uri(),
    });
    const records = await listRecords(person);
    expect(records.map(({ value }) => value.text)).toEqual(['Eins', 'Zwei', 'Drei']);
    expect([cut?.state, receiptsOf(cut)]).toEqual([
      'released',
      records.map(({ uri: at, cid }) => ({ uri: at, cid })),
    ]);
    expect(proxy.asked.filter((line) => line.includes('putRecord'))).toHaveLength(3);
  });
}
