import { chunks } from '../../../core/chunks.ts';
import { keyOfCode } from '../../../core/people/coupons/coupon.ts';
import type { Sqlite, SqliteValue } from '../../../io/sqlite.ts';
import type {
  Body,
  PeopleRecordKind,
  PeopleRecords,
  RecordPage,
} from '../../../ports/people/people-store.ts';
import { insertCoupon, toCoupon } from './coupon-rows.ts';
import { putBody } from './change-rows.ts';
import { insertDispatch } from './dispatch-rows.ts';
import { insertEnrolment } from './enrolment-rows.ts';
import { insertPerson } from './person-rows.ts';
import { addActs, addConsents, addSuppressions } from './said-rows.ts';

interface Moving<T> {
  table: string;
  /** The order, and what of a record it is. */
  by: readonly string[];
  keysOf(record: T): SqliteValue[];
  columns?: string;
  read(row: Record<string, unknown>): T;
  add(sqlite: Sqlite, records: T[]): unknown;
}

const readDoc = <T>({ doc }: Record<string, unknown>) => JSON.parse(String(doc)) as T;

/** Each with its index on `id`. */
const byId = <T extends { id: string }>(
  table: string,
  add: (sqlite: Sqlite, records: T[]) => unknown,
): Moving<T> => ({ table, by: ['id'], keysOf: ({ id }) => [id], read: readDoc<T>, add });

const eachIn =
  <T>(insert: (sqlite: Sqlite, record: T) => unknown) =>
  (sqlite: Sqlite, records: T[]) => {
    for (const chunk of chunks(records))
      sqlite.transaction(() => {
        for (const record of chunk) insert(sqlite, record);
      });
  };

const moving: { [K in PeopleRecordKind]: Moving<PeopleRecords[K]> } = {
  person: byId('people', eachIn(insertPerson)),
  consent: byId('consents', addConsents),
  suppression: {
    table: 'suppressions',
    by: ['hash', 'purpose'],
    keysOf: ({ hash, purpose }) => [hash, purpose],
    columns: 'hash, purpose, at, because',
    read: (row) => ({ ...row }) as unknown as PeopleRecords['suppression'],
    add: addSuppressions,
  },
  act: byId('acts', addActs),
  enrolment: byId('enrolments', eachIn(insertEnrolment)),
  dispatch: byId('dispatches', eachIn(insertDispatch)),
  coupon: {
    table: 'coupons',
    by: ['file', 'key'],
    keysOf: ({ file, code }) => [file, keyOfCode(code)],
    columns: 'file, code, person, at',
    read: toCoupon,
    add: eachIn(insertCoupon),
  },
  body: {
    table: 'bodies',
    by: ['hash', 'person'],
    keysOf: ({ hash, person }) => [hash, person],
    columns: 'hash, person, bytes',
    read: ({ bytes, ...row }) =>
      ({ ...row, bytes: new Uint8Array(bytes as Uint8Array) }) as unknown as Body,
    add: eachIn(putBody),
  },
};

export function listRecords<K extends PeopleRecordKind>(
  sqlite: Sqlite,
  { kind, after, limit }: RecordPage<K>,
): PeopleRecords[K][] {
  const { table, by, columns = 'doc', keysOf, read } = moving[kind];
  const keys = by.join(', ');
  const marks = by.map(() => '?').join(', ');
  const where = after ? `WHERE (${keys}) > (${marks})` : '';
  return sqlite.map<Record<string, unknown>, PeopleRecords[K]>(
    `SELECT ${columns} FROM ${table} ${where} ORDER BY ${keys} LIMIT ?`,
    [...(after ? keysOf(after) : []), limit],
    read,
  );
}

export function addRecords<K extends PeopleRecordKind>(
  sqlite: Sqlite,
  kind: K,
  records: PeopleRecords[K][],
): void {
  moving[kind].add(sqlite, records);
}
