/** What Markdown makes of a text: what will be posted of it. */
export type ToPlain = (markdown: string) => string;

/** As a cell's text is compared: what Markdown never keeps is left out. */
const normalise = (text: string) =>
  text
    .split('\n')
    .map((line) => line.trim())
    .join('\n')
    .replaceAll(/\n{3,}/g, '\n\n')
    .trim();

/**
 * Plain text as a Markdown file has to say it so that the very same is posted: as it is where that
 * will do, else with backslashes, else fenced.
 */
export function toMarkdown(text: string, toPlain: ToPlain): string {
  const plain = normalise(text.replaceAll(/\r\n?/g, '\n'));
  const isKept = (markdown: string) => toPlain(markdown) === plain;
  for (const markdown of [plain, escape(plain)]) if (isKept(markdown)) return markdown;
  const longest = Math.max(2, ...[...plain.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}\n${plain}\n${fence}`;
}

/**
 * Addresses, mentions, hashtags and variables are read as they stand: a backslash in them would be
 * posted.
 */
const asTheyStand =
  /\{\{[^{}\n]*\}\}|(?<![(<[\w])https?:\/\/[^\s<>)\]]+|(?<![\w/])[@#][\p{L}\p{N}_]+(?:[.@-][\p{L}\p{N}_.-]*[\p{L}\p{N}_])?/gu;

function escape(text: string): string {
  let at = 0;
  let done = '';
  for (const match of text.matchAll(asTheyStand)) {
    done += escapeMarks(text.slice(at, match.index)) + match[0];
    at = match.index + match[0].length;
  }
  done += escapeMarks(text.slice(at));
  return done
    .replaceAll(/^(\s*)(#(?=#*(?:\s|$))|[>+=~-])/gm, String.raw`$1\$2`)
    .replaceAll(/^(\s*\d+)([.)])(?=\s|$)/gm, String.raw`$1\$2`);
}

const escapeMarks = (text: string) => text.replaceAll(/[\\*_`[\]<&!]/g, String.raw`\$&`);

/** A cell may hold a whole thread, as a file does. */
export const splitCell = (text: string): string[] =>
  text
    .replaceAll(/\r\n?/g, '\n')
    .split(/^---[ \t]*$/m)
    .map((part) => part.trim())
    .filter(Boolean);
