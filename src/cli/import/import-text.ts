import { literalBraces } from '../../core/post/fill-in.ts';

/** The plain text that is posted for a Markdown text. */
export type ToPlain = (markdown: string) => string;

/** The text of a cell without what Markdown never keeps, for a comparison. */
const normalise = (text: string) =>
  text
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
    .replaceAll(/\n{3,}/g, '\n\n')
    .trim();

/**
 * Returns Markdown that is posted as exactly this plain text: the text itself if possible, else
 * with backslashes, else in a code fence.
 */
export function toMarkdown(text: string, toPlain: ToPlain): string {
  const plain = normalise(text.replaceAll(/\r\n?/g, '\n'));
  const wanted = plain.replaceAll('{{', literalBraces);
  const isKept = (markdown: string) => toPlain(markdown) === wanted;
  // Braces of a cell are no variables.
  const literal = plain.replaceAll('{{', String.raw`\{{`);
  for (const markdown of [literal, escape(literal)]) if (isKept(markdown)) return markdown;
  const longest = Math.max(2, ...[...plain.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}\n${plain}\n${fence}`;
}

/** URLs, mentions, hashtags, variables: read literally, a backslash in them would be posted. */
const literals = new RegExp(
  [
    /\\\{\{/,
    /(?<![(<[\w])https?:\/\/[^\s<>)\]]+/,
    /(?<![\w/])[@#][\p{L}\p{N}_]+(?:[.@-][\p{L}\p{N}_.-]*[\p{L}\p{N}_])?/u,
  ]
    .map(({ source }) => source)
    .join('|'),
  'gu',
);

function escape(text: string): string {
  let at = 0;
  let done = '';
  for (const match of text.matchAll(literals)) {
    done += escapeMarks(text.slice(at, match.index)) + match[0];
    at = match.index + match[0].length;
  }
  done += escapeMarks(text.slice(at));
  return done
    .replaceAll(/^(\s*)(#(?=#*(?:\s|$))|[>+=~-])/gm, String.raw`$1\$2`)
    .replaceAll(/^(\s*\d+)([.)])(?=\s|$)/gm, String.raw`$1\$2`);
}

const escapeMarks = (text: string) => text.replaceAll(/[\\*_`[\]<&!]/g, String.raw`\$&`);

/** A cell may hold a whole thread, as a file may. */
export const splitCell = (text: string): string[] =>
  text
    .replaceAll(/\r\n?/g, '\n')
    .split(/^---[ \t]*$/m)
    .map((part) => part.trim())
    .filter(Boolean);
