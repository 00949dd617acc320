import type { Tokens } from '../../../io/secrets/sealed-tokens.ts';

export interface Sites {
  /** As browsers say them: `https://example.com`. */
  origins: readonly string[];
  tokens: Tokens;
}

/**
 * Whoever is led to a site that tells visits brings a token along: behind `#`, so that no server
 * reads it; where the address has that already, as a parameter.
 */
export function openLeading({
  origins,
  tokens,
}: Sites): (location: string, code: string) => string {
  const known = new Set(origins);
  return (location, code) => {
    const url = URL.parse(location);
    if (!url || !known.has(url.origin)) return location;
    const word = `dl=${tokens.make('visit', code)}`;
    if (url.hash === '') return `${location.replace(/#$/, '')}#${word}`;
    url.search += `${url.search === '' ? '?' : '&'}${word}`;
    return url.href;
  };
}
