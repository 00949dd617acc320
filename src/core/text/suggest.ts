/** The candidate that was probably meant, or undefined when none is near. */
export function suggest(word: string, candidates: readonly string[]): string | undefined {
  const near = candidates
    .map((candidate) => ({
      candidate,
      distance: editDistance(word.toLowerCase(), candidate.toLowerCase()),
    }))
    .sort((a, b) => a.distance - b.distance)[0];
  return near && near.distance <= Math.max(2, Math.floor(word.length / 3))
    ? near.candidate
    : undefined;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

const listChoices = (candidates: readonly string[]) =>
  candidates.length > 1 ? `one of ${candidates.join(', ')}` : candidates.join('');

export const didYouMean = (word: string, candidates: readonly string[]): string => {
  const meant = suggest(word, candidates);
  if (candidates.length === 0) return 'there are none yet';
  return meant === undefined ? `use ${listChoices(candidates)}` : `did you mean "${meant}"?`;
};
