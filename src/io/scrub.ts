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
