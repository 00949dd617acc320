import { expect, test } from 'vitest';
import { networks } from '../../src/core/network/network.ts';
import { readSources } from './sources.ts';

const names = networks.join('|');

/**
 * Where a network may be named: everywhere else the code asks for one of its traits, so that a new
 * network is a row and a folder, and nothing has to be searched for.
 */
const homes = [
  // The rows themselves.
  /^core\/network\//,
  // What speaks to one network, and what plays it.
  new RegExp(`^(networks|sandbox)/(${names})/`),
  // The shape of each network's account in the configuration.
  /^config\/schema-accounts\.ts$/,
  // The lists of implementations: publishers, local networks, and the rows of the latter.
  /^networks\/open-(publisher|connectors)\.ts$/,
  /^sandbox\/open-sandbox\.ts$/,
  /^sandbox\/world\/network-rows\.ts$/,
];

const others: Record<string, RegExp> = {
  // A letter in the data of a chat's button.
  'chat/buttons.ts': /letter === 'x'/,
  // The verb still reads addresses itself.
};

/** Comments may speak of networks; so may sentences. */
const withoutComments = (text: string) =>
  text
    .replaceAll(/\/\*[\s\S]*?\*\//g, (comment) => comment.replaceAll(/[^\n]/g, ' '))
    .replaceAll(/\/\/ .*$/gm, '');

const literal = new RegExp(`(['"\`])(${networks.join('|')})\\1`);
// `x` is a coordinate too; a table of networks has keys for the others as well.
const longer = networks.filter((name) => name.length > 1).join('|');
const key = new RegExp(`(^|[\\s{,(])(${longer}):`);
// Of a table, or a selector in CSS.
const property = new RegExp(`\\.(${longer})\\b`);

const isMention = (line: string) => [literal, key, property].some((one) => one.test(line));

test('a network is named in its own folders alone', () => {
  const found = readSources('src')
    .filter(({ path }) => !homes.some((home) => home.test(path)))
    .flatMap(({ path, text }) =>
      withoutComments(text)
        .split('\n')
        .map((line, i) => ({ line, at: `${path}:${i + 1}` }))
        .filter(({ line }) => isMention(line) && !others[path]?.test(line))
        .map(({ line, at }) => `${at} ${line.trim()}`),
    );
  expect(found).toEqual([]);
});
