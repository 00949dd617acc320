import { createHash } from 'node:crypto';
import { isObject } from '../http/routing.ts';
import { base32 } from './encodings.ts';

/**
 * DAG-CBOR as AT Protocol records are hashed: shortest heads, map keys by length and then by bytes,
 * links under tag 42.
 */
export function encodeRecord(value: unknown): Buffer {
  if (value === null) return Buffer.from([0xf6]);
  if (typeof value === 'boolean') return Buffer.from([value ? 0xf5 : 0xf4]);
  if (typeof value === 'string') return encodeText(value);
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value))
      throw new TypeError(`a record holds whole numbers only, not ${value}`);
    return value < 0 ? encodeHead(1, -1 - value) : encodeHead(0, value);
  }
  if (Array.isArray(value))
    return Buffer.concat([encodeHead(4, value.length), ...value.map(encodeRecord)]);
  if (!isObject(value)) throw new TypeError(`a record can't hold ${typeof value}`);
  const names = Object.keys(value);
  if (names.length === 1 && typeof value.$link === 'string') return encodeLink(value.$link);
  if (names.length === 1 && typeof value.$bytes === 'string')
    return encodeBytes(Buffer.from(value.$bytes, 'base64'));
  const pairs = Object.entries(value)
    .filter(([, held]) => held !== undefined)
    .map(([name, held]) => [Buffer.from(name), held] as const);
  pairs.sort(([a], [b]) => a.length - b.length || Buffer.compare(a, b));
  return Buffer.concat([
    encodeHead(5, pairs.length),
    ...pairs.flatMap(([name, held]) => [encodeHead(3, name.length), name, encodeRecord(held)]),
  ]);
}

function encodeHead(kind: number, amount: number): Buffer {
  if (amount < 24) return Buffer.from([(kind << 5) | amount]);
  if (amount < 0x100) return Buffer.from([(kind << 5) | 24, amount]);
  const wide = Buffer.alloc(8);
  wide.writeBigUInt64BE(BigInt(amount));
  if (amount < 0x10000) return Buffer.from([(kind << 5) | 25, ...wide.subarray(6)]);
  if (amount < 0x100000000) return Buffer.from([(kind << 5) | 26, ...wide.subarray(4)]);
  return Buffer.from([(kind << 5) | 27, ...wide]);
}

function encodeText(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([encodeHead(3, bytes.length), bytes]);
}

function encodeBytes(bytes: Buffer): Buffer {
  return Buffer.concat([encodeHead(2, bytes.length), bytes]);
}

function encodeLink(cid: string): Buffer {
  return Buffer.concat([
    Buffer.from([0xd8, 0x2a]),
    encodeBytes(Buffer.concat([Buffer.from([0]), decodeBase32(cid.slice(1))])),
  ]);
}

function decodeBase32(text: string): Buffer {
  const bytes: number[] = [];
  let value = 0;
  let bits = 0;
  for (const letter of text) {
    value = ((value << 5) | 'abcdefghijklmnopqrstuvwxyz234567'.indexOf(letter)) & 0xfff;
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    bytes.push((value >> bits) & 0xff);
  }
  return Buffer.from(bytes);
}

/** CIDv1 with SHA-256: `bafyrei…`. */
export function recordCid(record: unknown): string {
  return toCid(0x71, encodeRecord(record));
}

/** The same for plain bytes: `bafkrei…`. */
export function blobCid(bytes: Uint8Array): string {
  return toCid(0x55, bytes);
}

function toCid(codec: number, bytes: Uint8Array): string {
  const digest = createHash('sha256').update(bytes).digest();
  return `b${base32(Buffer.concat([Buffer.from([1, codec, 0x12, 0x20]), digest]))}`;
}

export function isCid(text: unknown): text is string {
  return typeof text === 'string' && /^b[a-z2-7]{58,}$/.test(text);
}
