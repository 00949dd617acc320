/** Seeded chance: the same words, the same numbers. */
export type Random = () => number;

/** sfc32, seeded by the words' hash. */
export function createRandom(...words: (string | number)[]): Random {
  let hash = 0x811c9dc5;
  for (const character of words.join('\u0000'))
    hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
  let [a, b, c, counter] = [hash | 0, (hash ^ 0x9e3779b9) | 0, (hash ^ 0x243f6a88) | 0, 1];
  const next = () => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + sum) | 0;
    return (sum >>> 0) / 2 ** 32;
  };
  for (let i = 0; i < 12; i++) next();
  return next;
}

export function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** Marsaglia and Tsang. */
export function gamma(random: Random, shape: number): number {
  if (shape < 1) return gamma(random, shape + 1) * (1 - random()) ** (1 / shape);
  const d = shape - 1 / 3;
  for (;;) {
    const z = normal(random);
    const v = (1 + z / Math.sqrt(9 * d)) ** 3;
    if (v > 0 && Math.log(1 - random()) < (z * z) / 2 + d - d * v + d * Math.log(v)) return d * v;
  }
}

export function beta(random: Random, a: number, b: number): number {
  const one = gamma(random, a);
  return one / (one + gamma(random, b));
}

/**
 * The count below which a Poisson variable lies with this chance: one chance for all policies, so
 * that they meet the same luck.
 */
export function poissonAt(mean: number, chance: number): number {
  if (mean > 80) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normalAt(chance)));
  let term = Math.exp(-mean);
  let sum = term;
  let count = 0;
  while (sum < chance && count < 1000) {
    count++;
    term *= mean / count;
    sum += term;
  }
  return count;
}

/**
 * The inverse of the normal distribution, by Acklam's rational approximation in the middle and in
 * the tails.
 */
export function normalAt(chance: number): number {
  const p = Math.min(1 - 1e-9, Math.max(1e-9, chance));
  if (p < 0.02425) return tailAt(Math.sqrt(-2 * Math.log(p)));
  if (p > 0.97575) return -tailAt(Math.sqrt(-2 * Math.log(1 - p)));
  const q = p - 0.5;
  const r = q * q;
  const above =
    ((((-39.69683028665376 * r + 220.9460984245205) * r - 275.9285104469687) * r +
      138.357751867269) *
      r -
      30.66479806614716) *
      r +
    2.506628277459239;
  const below =
    ((((-54.47609879822406 * r + 161.5858368580409) * r - 155.6989798598866) * r +
      66.80131188771972) *
      r -
      13.28068155288572) *
      r +
    1;
  return (above * q) / below;
}

function tailAt(q: number): number {
  const above =
    ((((-0.007784894002430293 * q - 0.3223964580411365) * q - 2.400758277161838) * q -
      2.549732539343734) *
      q +
      4.374664141464968) *
      q +
    2.938163982698783;
  const below =
    (((0.007784695709041462 * q + 0.3224671290700398) * q + 2.445134137142996) * q +
      3.754408661907416) *
      q +
    1;
  return above / below;
}
