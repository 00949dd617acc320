/** An index of MongoDB, as `listIndexes` tells it. */
export interface Index {
  key: Record<string, number>;
  sparse?: boolean;
}

export interface Asked {
  filter: Record<string, unknown>;
  sort: Record<string, number>;
  /** 0: none. */
  limit: number;
}

/**
 * The index that leads to what is asked for without a walk through anything else: its first fields
 * are those that the filter compares with values, in any order; the next one is what the filter has
 * a range of, or else what a limited answer is sorted by. `$in` is some values. Undefined: none.
 */
export function findIndexFor(asked: Asked, indexes: readonly Index[]): Index | undefined {
  return indexes.find((index) => isServing(index, asked));
}

function isServing({ key, sparse }: Index, { filter, sort, limit }: Asked): boolean {
  const fields = Object.keys(key);
  const compared = Object.keys(filter).filter((field) => isValue(filter[field]));
  const ranged = Object.keys(filter).filter((field) => !isValue(filter[field]));
  const [first = ''] = fields;
  if (first === '_id' && compared.includes('_id')) return true;
  // A sparse index lacks what has no such field.
  if (sparse && !(first in filter)) return false;
  const leading = fields.slice(0, compared.length);
  if (!compared.every((field) => leading.includes(field))) return false;
  const next = fields[compared.length];
  if (ranged.length && (next === undefined || !ranged.includes(next))) return false;
  const [sorted] = Object.keys(sort).filter((field) => !isSingle(filter[field]));
  if (limit > 0 && sorted !== undefined) return next === sorted;
  return compared.length + ranged.length > 0;
}

const isPlain = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;

const isSingle = (value: unknown): boolean =>
  value !== undefined && !isPlain(value) && !(value instanceof RegExp);

const isValue = (value: unknown): boolean =>
  isSingle(value) ||
  (isPlain(value) && Object.keys(value).every((one) => one === '$in' || one === '$eq'));
