import { describe, expect, test } from 'vitest';
import { parseCondition } from '../../src/core/condition/parse.ts';
import { compose } from '../../src/core/post/compose.ts';
import { findAddresses, findCardAddress } from '../../src/core/text/links.ts';
import { fits } from '../../src/core/text/length.ts';
import { splitText } from '../../src/core/text/split.ts';
import { findWeightedLinks } from '../../src/core/text/weighted-links.ts';
import { networks } from '../../src/core/network/network.ts';
import { limitsFor } from '../../src/core/network/traits-of.ts';
import { parseHead } from '../../src/networks/bluesky/card.ts';
import { parsePostFile } from '../../src/sources/folder/post-file.ts';
import { cpuTime, inputs } from './kit.ts';

const runs = inputs(1, 5);
const [short, long] = [3000, 30_000];
/** What looks quadratic is measured again, since a machine that is busy looks so too. */
const runsOfSuspect = 5;
/** Ten times the text may take ten times as long, and some; a hundred times is quadratic. */
const mostGrowth = 40;
/** What takes less is not measured, but noise: in milliseconds. */
const noise = 5;

const pieces: Record<string, string> = {
  'a word without an end': 'a',
  'words of one letter': 'a ',
  digits: '0123456789abcdef',
  'mentions of one letter': '@a',
  'mentions with dots': '@a.a',
  'mentions without a name': '@',
  'a mention with many dots': 'a.a',
  hosts: 'a.',
  'hosts that are endings': 'com.',
  'addresses in a row': 'http://a',
  addresses: 'https://a.com/ ',
  'addresses that do not end': 'https://a.com/(',
  'a long path': '/a',
  'stars around letters': '*a',
  'stars and blanks': '*a *',
  'two stars around letters': '**a',
  'underscores around letters': '_a_a',
  tildes: '~~a',
  'links that do not end': '[a](',
  'labels that do not end': '[',
  'labels that end': ']',
  'labels in labels': '[a]',
  'pictures that do not end': '![a',
  'pictures of wikis': '![[a',
  backticks: '`',
  'backticks of all lengths': '`a``b```c',
  'one backtick and many': '``a`',
  quotes: '>',
  'quotes and blanks': '> ',
  'nested lists': '- ',
  'nested lists in lines': '- a\n  ',
  'numbered lists': '1. ',
  'list and quote': '- > ',
  tags: '<a>',
  'tags that do not end': '<a ',
  'nested tags': '<div>',
  'tags with links': '<a href="b">',
  comments: '<!--',
  'comments that end': '<!-- a -->',
  signs: '<',
  entities: '&amp;',
  ampersands: '&',
  'reference links': '[a]: b\n',
  'parts of a thread': '\n---\n',
  fences: '```\n',
  braces: '{{',
  variables: '{{a}}',
  backslashes: '\\',
  'a letter with many marks': '\u0301',
  joiners: '\u200D',
  flags: '🇩🇪',
  families: '👨‍👩‍👧‍👦',
  halves: '\uD83D',
  hashtags: '#a',
  cashtags: '$a ',
  'line breaks': '\n',
  blanks: ' ',
  'blanks and letters': '          a',
  brackets: '(',
  'square brackets': '[[',
  curly: '{',
  'not not': 'not ',
  'likes or': 'likes >= 1 or ',
  sums: '1+',
  'YAML lists': '- - ',
  'YAML maps': 'a: ',
  'YAML keys': '? ',
  'YAML tabs': '\t',
  'quoted YAML': '"',
};

const post = {
  path: 'a.md',
  file: 'posts/a.md',
  sidecars: [],
  defaults: [],
  zone: 'UTC',
  names: { accounts: [], queues: [], campaigns: [] } as never,
};
const parse = (text: string) => parsePostFile({ ...post, text });
const composed = (text: string, front = '') => {
  const parsed = parse(`---\nid: a\n${front}---\n${text}`);
  if ('problems' in parsed) return;
  for (const network of networks)
    compose({
      post: parsed.post,
      account: { name: 'a', network },
      limits: limitsFor({ name: 'a', network } as never),
      campaigns: {},
      mentions: {},
      run: 1,
    });
};
const each = (use: (limits: ReturnType<typeof limitsFor>) => void) => {
  for (const network of networks) use(limitsFor({ name: 'a', network } as never));
};

const works: Record<string, (text: string) => unknown> = {
  'the length of a text': (text) => each((limits) => fits(text, limits.text)),
  'the links of a text': (text) => [findAddresses(text), findWeightedLinks(text)],
  'the card of a text': findCardAddress,
  'the parts of a text': (text) => each((limits) => splitText(text, limits.text)),
  'a condition': (text) => parseCondition(text),
  'a condition that begins well': (text) => parseCondition(`likes >= ${text}`),
  'the head of a page': (text) => parseHead(Buffer.from(text), 'text/html'),
  'the title of a page': (text) => parseHead(Buffer.from(`<head><title>${text}`), text),
  'a post file': (text) => composed(text),
  'a file without front matter': (text) => parse(text),
  'a file of front matter': (text) => parse(`---\n${text}\n---\nHello`),
  'a title': (text) => composed('{{title}}', `title: ${JSON.stringify(text)}\n`),
  'a link': (text) => composed('Hello', `link: ${JSON.stringify(`https://a.com/${text}`)}\n`),
  'a hashtag': (text) => composed('Hello', `hashtags: [${JSON.stringify(text)}]\n`),
  'a warning': (text) => composed('Hello', `cw: ${JSON.stringify(text)}\n`),
  'a thread': (text) => composed(text, 'thread: auto\n'),
  'a rule': (text) =>
    composed('Hello', `followUps: [{ when: ${JSON.stringify(text)}, text: a }]\n`),
  'a time': (text) => composed('Hello', `at: ${JSON.stringify(text)}\n`),
};

function fastest(work: () => unknown, most: number): number {
  let best = Infinity;
  for (let run = 0; run < most; run++) {
    const before = cpuTime();
    work();
    best = Math.min(best, cpuTime() - before);
  }
  return best;
}

const toLength = (piece: string, length: number) =>
  piece.repeat(Math.ceil(length / piece.length)).slice(0, length);

function growth(work: (text: string) => unknown, piece: string, count: number) {
  const few = fastest(() => work(toLength(piece, short)), count);
  const many = fastest(() => work(toLength(piece, long)), count);
  return { times: many / Math.max(few, noise), told: `${few} and ${many} ms` };
}

describe(`ten times the text is no more than some ten times the work, the best of ${runs}`, () => {
  test.for(Object.entries(works))('%s', { timeout: 240_000 }, ([, work]) => {
    for (const [family, piece] of Object.entries(pieces)) {
      const measured = growth(work, piece, runs);
      const isSuspect = measured.times >= mostGrowth;
      const { times, told } = isSuspect ? growth(work, piece, runsOfSuspect) : measured;
      expect.soft(times, `${family}: ${told}`).toBeLessThan(mostGrowth);
    }
  });
});
