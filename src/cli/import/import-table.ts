import { CsvError, parse } from 'csv-parse/sync';
import { Refusal } from '../../core/problem.ts';

/** The names that other tools give to the same column. */
const synonyms = {
  text: ['content', 'text', 'post', 'caption', 'message', 'body'],
  networks: ['networks', 'platforms', 'channels', 'network', 'platform', 'channel'],
  date: [
    'date',
    'scheduled_at',
    'schedule_at',
    'scheduled',
    'schedule',
    'datetime',
    'date_time',
    'publish_at',
  ],
  time: ['time', 'scheduled_time', 'schedule_time'],
  media: ['media', 'media_url', 'media_urls', 'image_url', 'image_urls', 'image', 'images'],
  alt: ['alt', 'alt_text', 'image_alt'],
  link: ['link', 'url', 'link_url'],
  tags: ['tags', 'hashtags'],
  firstComment: ['first_comment', 'firstcomment'],
  thread: ['thread_id', 'thread'],
  title: ['title'],
  campaign: ['campaign'],
  queue: ['queue'],
  id: ['id'],
} as const;
export type Column = keyof typeof synonyms;
export const columns = Object.keys(synonyms) as Column[];

export interface Row {
  /** On which the row begins, from 1. */
  line: number;
  /** Trimmed; empty if the row has none. */
  cells: Record<Column, string>;
}

export interface Table {
  rows: Row[];
  /** Columns with an unknown name. */
  unread: string[];
}

/**
 * Reads CSV as spreadsheets and other tools write it: with comma, semicolon, tab or bar, and with
 * or without a BOM. Refuses what is ambiguous.
 */
export function readTable(bytes: Uint8Array, label: string): Table {
  // Files mix line ends, and messages give line numbers.
  const text = decode(bytes, label).replaceAll(/\r\n?/g, '\n');
  // Excel names the delimiter this way.
  const named = /^sep=(.)\n/i.exec(text);
  const body = named ? text.slice(named[0].length) : text;
  const [head, ...records] = readRecords(body, {
    delimiter: named?.[1] ?? findDelimiter(body),
    firstLine: named ? 2 : 1,
    label,
  });
  if (!head)
    throw new Refusal(
      `${label} is empty: its first line names the columns, such as text,networks,date`,
    );
  const names = head.cells.map(toName);
  const places = placeColumns(names, label);
  const rows = records
    .filter(({ cells }) => cells.some((cell) => cell.trim() !== ''))
    .map(({ line, cells }): Row => ({
      line,
      cells: Object.fromEntries(
        columns.map((column) => [column, (cells[places.get(column) ?? -1] ?? '').trim()]),
      ) as Row['cells'],
    }));
  const known = new Set(places.values());
  return { rows, unread: head.cells.filter((name, i) => !known.has(i) && name.trim() !== '') };
}

function decode(bytes: Uint8Array, label: string): string {
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
function findDelimiter(text: string): string {
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

const toName = (cell: string) =>
  cell
    .trim()
    .toLowerCase()
    .replaceAll(/[\s-]+/g, '_');

function placeColumns(names: string[], label: string): Map<Column, number> {
  const places = new Map<Column, number>();
  const quoted = names.map((name) => `"${name}"`);
  for (const column of columns) {
    const known: readonly string[] = synonyms[column];
    const [first, second] = names.flatMap((name, i) => (known.includes(name) ? [i] : []));
    if (first === undefined) continue;
    if (second !== undefined) {
      const both = `${quoted[first]} and ${quoted[second]}`;
      throw new Refusal(`${label}:1 the columns ${both} mean the same: keep one of them`);
    }
    places.set(column, first);
  }
  if (!places.has('text'))
    throw new Refusal(
      `${label}:1 has no column "text": name the column with the texts so (${quoted.join(', ')})`,
    );
  return places;
}
