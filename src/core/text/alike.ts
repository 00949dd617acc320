import { findWeightedLinks } from './weighted-links.ts';

/** Jaccard similarity of the word pairs from which two texts count as alike. */
const tooNear = 0.8;

/**
 * Whether X would take the texts for duplicates: the same words apart from capitals, signs, emoji
 * and links, or nearly all of them in the same order.
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
  const plain = findWeightedLinks(text).reduceRight(
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
