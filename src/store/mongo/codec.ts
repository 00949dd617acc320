import { pickDefined } from '../../core/pick-defined.ts';
import type { Instant } from '../../core/time.ts';

/**
 * How our values are stored in MongoDB: instants (`at`, `until`, `…At`) as Date, what is frozen or
 * free-form (payload, message, data, post, value) as JSON text. A payload must come back byte for
 * byte, and BSON treats keys like `$type` and `a.b` specially.
 */
const frozen = new Set(['payload', 'message', 'data', 'post', 'value']);

const isFrozen = (key: string, textKeys: ReadonlySet<string>) =>
  frozen.has(key) && !textKeys.has(key);

const isInstant = (key: string) => key === 'at' || key === 'until' || key.endsWith('At');

/** Frozen keys that are plain text here: `post` is an id in a delivery and in an entry. */
const none: ReadonlySet<string> = new Set();
const postIsText: ReadonlySet<string> = new Set(['post']);

function encode(value: unknown, key: string, textKeys: ReadonlySet<string>): unknown {
  if (isFrozen(key, textKeys)) return JSON.stringify(value);
  if (typeof value === 'number' && isInstant(key)) return new Date(value);
  if (Array.isArray(value)) return value.map((item) => encode(item, '', textKeys));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, item]) =>
      item === undefined ? [] : [[name, encode(item, name, textKeys)] as const],
    ),
  );
}

function decode(value: unknown, key: string, textKeys: ReadonlySet<string>): unknown {
  if (isFrozen(key, textKeys) && typeof value === 'string') return JSON.parse(value);
  if (value instanceof Date) return value.getTime();
  if (Array.isArray(value)) return value.map((item) => decode(item, '', textKeys));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, decode(item, name, textKeys)]),
  );
}

export type Encoded = Record<string, unknown>;

/** A delivery or an entry. */
export const toDocument = (value: object): Encoded => encode(value, '', postIsText) as Encoded;
export const fromDocument = <T>(document: unknown): T => decode(document, '', postIsText) as T;

/** A stored post or a fact. */
export const toRecord = (value: object): Encoded => encode(value, '', none) as Encoded;
export const fromRecord = <T>(record: unknown): T => decode(record, '', none) as T;

/** A filter on an instant, both ends included; undefined: any. */
export function between({ from, to }: { from?: Instant | undefined; to?: Instant | undefined }) {
  if (from === undefined && to === undefined) return undefined;
  return pickDefined({
    $gte: from === undefined ? undefined : new Date(from),
    $lte: to === undefined ? undefined : new Date(to),
  });
}
