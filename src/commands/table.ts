/** Plain columns, as wide as they need to be, two spaces apart. */
export function toTable(head: string[], rows: string[][]): string {
  const lines = [head, ...rows];
  const widths = head.map((_, column) =>
    lines.reduce((widest, line) => Math.max(widest, widthOf(line[column] ?? '')), 0),
  );
  return lines
    .map((line) =>
      ` ${widths.map((width, column) => pad(line[column] ?? '', width)).join('  ')}`.trimEnd(),
    )
    .join('\n');
}

const pad = (text: string, width: number) => text + ' '.repeat(width - widthOf(text));

// Made when a text asks for them: they take longer than most tables.
let segmenter: Intl.Segmenter | undefined;
const segmentsOf = (text: string) => (segmenter ??= new Intl.Segmenter()).segment(text);
const isEmoji = (segment: string) =>
  /\p{Emoji_Presentation}|\p{Extended_Pictographic}\uFE0F/u.test(segment);
const isCjk = (segment: string) =>
  /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}\u3000-\u303F\uFF01-\uFF60]/u.test(
    segment,
  );

/** Columns of a terminal. */
function widthOf(text: string): number {
  // Nearly all there is: as many columns as characters.
  if (/^[\u0020-\u02FF\u2000-\u206F]*$/.test(text)) return text.length;
  let width = 0;
  for (const { segment } of segmentsOf(text)) width += columnsOf(segment);
  return width;
}

const columnsOf = (segment: string) => (isEmoji(segment) || isCjk(segment) ? 2 : 1);

/** At most so many columns, the last of them … where something was left out. */
export function shorten(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  let kept = '';
  let width = 0;
  for (const { segment } of segmentsOf(text)) {
    width += columnsOf(segment);
    if (width > columns - 1) break;
    kept += segment;
  }
  return `${kept.trimEnd()}…`;
}
