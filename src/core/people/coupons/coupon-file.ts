import { errorAt, noteAt, type Problem } from '../../problem.ts';
import { keyOfCode } from './coupon.ts';

export interface CouponList {
  /** In the order of the file, each once. */
  codes: string[];
  problems: Problem[];
}

/** No address, no variable and no formula: what is given out is put into messages as it is. */
const sensible = /^[\p{L}\p{N}][\p{L}\p{M}\p{N}\p{Pd}_.+#!%&*]*$/u;
const longestCode = 100;
const mostTold = 5;
const header = /^(code|codes|coupon|coupons|voucher|gutschein|gutscheincode)$/i;

/** Of a row of the file: its first cell, and the line that it begins on. */
export interface CouponRow {
  line: number;
  cell: string;
}

/** One code a row, in the first column; a first row that says "code" is a heading. */
export function parseCoupons(rows: Iterable<CouponRow>, file: string): CouponList {
  const seen = new Map<string, number>();
  const list: CouponList = { codes: [], problems: [] };
  let told = 0;
  const tell = (problem: Problem) => {
    told += 1;
    if (told <= mostTold) list.problems.push(problem);
  };
  let isFirst = true;
  for (const { line, cell } of rows) {
    const code = cell.trim();
    const isHeading = isFirst && header.test(code);
    isFirst = false;
    if (isHeading) continue;
    const where = `${file}:${line}`;
    const why = whyNoCode(code);
    const key = keyOfCode(code);
    const earlier = seen.get(key);
    if (why !== undefined) tell(errorAt(where, why, hint));
    else if (earlier !== undefined) tell(tellTwice(where, earlier));
    else {
      seen.set(key, line);
      list.codes.push(code);
    }
  }
  if (told > mostTold)
    list.problems.push(noteAt(file, `has ${told - mostTold} more such lines`, 'correct them'));
  return list;
}

const hint = 'write one code a line, in the first column, of letters, digits and - _ . + # ! % & *';

const tellTwice = (where: string, line: number) =>
  noteAt(where, `has the same code as line ${line}`, 'it is given out once; remove one of them');

function whyNoCode(code: string): string | undefined {
  if (code === '') return 'has no code';
  if (code.length > longestCode) return `has a code of more than ${longestCode} characters`;
  if (/\s/.test(code)) return 'has a code with spaces in it';
  return sensible.test(code) ? undefined : 'has something that is no code';
}
