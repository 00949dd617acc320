import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Network, networks } from '../../src/core/network/network.ts';
import { limitsFor } from '../../src/core/network/traits-of.ts';
import { compose } from '../../src/core/post/compose.ts';
import type { Post } from '../../src/core/post/post.ts';
import { parsePostFile } from '../../src/sources/folder/post-file.ts';
import { inputs } from './kit.ts';

function read(text: string): Post {
  const names = { accounts: [], queues: [], campaigns: [] };
  const place = { path: 'a.md', file: 'posts/a.md', zone: 'UTC', names };
  const parsed = parsePostFile({ ...place, text, sidecars: [], defaults: [] });
  if (!('post' in parsed)) throw new Error(JSON.stringify(parsed.problems));
  const media = parsed.media.map(({ where: _where, ...one }) => ({ ...one, file: `/${one.src}` }));
  return { ...parsed.post, media };
}

function on(network: Network, post: Post, run = 1) {
  const account = { name: network, network };
  return compose({ post, account, limits: limitsFor(account), campaigns: {}, mentions: {}, run });
}

const part = fc.record({
  words: fc.constantFrom('', 'One sentence.', 'Some words. '.repeat(60).trim()),
  pictures: fc.integer({ min: 0, max: 5 }),
});
const threads = fc.record({
  parts: fc.array(part, { minLength: 1, maxLength: 5 }),
  listed: fc.integer({ min: 0, max: 2 }),
  thread: fc.constantFrom('auto', 'manual'),
});
const runs = inputs(150, 5000);

test(`in ${runs} threads each picture hangs on the part in which it is written`, () => {
  fc.assert(
    fc.property(threads, fc.constantFrom(...networks), ({ parts, listed, thread }, network) => {
      const isSplit = parts.some(({ words, pictures }) => words === '' && pictures === 0);
      fc.pre(!isSplit);
      const written = parts.map(({ words, pictures }, i) =>
        [words, ...Array.from({ length: pictures }, (_, j) => `![x](p${i}-${j}.png)`)].join(' '),
      );
      const media = Array.from({ length: listed }, (_, i) => `l${i}.png`);
      const post = read(
        `---\nthread: ${thread}\nmedia: [${media.join(', ')}]\n---\n${written.join('\n\n---\n\n')}`,
      );
      const { message, problems } = on(network, post);
      const shown = message.parts.map(({ media: of }) => of.map(({ src }) => src));
      const wanted = parts.map(({ pictures }, i) => [
        ...(i === 0 ? media : []),
        ...Array.from({ length: pictures }, (_, j) => `p${i}-${j}.png`),
      ]);
      expect(shown.filter((of) => of.length > 0)).toEqual(wanted.filter((of) => of.length > 0));
      if (thread === 'manual') expect(shown).toEqual(wanted);
      const tooMany = wanted.filter((of) => of.length > 4).length;
      expect(problems.filter((one) => /pictures;/.test(one))).toHaveLength(tooMany);
    }),
    { numRuns: runs },
  );
});

test('a part may be a picture alone, and one with neither is refused', () => {
  for (const network of networks) {
    expect(on(network, read('Text\n\n---\n\n![p](a.png)'))).toMatchObject({
      problems: [],
      message: {
        parts: [
          { text: 'Text', media: [] },
          { text: '', media: [{ src: 'a.png' }] },
        ],
      },
    });
    const { problems } = on(network, read('Text\n\n---\n\n---\n\nEnd'));
    expect(problems).toEqual(['part 2 of 3 is empty: remove one of the `---` lines']);
  }
});

test('only a picture in the first part takes the place of the card', () => {
  const link = 'https://example.com/';
  const later = on('bluesky', read(`See ${link}\n\n---\n\nAnd ![p](a.png)`));
  expect(later.message.card).toBe(link);
  expect(on('bluesky', read(`See ${link} ![p](a.png)\n\n---\n\nAnd`)).message.card).toBeUndefined();
});

test('pictures of parts that a text of its own does not have hang on its last part', () => {
  const post = read('---\nx: { text: Short }\n---\nOne\n\n---\n\nTwo ![p](a.png)');
  expect(on('x', post).message.parts).toMatchObject([{ text: 'Short', media: [{ src: 'a.png' }] }]);
});
