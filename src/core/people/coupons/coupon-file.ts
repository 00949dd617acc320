import { errorAt, noteAt, type Problem } from '../../problem.ts';
import { keyOfCode } from './coupon.ts';

export interface CouponList {
  /** In the order of the file, each once. */
  codes: string[];
  problems: Problem[];
}

const longestCode = 100;
const mostTold = 5;
const header = /^(code|codes|coupon|coupons|voucher|gutschein|gutscheincode)$/i;

/** One code a line, in the first column; a first line that says "code" is a heading. */
export function parseCoupons(text: string, file: string): CouponList {
  const seen = new Map<string, number>();
  const list: CouponList = { codes: [], problems: [] };
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\r|\n/);
  let told = 0;
  const tell = (problem: Problem) => {
    told += 1;
    if (told <= mostTold) list.problems.push(problem);
  };
  for (const [i, line] of lines.entries()) {
    const code = firstCell(line);
    if (code === '' && line.trim() === '') continue;
    if (i === 0 && header.test(code)) continue;
    const where = `${file}:${i + 1}`;
    const why = whyNoCode(code);
    const key = keyOfCode(code);
    const earlier = seen.get(key);
    if (why !== undefined) tell(errorAt(where, why, 'write one code a line, in the first column'));
    else if (earlier !== undefined) tell(tellTwice(where, earlier));
    else {
      seen.set(key, i + 1);
      list.codes.push(code);
    }
  }
  if (told > mostTold)
    list.problems.push(noteAt(file, `has ${told - mostTold} more such lines`, 'correct them'));
  return list;
}

const tellTwice = (where: string, line: number) =>
  noteAt(where, `has the same code as line ${line}`, 'it is given out once; remove one of them');

function firstCell(line: string): string {
  const quoted = /^\s*"((?:[^"]|"")*)"/.exec(line)?.[1];
  if (quoted !== undefined) return quoted.replaceAll('""', '"').trim();
  return (/^[^,;\t]*/.exec(line)?.[0] ?? '').trim();
}

function whyNoCode(code: string): string | undefined {
  if (code === '') return 'has no code';
  if (code.length > longestCode) return `has a code of more than ${longestCode} characters`;
  return /^[\p{L}\p{N}\p{P}\p{S}]+$/u.test(code) ? undefined : 'has a code with spaces in it';
}
