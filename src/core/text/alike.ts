import { findLinks } from './links.ts';

/** How near two texts may come, as the share of their word pairs that both have. */
const tooNear = 0.8;

/**
 * Whether X would take the second text for the first one again: the same words but for capitals,
 * signs, emoji and links, or nearly all of them in the same order.
 */
export function isAlike(a: string, b: string): boolean {
  const [left, right] = [wordsOf(a), wordsOf(b)];
  if (left.join(' ') === right.join(' ')) return true;
  const [pairs, others] = [pairsOf(left), pairsOf(right)];
  if (!pairs.size || !others.size) return false;
  const both = [...pairs].filter((pair) => others.has(pair)).length;
  return both / (pairs.size + others.size - both) >= tooNear;
}

function wordsOf(text: string): string[] {
  const plain = findLinks(text).reduceRight(
    (rest, { start, end }) => rest.slice(0, start) + rest.slice(end),
    text,
  );
  return (
    plain
      .normalize('NFKC')
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? []
  );
}

const pairsOf = (words: string[]): Set<string> =>
  new Set(words.map((word, i) => `${words[i - 1] ?? ''} ${word}`));
