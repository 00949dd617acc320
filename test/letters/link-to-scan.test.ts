import { expect, test } from 'vitest';
import { decodeLetter } from '../../src/letters/frozen-letter.ts';
import { sequence, step } from '../flow/people/people-world.ts';
import { berlin, monday, openTestPress, person } from './kit.ts';

const all = 'https://shop.example.com/all';

async function compose(text: string, link: object) {
  const links: string[] = [];
  const count = (url: string, bare: string) => {
    links.push(bare);
    return `https://go.example.com/l/${links.length}`;
  };
  const openCounting = () => ({ count, links: () => [] });
  const { press } = openTestPress('din-b', 'DE', { openCounting });
  const dispatch = { id: 'welcome.offer@p-1' };
  const parts = { dispatch, person: person(), sequence: sequence([]), address: berlin };
  const { bytes } = await press.compose({
    ...parts,
    step: step('offer', { subject: 'Offer', text, ...link }),
    at: monday,
  });
  const letter = decodeLetter(bytes);
  const runs = letter.blocks.flatMap((one) => ('runs' in one ? one.runs : []));
  return { read: runs.map((one) => one.text).join(''), scanned: letter.link, links };
}

const shared = { link: all, isLinkShared: true };
const spring = 'https://shop.example.com/spring';

test.each([
  ['the link of the step', `See [spring](${spring}).`, { link: all }, all],
  ['its first web link', `See [spring](${spring}).`, {}, spring],
  ['its first web link before the one of the sequence', `See [spring](${spring}).`, shared, spring],
  ['a bare web link', `See ${spring} now.`, shared, spring],
  ['the link of the sequence', 'See you.', shared, all],
  ['the link of the sequence, named in the text', 'See [it]({{link}}).', shared, all],
])('the code to scan leads to %s, and it alone is counted', async (_, text, link, target) => {
  const { scanned, links, read } = await compose(text, link);
  expect([scanned, links]).toEqual(['https://go.example.com/l/1', [target]]);
  expect(read).not.toContain('go.example.com');
});

test('other links are written out with their own address', async () => {
  const more = `[spring](${spring}), [more](https://shop.example.com/more)`;
  expect((await compose(more, shared)).read).toBe('spring, more (shop.example.com/more)');
  expect((await compose(more, { link: all })).read).toBe(
    'spring (shop.example.com/spring), more (shop.example.com/more)',
  );
  expect((await compose('{{link}} and {{person.name}}', shared)).read).toBe(`${all} and Łucja`);
});

test('a link with something of the person is counted without it', async () => {
  const own = 'https://shop.example.com/?of={{person.name}}';
  const { links } = await compose(`[yours](${own})`, shared);
  expect(links.join()).toContain('shop.example.com');
  expect(links.join()).not.toMatch(/ucja/);
});
