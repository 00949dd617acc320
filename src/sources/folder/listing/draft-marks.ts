import { errorAt, type Problem } from '../../../core/problem.ts';

/** Where an editor may begin a line. */
const breaks = /\r\n|[\n\r\v\f\u0085\u2028\u2029]/u;
/** Marks around a line: of comments, quotes, headings, lists, fences and emphasis. */
const marks = /[\p{Cf}*_"'“”‘’«»\\]|^[\s>#%+\-=~|:;/<!&([{@]+|[\s>#%+\-=~|;/,)\]}]+$/gu;
/** A link that leads nowhere, as Markdown's comments are written. */
const reference = /^\s*\[[^\]]{0,40}\]:\s*(?:<[^>]{0,40}>|[^\s(]{1,40})\s*/u;
const opensCode = /^\s*(?:`{3,}|~{3,})/;
/** Longer lines are sentences. */
const longestMark = 100;

const holds = new RegExp(
  '^(?:(?:export\\s+)?(?:const|let|var)\\s+)?(?:' +
    '(?:is)?draft\\s*[:=：]\\s*(?:true|yes|on|y|1)|' +
    'publish(?:ed)?\\s*[:=：]\\s*(?:false|no|off|n|0)|' +
    'status\\s*[:=：]\\s*(?:draft|unpublished|private)|' +
    'approval\\s*[:=：]\\s*required' +
    ')$',
  'iu',
);

const isHold = (line: string) =>
  line.length <= longestMark &&
  holds.test(line.replace(reference, '').replace(marks, '').replace(marks, '').trim());

/**
 * A line that keeps a post back, outside its front matter, where it would keep nothing back. Code
 * is text, except at the very beginning: there it is front matter in the wrong dress.
 */
export function findDraftMark(
  body: string,
  { file, firstLine }: { file: string; firstLine: number },
): Problem | undefined {
  const lines = body.split(breaks);
  const first = lines.findIndex((line) => line.trim() !== '');
  let isCode = false;
  let isFront = false;
  for (const [i, line] of lines.entries()) {
    if (opensCode.test(line)) {
      isCode = !isCode;
      isFront = i === first;
    } else if ((!isCode || isFront) && isHold(line))
      return errorAt(
        `${file}:${firstLine + i}:1`,
        `"${line.replaceAll(/\p{C}/gu, '').trim()}" stands outside the front matter`,
        'put it between two lines of --- that begin the file. Is it text? Write it as `code`',
      );
  }
  return undefined;
}

const draftWords =
  'draft|wip|unfinished|unpublished|entwurf|brouillon|borrador|bozza|rascunho|concept' +
  '|черновик|下書き|草稿';
const draftEnding = new RegExp(
  `(?:\\.(?:${draftWords})|[([](?:${draftWords})(?:[ _-]?\\d{1,3})?[)\\]])(?:[ .]?\\d{1,3})?$`,
  'iu',
);

/** `offer.draft` and `offer (draft 2)`; a title such as `draft-beer` is none. Without extension. */
export const isDraftName = (name: string): boolean =>
  draftEnding.test(name.slice(-60).normalize('NFC'));
