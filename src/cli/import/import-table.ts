import { CsvError, parse } from 'csv-parse/sync';
import { Refusal } from '../../core/problem.ts';
import { type Column, columns, findColumns, isNetworkHead, toKey } from './import-columns.ts';
import { readDate } from './import-date.ts';

export interface Row {
  /** On which the row begins, from 1. */
  line: number;
  /** Trimmed; empty if the row has none. */
  cells: Record<Column, string>;
  /** The columns that are named after a network, with what they say. */
  byNetwork: [head: string, cell: string][];
}

export interface Table {
  rows: Row[];
  /** Columns with an unknown name, with what they hold. */
  unread: { head: string; cells: string[] }[];
  /** As the file names them. */
  heads: string[];
  /** The first line is a post already: date, text, link, image, as Hootsuite wants it. */
  isHeadless: boolean;
}

/**
 * Reads CSV as spreadsheets and other tools write it: with comma, semicolon, tab or bar, and with
 * or without a BOM. Refuses what is ambiguous. `ignored` names columns to leave out.
 */
export function readTable(
  bytes: Uint8Array,
  label: string,
  ignored: readonly string[] = [],
): Table {
  // Files mix line ends, and messages give line numbers.
  const text = decode(bytes, label).replaceAll(/\r\n?/g, '\n');
  // Excel names the delimiter this way.
  const separator = /^sep=(.)\n/i.exec(text);
  const body = separator ? text.slice(separator[0].length) : text;
  const [head, ...records] = readRecords(body, {
    delimiter: separator?.[1] ?? findDelimiter(body),
    firstLine: separator ? 2 : 1,
    label,
  });
  if (!head)
    throw new Refusal(
      `${label} is empty: its first line names the columns, such as text,networks,date`,
    );
  const isHeadless = head.cells.length > 1 && isDated(head.cells[0] ?? '');
  const given = isHeadless ? headless.slice(0, head.cells.length) : head.cells;
  const heads = leaveOut(given, ignored, label);
  const all = isHeadless ? [head, ...records] : records;
  return { heads, isHeadless, ...toTable(heads, all, label) };
}

function toTable(heads: string[], records: Raw[], label: string): Pick<Table, 'rows' | 'unread'> {
  const { places, unread } = placeColumns(heads, label);
  const filled = records.filter(({ cells }) => cells.some((cell) => cell.trim() !== ''));
  const at = ({ cells }: Raw, place: number) => (cells[place] ?? '').trim();
  const byNetwork = [...unread].filter((i) => isNetworkHead(heads[i] ?? ''));
  const strange = [...unread].filter((i) => heads[i]?.trim() && !byNetwork.includes(i));
  const isUtc = [...(places.get('date') ?? []), ...(places.get('time') ?? [])].some((i) =>
    /\b(utc|gmt)\b/i.test(heads[i] ?? ''),
  );
  const cellOf = (raw: Raw, column: Column) =>
    (places.get(column) ?? []).map((i) => at(raw, i)).join('\n');
  return {
    rows: filled.map((raw) => ({
      line: raw.line,
      cells: {
        ...(Object.fromEntries(
          columns.map((column) => [column, cellOf(raw, column).trim()]),
        ) as Row['cells']),
        ...(isUtc ? { timezone: 'UTC' } : {}),
      },
      byNetwork: byNetwork.map((i) => [heads[i] ?? '', at(raw, i)]),
    })),
    unread: strange.map((i) => ({
      head: (heads[i] ?? '').trim(),
      cells: filled.map((raw) => at(raw, i)).filter(Boolean),
    })),
  };
}

function leaveOut(heads: string[], ignored: readonly string[], label: string): string[] {
  const keys = heads.map(toKey);
  for (const one of ignored)
    if (!keys.includes(toKey(one))) {
      const quoted = heads.map((head) => `"${head}"`).join(', ');
      throw new Refusal(`${label}:1 has no column "${one}" to ignore: it has ${quoted}`);
    }
  const left = new Set(ignored.map(toKey));
  return heads.map((head, i) => (left.has(keys[i] ?? '') ? '' : head));
}

const headless = ['date', 'text', 'link', 'image'];

/** Whether the cell is a date, in whatever order. */
export const isDated = (cell: string): boolean => {
  const read = readDate(cell, { zone: 'UTC', now: 0 });
  return 'date' in read || read.what.includes(' may be ');
};

