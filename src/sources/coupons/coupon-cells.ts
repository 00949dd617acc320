import { CsvError, parse } from 'csv-parse/sync';
import type { CouponRow } from '../../core/people/coupons/coupon-file.ts';
import { Refusal } from '../../core/problem.ts';

interface Parsed {
  record: string[];
  info: { lines: number };
}

/** The first cell of each row that has anything in it; `file` is what messages call it. */
export function readCouponCells(text: string, file: string): CouponRow[] {
  // Files mix line ends, and messages give line numbers.
  const body = text.replaceAll(/\r\n?/g, '\n');
  try {
    const rows = parse(body, {
      bom: true,
      delimiter: [',', ';', '\t'],
      info: true,
      ltrim: true,
      record_delimiter: '\n',
      relax_column_count: true,
      skip_records_with_empty_values: true,
    }) as unknown as Parsed[];
    return rows.map(({ record, info }) => ({
      line: info.lines - breaksIn(record),
      cell: record[0] ?? '',
    }));
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new Refusal(`${file} cannot be read as CSV: ${error.message}. Correct its quotes`);
  }
}

const breaksIn = (record: readonly string[]) =>
  record.reduce((sum, cell) => sum + cell.split('\n').length - 1, 0);
