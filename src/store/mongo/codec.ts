/**
 * How our values stand in MongoDB: instants (`at`, `until`, `…At`) as Date, what is frozen or
 * free-form (payload, message, data, post, value) as JSON text. Text, because a payload must come
 * back byte for byte and BSON has opinions on keys like `$type` and `a.b`.
 */
const frozen = new Set(['payload', 'message', 'data', 'post', 'value']);

/** `post` is a document in a stored post and an id in a delivery and an entry. */
const isFrozen = (
  key: string,
  value: unknown,
  frozenType: 'encode' | 'decode',
  textKeys: ReadonlySet<string>,
) =>
  frozen.has(key) && !textKeys.has(key) && (frozenType === 'encode' || typeof value === 'string');

const isInstant = (key: string) => key === 'at' || key === 'until' || key.endsWith('At');

const none: ReadonlySet<string> = new Set();
const postIsText: ReadonlySet<string> = new Set(['post']);

function encode(value: unknown, key: string, textKeys: ReadonlySet<string>): unknown {
  if (isFrozen(key, value, 'encode', textKeys)) return JSON.stringify(value);
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
  if (isFrozen(key, value, 'decode', textKeys)) return JSON.parse(value as string);
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
