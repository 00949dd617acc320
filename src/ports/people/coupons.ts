import type { CouponList } from '../../core/people/coupons/coupon-file.ts';

/** What a file of coupons holds now; the same object as long as the file stays as it is. */
export interface CouponFile extends CouponList {
  /** What messages call it: `posts/coupons/spring.csv`. */
  file: string;
  /** Another one for other content. */
  version: string;
}

export interface Coupons {
  /** Undefined: there is no such file. Throws Refusal where it cannot be read. */
  read(name: string): Promise<CouponFile | undefined>;
  /** What messages call a file, whether it is there or not. */
  nameOf(name: string): string;
  /** Changes whenever a file does. */
  stamp(): Promise<string>;
}
