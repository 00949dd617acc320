import type { Instant } from '../../time.ts';

/** A code of a file that was given out. It is never given out again, whoever is forgotten. */
export interface Coupon {
  /** The name of the file of `coupons/`, without its ending. */
  file: string;
  code: string;
  /** Who has it; absent: somebody who was forgotten. */
  person?: string;
  at: Instant;
}

/** Shops rarely tell capitals apart: two spellings of one code are one. */
export const keyOfCode = (code: string): string => code.normalize('NFC').toLowerCase();
