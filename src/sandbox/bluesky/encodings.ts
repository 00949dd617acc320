const base32Letters = 'abcdefghijklmnopqrstuvwxyz234567';

/** RFC 4648 in lower case and without padding, as CIDs and DIDs have it. */
export function base32(bytes: Uint8Array): string {
  let text = '';
  let value = 0;
  let bits = 0;
  for (const byte of bytes) {
    value = ((value << 8) | byte) & 0xffff;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += base32Letters[(value >> bits) & 31];
    }
  }
  return bits > 0 ? text + base32Letters[(value << (5 - bits)) & 31] : text;
}

const tidLetters = '234567abcdefghijklmnopqrstuvwxyz';

/** A record key: microseconds in a base 32 that sorts. */
export function toTid(value: bigint): string {
  let text = '';
  for (let rest = value, i = 0; i < 13; i++, rest >>= 5n)
    text = tidLetters[Number(rest & 31n)] + text;
  return text;
}

export const isTid = (text: string): boolean => /^[234567abcdefghij][234567a-z]{12}$/.test(text);
