import { type Coupon, keyOfCode } from '../../../core/people/coupons/coupon.ts';
import { pickDefined } from '../../../core/pick-defined.ts';
import type { Sqlite } from '../../../io/sqlite.ts';
import { isThere } from './kept-rows.ts';

export const toCoupon = ({ file, code, person, at }: Record<string, unknown>): Coupon =>
  pickDefined({
    file: String(file),
    code: String(code),
    person: typeof person === 'string' ? person : undefined,
    at: Number(at),
  });

/** Inside a transaction of the caller. Of somebody who is not there the code alone is kept. */
export const insertCoupon = (sqlite: Sqlite, { file, code, person, at }: Coupon): boolean =>
  sqlite.run(
    `INSERT INTO coupons (file, key, code, person, at) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT DO NOTHING`,
    file,
    keyOfCode(code),
    code,
    person !== undefined && isThere(sqlite, person) ? person : null,
    at,
  ) === 1;

export const reserveCoupon = (sqlite: Sqlite, one: Required<Coupon>): string | undefined =>
  sqlite.transaction(() => {
    if (!isThere(sqlite, one.person)) return undefined;
    const own = sqlite.get<{ code: string }>(
      'SELECT code FROM coupons WHERE person = ? AND file = ?',
      one.person,
      one.file,
    );
    if (own) return own.code;
    return insertCoupon(sqlite, one) ? one.code : undefined;
  });

export const listCoupons = (sqlite: Sqlite, person: string): Coupon[] =>
  sqlite.map<Record<string, unknown>, Coupon>(
    'SELECT file, code, person, at FROM coupons WHERE person = ? ORDER BY file',
    [person],
    toCoupon,
  );

export function listUsedCodes(sqlite: Sqlite, file: string, keys: readonly string[]): string[] {
  if (keys.length === 0) return [];
  const marks = keys.map(() => '?').join(', ');
  return sqlite
    .all<{ key: string }>(
      `SELECT key FROM coupons WHERE file = ? AND key IN (${marks}) ORDER BY key`,
      file,
      ...keys,
    )
    .map(({ key }) => key);
}