/** The first bytes of other files, as text. */
const otherFiles: [opening: string, what: string][] = [
  ['PK\u0003\u0004', 'a workbook or an archive (xlsx, ods, zip)'],
  ['\u00D0\u00CF\u0011\u00E0', 'an old Excel workbook (xls)'],
  ['%PDF-', 'a PDF'],
  ['<!doctype', 'a web page'],
  ['<html', 'a web page'],
  ['<?xml', 'XML'],
];

function decode(bytes: Uint8Array, label: string): string {
  const start = String.fromCharCode(...bytes.subarray(0, 40)).replace(/^\u00EF\u00BB\u00BF/, '');
  const other = otherFiles.find(([opening]) =>
    start.trimStart().toLowerCase().startsWith(opening.toLowerCase()),
  );
  if (other)
    throw new Refusal(`${label} is ${other[1]}, not CSV: export or save the table as "CSV UTF-8"`);
  try {
    // Each decoder removes its own BOM.
    return new TextDecoder(encodingOf(bytes), { fatal: true }).decode(bytes);
  } catch {
    throw new Refusal(`${label} is not UTF-8: save it again as "CSV UTF-8"`);
  }
}

function encodingOf([first, second]: Uint8Array): string {
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  return first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8';
}

/** The one that divides the first line into the most cells. */
export function findDelimiter(text: string): string {
  const head = (text.split('\n').find((line) => line.trim() !== '') ?? '').replaceAll(
    /"(?:[^"]|"")*"/g,
    '""',
  );
  const counts = [',', ';', '\t', '|'].map((one) => ({ one, count: head.split(one).length }));
  return counts.toSorted((a, b) => b.count - a.count)[0]?.one ?? ',';
}

interface Raw {
  line: number;
  cells: string[];
}

interface Reading {
  delimiter: string;
  /** The number of the first line. */
  firstLine: number;
  label: string;
}

function readRecords(text: string, { delimiter, firstLine, label }: Reading): Raw[] {
  try {
    const records = parse(text, {
      delimiter,
      bom: true,
      info: true,
      raw: true,
      relax_column_count: true,
      skip_empty_lines: true,
      trim: false,
    }) as unknown as {
      info: { lines: number };
      raw: string;
      record: string[];
    }[];
    return records.map(({ info, raw, record }) => ({
      // `lines` counts up to the end of the record.
      line: firstLine - 1 + info.lines - countBreaks(raw),
      cells: record,
    }));
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const line = Number((error as { lines?: unknown }).lines ?? 0) + firstLine - 1;
    throw new Refusal(`${label}:${line} cannot be read as CSV: ${tellError(error.code)}`);
  }
}

/** Line breaks inside a record, without the empty lines before it. */
const countBreaks = (raw: string) =>
  raw
    .replace(/^(?:[ \t]*\n)+/, '')
    .replace(/\n$/, '')
    .split('\n').length - 1;

function tellError(code: string): string {
  if (code === 'CSV_QUOTE_NOT_CLOSED') return 'a quote is never closed';
  if (code === 'INVALID_OPENING_QUOTE' || code === 'CSV_INVALID_CLOSING_QUOTE')
    return 'there is a quote inside a cell: double it, and put the whole cell in quotes';
  return `correct this line (${code})`;
}

/** Where each column stands; pictures may have several, as `Picture Url 1` and so on. */
function placeColumns(
  heads: string[],
  label: string,
): { places: Map<Column, number[]>; unread: Set<number> } {
  const places = new Map<Column, number[]>();
  const unread = new Set<number>();
  findColumns(heads).forEach((column, i) => {
    if (column) places.set(column, [...(places.get(column) ?? []), i]);
    else unread.add(i);
  });
  for (const [column, [first = 0, second]] of places)
    if (second !== undefined && column !== 'media' && column !== 'alt') {
      const both = `"${heads[first]}" and "${heads[second]}"`;
      throw new Refusal(
        `${label}:1 the columns ${both} mean the same: keep one of them, or rename the other`,
      );
    }
  if (!places.has('text')) {
    const quoted = heads.map((head) => `"${head}"`).join(', ');
    throw new Refusal(
      `${label}:1 has no column "text": name the column with the texts so (${quoted})`,
    );
  }
  return { places, unread };
}
