/** How much of each foreign text is looked at, in code units: all work on it is bounded by this. */
export const most = { html: 20_000, words: 600, title: 4000, name: 300, address: 1000, alt: 1000 };

/** The beginning of the text, never cut inside a character. */
export function cut(text: string, max: number): string {
  if (text.length <= max) return text;
  const isHalf = (text.codePointAt(max - 1) ?? 0) > 0xffff;
  return text.slice(0, isHalf ? max - 1 : max);
}

/** The same with an ellipsis, and after a whole word where there is one near the end. */
export function cutWords(text: string, max: number): string {
  if (text.length <= max) return text;
  const start = cut(text, max - 1);
  const space = start.lastIndexOf(' ');
  return `${(space > max - 100 ? start.slice(0, space) : start).trimEnd()}…`;
}

// Escape sequences, and what no reader sees. Line breaks and tabs are white space.
const control = /[\p{Cc}\uE000]/gu;

export const tidy = (text: string): string =>
  text
    .replaceAll(/[\s\u00A0]+/g, ' ')
    .replaceAll(control, '')
    .trim();

export const tidyLines = (text: string): string =>
  text
    .split('\n')
    .map(tidy)
    .filter((line) => line !== '')
    .join('\n');
