import fc from 'fast-check';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { networks } from '../../src/core/network/network.ts';
import { costOfParts } from '../../src/core/network/x-prices.ts';
import { costsOf } from '../../src/flow/spend/cost.ts';
import { stateOf } from '../commands/kit.ts';
import { openWorld, until, type World } from '../flow/world.ts';
import { inputs } from './kit.ts';

const yaml = `cadence: { perDay: 60, windows: ["02:00-09:00"], minGap: 1m }
mentions:
  alice: { x: "@dripline", bluesky: "@dripline.test", mastodon: "@alice@m.example" }
  bob: { mastodon: "@bob@m.example", name: "Bob Smith" }
  carol: { x: "@carol", bluesky: "@nobody.example.com" }
campaigns: { spring: { utm: { source: "{{network}}" } } }
`;

const accounts = { x: 'x', bluesky: 'bsky', mastodon: 'masto' };

interface Shown {
  delivery: string;
  parts: { text: string }[];
  problems: string[];
}

const textsOf = (one: Shown | undefined) => one?.parts.map(({ text }) => text);

interface Facet {
  index: { byteStart: number; byteEnd: number };
  features: { $type: string; did?: string }[];
}

/** As anyone reads it from the server: whom each stretch of the text addresses. */
async function addressedOnBluesky(world: World, text: string) {
  const post = world.sandbox.accepted().find((one) => one.text === text);
  const [repo = '', collection = '', rkey = ''] = post?.id.slice('at://'.length).split('/') ?? [];
  const query = new URLSearchParams({ repo, collection, rkey });
  const url = `${world.sandbox.baseUrls.bluesky}/xrpc/com.atproto.repo.getRecord?${query}`;
  const { value } = (await (await fetch(url)).json()) as { value: { facets?: Facet[] } };
  const bytes = Buffer.from(text);
  const addressed = (value.facets ?? []).flatMap(({ index, features }) =>
    features.flatMap(({ did }) =>
      did ? [[bytes.toString('utf8', index.byteStart, index.byteEnd), did]] : [],
    ),
  );
  return { repo, addressed };
}

test('{{@name}} is published as the address on each network, and Bluesky links it', async () => {
  const text = 'Danke, {{@alice}} — and {{@bob}}, {{@carol}}: “{{@alice}}”.';
  await using world = await openWorld({ yaml, files: { 'posts/a.md': text } });
  await using _served = await world.serve();
  await world.say('resume');
  await world.say('now a');
  expect(world.texts('x')).toEqual(['Danke, @dripline — and Bob Smith, @carol: “@dripline”.']);
  expect(world.texts('mastodon')).toEqual([
    'Danke, @alice@m.example — and @bob@m.example, carol: “@alice@m.example”.',
  ]);
  const onBluesky = 'Danke, @dripline.test — and Bob Smith, @nobody.example.com: “@dripline.test”.';
  expect(world.texts('bluesky')).toEqual([onBluesky]);
  const { repo, addressed } = await addressedOnBluesky(world, onBluesky);
  expect(addressed).toEqual([
    ['@dripline.test', repo],
    ['@dripline.test', repo],
  ]);
});

const piece = fc.constantFrom(
  'Thanks to {{@alice}} again.',
  'With {{ @bob }} and {{@carol}}!',
  'See https://example.com/a on {{network}}.',
  'Plain words, é and 感谢.',
  '**{{@alice}}**, *{{@carol}}* \\{{@x}}',
  '\n\n---\n\nNext, {{@bob}}:',
);
const drafts = fc.record({
  pieces: fc.array(piece, { minLength: 1, maxLength: 15 }),
  hasLink: fc.boolean(),
});
// A timeline is read to a hundred posts.
const runs = inputs(8, 20);

test(`of ${runs} posts with people, shows, costs, networks and timelines tell one text`, async () => {
  const files = Object.fromEntries(
    fc.sample(drafts, { numRuns: runs, seed: 11 }).map(({ pieces, hasLink }, i) => {
      const link = hasLink ? 'link: https://example.com/page\ncampaign: spring\n' : '';
      // Each part is another one: X refuses what was said before.
      const words = pieces.map((piece, j) => `${piece} No. ${i}-${j}.`);
      const body = `Number ${i}, ${words.join(' ')}`;
      return [`posts/p${i}.md`, `---\nthread: auto\n${link}---\n${body}`];
    }),
  );
  await using world = await openWorld({ yaml, files });
  const before = new Map<string, string[]>();
  {
    await using served = await world.serve();
    const { store } = served.context;
    const rows = await until('all are scheduled', async () => {
      const some = await world.say<Shown[]>(`next ${runs * networks.length}`);
      return some.length === runs * networks.length ? some : undefined;
    });
    const planned = await store.listDeliveries({ account: 'x', states: ['planned'] });
    const costs = await costsOf({ store, settings: world.config }, 'x', planned);
    await world.say('resume');
    for (let i = 0; i < runs; i += 1) {
      const { deliveries } = await world.say<{ deliveries: Shown[] }>(`show p${i}`);
      await world.say(`now p${i}`);
      for (const network of networks) {
        const id = `p${i}@${accounts[network]}`;
        const shown = deliveries.find(({ delivery }) => delivery === id);
        expect([id, shown?.problems]).toEqual([id, []]);
        const published = world.texts(network).slice(count(before, network));
        expect([id, published]).toEqual([id, textsOf(shown)]);
        expect(textsOf(rows.find(({ delivery }) => delivery === id))).toEqual(published);
        before.set(id, published);
        const parts = published.map((text) => ({ text, media: [] }));
        if (network === 'x') expect(costs.get(id)).toEqual(costOfParts(parts));
      }
    }
  }
  // Of a store that knows nothing the timelines are all there is to see that it is out.
  rmSync(join(world.folder, 'data'), { recursive: true });
  const standing = world.sandbox.accepted().length;
  await using _again = await world.serve();
  await world.say('resume');
  await world.say('now p0');
  for (const [id, texts] of before) {
    const known = texts.length === 1 ? 'released' : 'uncertain';
    await until(`${id} is ${known}`, async () => (await stateOf(world, id)) === known);
  }
  expect(world.sandbox.accepted()).toHaveLength(standing);
});

/** How many texts of the network are known already. */
const count = (known: ReadonlyMap<string, string[]>, network: keyof typeof accounts) =>
  [...known].reduce(
    (n, [id, texts]) => (id.endsWith(`@${accounts[network]}`) ? n + texts.length : n),
    0,
  );
