import { CsvError, parse } from 'csv-parse/sync';
import { Refusal } from '../../core/problem.ts';

/** What other tools call the same thing. */
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
  /** Of the file, from 1, on which the row begins. */
  line: number;
  /** Trimmed; empty where there is nothing. */
  cells: Record<Column, string>;
}

export interface Table {
  rows: Row[];
  /** Columns whose name says nothing to us. */
  unread: string[];
}

/**
 * CSV as spreadsheets and other tools write it: comma, semicolon, tab or bar; with or without a
 * BOM. Refused: what cannot be told apart.
 */
export function readTable(bytes: Uint8Array, label: string): Table {
  // Files mix line ends, and lines are counted.
  const text = decode(bytes, label).replaceAll(/\r\n?/g, '\n');
  // Excel's own way of saying what the delimiter is.
  const said = /^sep=(.)\n/i.exec(text);
  const body = said ? text.slice(said[0].length) : text;
  const firstLine = said ? 2 : 1;
  const [head, ...records] = readRecords(body, said?.[1] ?? findDelimiter(body), firstLine, label);
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
  const isWide =
    (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
  try {
    // Each of them takes its own BOM away.
    return new TextDecoder(isWide ? (bytes[0] === 0xff ? 'utf-16le' : 'utf-16be') : 'utf-8', {
      fatal: true,
    }).decode(bytes);
  } catch {
    throw new Refusal(`${label} is not UTF-8: save it anew as "CSV UTF-8"`);
  }
}

/** Whichever parts the first line into most. */
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

function readRecords(text: string, delimiter: string, firstLine: number, label: string): Raw[] {
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
      // `lines` counts up to where the record ends.
      line:
        firstLine -
        1 +
        info.lines -
        (raw
          .replace(/^(?:[ \t]*\n)+/, '')
          .replace(/\n$/, '')
          .match(/\n/g)?.length ?? 0),
      cells: record,
    }));
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const lines = Number((error as { lines?: unknown }).lines ?? 0);
    throw new Refusal(
      `${label}:${lines + firstLine - 1} cannot be read as CSV: ${tellError(error.code)}`,
    );
  }
}

function tellError(code: string): string {
  if (code === 'CSV_QUOTE_NOT_CLOSED') return 'a quote is opened and never closed';
  if (code === 'INVALID_OPENING_QUOTE' || code === 'CSV_INVALID_CLOSING_QUOTE')
    return 'a quote stands inside a cell: write it twice, and the whole cell in quotes';
  return `mend what stands there (${code})`;
}

const toName = (cell: string) =>
  cell
    .trim()
    .toLowerCase()
    .replaceAll(/[\s-]+/g, '_');

function placeColumns(names: string[], label: string): Map<Column, number> {
  const places = new Map<Column, number>();
  for (const column of columns) {
    const known: readonly string[] = synonyms[column];
    const found = names.flatMap((name, i) => (known.includes(name) ? [i] : []));
    const [first, second] = found;
    if (first !== undefined && second !== undefined)
      throw new Refusal(
        `${label}:1 the columns "${names[first]}" and "${names[second]}" mean the same: keep one of them`,
      );
    if (first !== undefined) places.set(column, first);
  }
  if (!places.has('text'))
    throw new Refusal(
      `${label}:1 has no column with texts: call it "text" (there are ${names.map((name) => `"${name}"`).join(', ')})`,
    );
  return places;
}
