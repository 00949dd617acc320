/**
 * Replaces every known secret, plain, in a URL or in JSON, in text that is about to be written.
 */
export function openScrubber(secrets: readonly string[]): (text: string) => string {
  const known = [
    ...new Set(
      secrets.flatMap((one) => [one, encodeURIComponent(one), JSON.stringify(one).slice(1, -1)]),
    ),
  ]
    .filter((one) => one.length >= 4)
    .sort((a, b) => b.length - a.length);
  return (text) => known.reduce((rest, secret) => rest.replaceAll(secret, '…'), text);
}

/** A terminal obeys these: all of C0 but tabs and line ends, CRLF too; DEL, C1, those of bidi. */
const obeyed = /(?!\r\n)[[\p{Cc}--[\n\t]]\p{Bidi_Control}\u2028\u2029]/gv;

/** Text for a terminal, which may have been written by anyone. */
export const toPrintable = (text: string): string => text.replaceAll(obeyed, '');

/** The same for finished JSON, which says what it was. */
export const toPrintableJson = (json: string): string =>
  json.replaceAll(obeyed, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`);
