export type Cell = string | number | undefined;

/** A spreadsheet takes what begins like this for a formula, and may fetch or run something. */
const formulaStart = /^\s*[=+\-@\t\r]/;

/**
 * Comma-separated values (RFC 4180), with the byte order mark without which a spreadsheet guesses
 * the encoding. Texts that look like formulas get an apostrophe; numbers stay numbers.
 */
export const toCsv = (rows: readonly (readonly Cell[])[]): string =>
  `\uFEFF${rows.map((cells) => `${cells.map(toCell).join(',')}\r\n`).join('')}`;

function toCell(cell: Cell): string {
  if (typeof cell !== 'string') return cell === undefined ? '' : String(cell);
  const text = formulaStart.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
