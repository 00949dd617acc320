import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { parse } from 'csv-parse';
import { Refusal } from '../../core/problem.ts';
import { findDelimiter } from '../import/import-table.ts';
import { columnNames, isPostal } from './row-addresses.ts';

export interface Row {
  line: number;
  cells: string[];
  heads: string[];
}

export async function* readRows(file: string): AsyncGenerator<Row> {
  const delimiter = await readDelimiter(file);
  const input = createReadStream(file);
  const rows = input.pipe(
    parse({
      bom: true,
      delimiter,
      info: true,
      relax_column_count: true,
      relax_quotes: true,
      skip_empty_lines: true,
      max_record_size: 100_000,
    }),
  );
  input.on('error', (error) => rows.destroy(error));
  let heads: string[] | undefined;
  try {
    for await (const { record, info } of rows as AsyncIterable<{
      record: string[];
      info: { lines: number };
    }>) {
      if (heads) yield { line: info.lines, cells: record, heads };
      else heads = readHeads(record);
    }
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw new Refusal(`${basename(file)} cannot be read: ${(error as Error).message}`);
  }
  if (!heads) throw new Refusal(`${basename(file)} is empty: its first line names the columns`);
}

const longestHead = 20_000;

/** As its first line has it: a semicolon's file has commas in its cells. */
async function readDelimiter(file: string): Promise<string> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read({ buffer: Buffer.alloc(longestHead) });
    return findDelimiter(buffer.toString('utf8', 0, bytesRead));
  } finally {
    await handle.close();
  }
}

function readHeads(record: string[]): string[] {
  const heads = record.map((head) => {
    const plain = head.trim().toLowerCase().slice(0, 60);
    return columnNames[plain] ?? plain.replaceAll(/[^\p{L}\p{N}]+/gu, '_');
  });
  if (heads.includes('mail') || isPostal(heads)) return heads;
  throw new Refusal(
    'no column is named mail or email, and there are not name, street and city: ' +
      'the first line names the columns',
  );
}
