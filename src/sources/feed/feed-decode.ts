import { isUtf8 } from 'node:buffer';

/**
 * The characters that the bytes are, whatever they are called: those of a byte order mark, UTF-8
 * wherever the bytes are valid UTF-8, else what the header or the XML declaration names. What is
 * none of these keeps replacement characters, and items with one are held.
 */
export function decodeFeed(body: Buffer, contentType: string): string {
  const sure = encodingOf(body);
  if (sure !== undefined) return new TextDecoder(sure).decode(body);
  const head = body.subarray(0, 200).toString('latin1');
  const declared = /^\W{0,3}\s*<\?xml[^>]*?encoding\s*=\s*["']([\w.:-]+)["']/.exec(head)?.[1];
  const named = /charset\s*=\s*["']?([\w.:-]+)/i.exec(contentType.slice(0, 300))?.[1];
  // A header that says UTF-8 by habit loses against the bytes.
  for (const label of [named, declared]) {
    const text = label === undefined ? undefined : decodeAs(label, body);
    if (text !== undefined) return text;
  }
  return new TextDecoder('utf-8').decode(body);
}

const isEven = (body: Buffer) => body.length % 2 === 0;

function encodingOf(body: Buffer): string | undefined {
  const [first, second] = body;
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  // Without a mark, every feed and every JSON begins with a character of ASCII.
  if (second === 0 && first !== 0 && isEven(body)) return 'utf-16le';
  if (first === 0 && second !== 0 && isEven(body)) return 'utf-16be';
  // Escape sequences of ISO-2022-JP and its like are ASCII too.
  return isUtf8(body) && !body.includes('\u001B') ? 'utf-8' : undefined;
}

/** Undefined: the bytes are not of that encoding, or there is no such encoding. */
function decodeAs(label: string, body: Buffer): string | undefined {
  try {
    return new TextDecoder(label, { fatal: true }).decode(body);
  } catch {
    return undefined;
  }
}
