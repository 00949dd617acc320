import { afterAll, expect } from 'vitest';
import { faultsOf } from '../networks/kit.ts';
import { openFaultProxy } from '../peers/fault-proxy.ts';
import { peerOrSkip } from '../peers/peer-or-skip.ts';
import { howToGetSnac, openSnac } from '../peers/snac.ts';
import { listStores, releaseAll, takePhoto } from './real-world.ts';

const { peer: snac, test: snacTest } = peerOrSkip(await openSnac(), howToGetSnac);
afterAll(() => snac?.[Symbol.asyncDispose]());

const accountAt = (url = snac?.url) =>
  `{ network: mastodon, url: "${url}", token: ${snac?.token} }`;

async function read(path: string): Promise<any> {
  return (
    await fetch(`${snac?.url}/api/v1/${path}`, {
      headers: { authorization: `Bearer ${snac?.token}`, connection: 'close' },
    })
  ).json();
}

async function own(word: string): Promise<any[]> {
  const { id } = await read('accounts/verify_credentials');
  const statuses: any[] = await read(`accounts/${id}/statuses?limit=40`);
  return statuses.filter(({ content }) => content.includes(word)).reverse();
}

for (const { store, uri, test } of listStores()) {
  const both = test === snacTest || snac === undefined ? snacTest : test;

  both(`a file becomes the status that it describes (${store})`, async () => {
    const word = `hello-${store.slice(0, 3)}`;
    const file = `---
lang: de
cw: Wasser
hashtags: [tropfen]
link: https://example.com/a?b=c&d=e
mastodon: { visibility: private }
---
👩‍🚀 Grüße & mehr *von* ${word}, 3 < 4
`;
    const { hello } = await releaseAll({
      account: accountAt(),
      files: { 'posts/hello.md': file },
      mongoUri: uri(),
    });
    expect([hello?.state, hello?.reason]).toEqual(['released', undefined]);
    const status = await read(`statuses/${hello?.receipts[0]?.id}`);
    expect(status).toMatchObject({
      spoiler_text: 'Wasser',
      sensitive: true,
      visibility: 'private',
      url: hello?.receipts[0]?.url,
    });
    const { text } = await read(`statuses/${status.id}/source`);
    expect(text).toBe(
      `👩‍🚀 Grüße & mehr von ${word}, 3 < 4\n\nhttps://example.com/a?b=c&d=e\n#tropfen`,
    );
    expect(status.tags).toMatchObject([{ name: 'tropfen' }]);
  });

  both(
    `a thread stands in order with its picture upright, without EXIF and with its alt text (${store})`,
    async () => {
      const word = `story-${store.slice(0, 3)}`;
      const { story } = await releaseAll({
        account: accountAt(),
        mongoUri: uri(),
        files: {
          'posts/story/index.md':
            '---\nmedia: [{ src: photo.jpg, alt: "Rot über Blau" }]\n---\nEins WORD\n\n---\nZwei\n\n---\nDrei\n'.replace(
              'WORD',
              word,
            ),
          'posts/story/photo.jpg': await takePhoto(),
        },
      });
      const statuses = await Promise.all(
        (story?.receipts ?? []).map(({ id }) => read(`statuses/${id}`)),
      );
      expect(statuses.map(({ content }) => content.replace(/<[^>]*>/g, '').trim())).toEqual([
        `Eins ${word}`,
        'Zwei',
        'Drei',
      ]);
      expect(statuses.map(({ in_reply_to_id: parent }) => parent)).toEqual([
        null,
        statuses[0].id,
        statuses[1].id,
      ]);
      expect(statuses[0].media_attachments).toMatchObject([
        { type: 'image', description: 'Rot über Blau' },
      ]);
      const picture = await fetch(statuses[0].media_attachments[0].url);
      expect(await faultsOf(Buffer.from(await picture.arrayBuffer()))).toEqual([]);
    },
  );

  both(
    `a connection that is cut after each commit leaves each part once, without keys (${store})`,
    async () => {
      const word = `cut-${store.slice(0, 3)}`;
      await using proxy = await openFaultProxy(snac?.url ?? '');
      for (const nth of [1, 1, 1]) proxy.fail(/POST \/api\/v1\/statuses/, 'drop', nth);
      const { cut } = await releaseAll({
        account: accountAt(proxy.url),
        files: { 'posts/cut.md': `Eins ${word}\n\n---\nZwei ${word}\n\n---\nDrei ${word}\n` },
        mongoUri: uri(),
      });
      const statuses = await own(word);
      expect(statuses.map(({ content }) => content.replace(/<[^>]*>/g, '').trim())).toEqual([
        `Eins ${word}`,
        `Zwei ${word}`,
        `Drei ${word}`,
      ]);
      expect([cut?.state, cut?.receipts.map(({ id }) => id)]).toEqual([
        'released',
        statuses.map(({ id }) => id),
      ]);
      expect(proxy.asked.filter((line) => line.startsWith('POST /api/v1/statuses'))).toHaveLength(
        3,
      );
    },
  );

  both(`a send that never arrived is made again after two looks (${store})`, async () => {
    const word = `lost-${store.slice(0, 3)}`;
    await using proxy = await openFaultProxy(snac?.url ?? '');
    proxy.fail(/POST \/api\/v1\/statuses/, 'reset');
    const { lost } = await releaseAll({
      account: accountAt(proxy.url),
      files: { 'posts/lost.md': `Once ${word}` },
      mongoUri: uri(),
    });
    expect([lost?.state, (await own(word)).length]).toEqual(['released', 1]);
    const looks = proxy.asked.slice(
      proxy.asked.findIndex((line) => line.startsWith('POST /api/v1/statuses')),
      proxy.asked.findLastIndex((line) => line.startsWith('POST /api/v1/statuses')),
    );
    // A look that snac2 leaves unanswered does not count, and is made again.
    expect(
      looks.filter((line) => /^GET .*\/statuses\?(?!.*max_id)/.test(line)).length,
    ).toBeGreaterThanOrEqual(2);
  });
}
