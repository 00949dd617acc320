import { createHash } from 'node:crypto';
import type { Instant } from '../../core/time.ts';

const alphabet = '234567abcdefghijklmnopqrstuvwxyz';

/**
 * A record key for this instant and seed, the same whenever it is asked for: 53 bits of
 * microseconds and 10 of a clock's number, as AT Protocol wants it. The microseconds below one
 * millisecond and the clock's number come from the seed.
 */
export function toTid(at: Instant, seed: string): string {
  const digest = createHash('sha256').update(seed).digest();
  const micros = BigInt(Math.floor(at)) * 1000n + BigInt(digest.readUInt16BE(0) % 1000);
  let bits = (micros << 10n) | BigInt(digest.readUInt16BE(2) & 1023);
  let text = '';
  for (let i = 0; i < 13; i += 1) {
    text = alphabet[Number(bits & 31n)] + text;
    bits >>= 5n;
  }
  return text;
}
