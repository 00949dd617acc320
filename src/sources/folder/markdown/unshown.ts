import { noteAt, type Problem } from '../../../core/problem.ts';

interface Place {
  file: string;
  firstLine: number;
}

const kinds: [is: RegExp, what: string, shown: string, hint: string][] = [
  [
    /^[ \t]*\|?[ \t]*:?-{1,200}:?[ \t]*(?:\|[ \t]*:?-{1,200}:?[ \t]*){1,50}\|?[ \t]*$/,
    'a table',
    'its | and -',
    'write a list, or use a picture',
  ],
  [/\[\^[^\][\s]{1,100}\]/, 'a footnote', '[^1]', 'write the source into the text'],
  [/\{\{[<%]/, 'a shortcode', 'its braces', 'write what it stands for'],
  [/^[ \t]*>[ \t]*\[![a-z]{2,20}\]/i, 'a callout', '[!NOTE]', 'write the word itself'],
  [/^[ \t]*[-*+] \[[ xX]\][ \t]/, 'a task list', '[ ]', 'write a plain list, or ☐ and ☑'],
  [
    /(?<![=!<>])==(?=[^\s=])[^=\n]{1,500}(?<=[^\s=])==(?!=)/,
    'a highlight',
    '==',
    'remove the marks',
  ],
  [
    /(?<!!)\[\[[^\][\n]{1,500}\]\]/,
    'a link between notes',
    '[[ ]]',
    'write a link with its address',
  ],
  [/^[ \t]{0,9}:{3,9}(?:[ \t]*[\w{[]|[ \t]*$)/, 'a container', ':::', 'remove these lines'],
  [
    /\{(?::| ?[.#][\w-]| ?(?:target|rel|class|id|width|style)=)[^{}\n]{1,200}\}/,
    'an attribute list',
    'its braces',
    'remove it',
  ],
  [/(?<!\{)\{%-?[ \t]*[^%{}\n]{1,300}%\}/, 'a Liquid tag', '{% %}', 'write what it stands for'],
  [
    /(?<![\])\w!])\[[^\][\n]{1,200}\]\[(?!\^)[^\][\n]{0,200}\]/,
    'a reference link without its target',
    'its brackets',
    'add a line such as [name]: https://example.com',
  ],
  [
    /(?<!!)\[[^\][\n]{1,200}\]\((?!https?:|mailto:|tel:|\{\{|<)[^()\s]{1,500}\)/i,
    'a link that leads to no public address',
    'its path',
    'write the whole address, with https://',
  ],
  [/%%[^%\n]{1,500}%%/, 'a comment of Obsidian', 'all of it', 'write it as <!-- … -->'],
];

const reference = /\[([^\][\n]{1,200})\]\[([^\][\n]{0,200})\]/g;
const blank = (hidden: string) => '_'.repeat(hidden.length);
const keyOf = (label: string) => label.trim().toLowerCase();

/** What reference links may name. */
const findTargets = (body: string) =>
  new Set(
    body.split('\n').flatMap((line) => {
      const label = /^ {0,3}\[([^\][\n]{1,200})\]:[^\n]*\S/.exec(line)?.[1];
      return label === undefined ? [] : [keyOf(label)];
    }),
  );

/** Notes what is published as it is written, since no network can show it: each kind once. */
export function noteUnshown(body: string, { file, firstLine }: Place): Problem[] {
  const notes = new Map<string, Problem>();
  const targets = findTargets(body);
  let fence: string | undefined;
  for (const [i, whole] of body.split('\n').entries()) {
    const mark = /^ {0,3}(`{3,}|~{3,})/.exec(whole)?.[1];
    if (mark && (fence === undefined || mark.startsWith(fence)))
      fence = fence === undefined ? mark : undefined;
    if (fence !== undefined || mark) continue;
    const line = whole
      .slice(0, 2000)
      .replaceAll(/`[^`]{0,2000}`|\\./g, blank)
      .replaceAll(reference, (link, text: string, label: string) =>
        targets.has(keyOf(label || text)) ? blank(link) : link,
      );
    for (const [is, what, shown, hint] of kinds) {
      const at = notes.has(what) ? -1 : line.search(is);
      if (at < 0) continue;
      const where = `${file}:${firstLine + i}:${at + 1}`;
      notes.set(
        what,
        noteAt(where, `${what} is published as it is written: readers see ${shown}`, hint),
      );
    }
  }
  return [...notes.values()];
}
