const longest = 2000;
const begins = new RegExp(
  [
    'On .{5,200} wrote:',
    'Am .{5,200} schrieb.{0,200}:',
    'Le .{5,200} a écrit ?:',
    '-{2,} ?(?:Original Message|Ursprüngliche Nachricht|Forwarded message).*',
    '_{10,}',
    '(?:From|Von): .{3,200}',
  ]
    .map((one) => `^${one}$`)
    .join('|'),
  'i',
);

/** What a person wrote themselves: mail programs put all of ours below it. */
export function withoutQuotes(text: string): string {
  const lines = text.slice(0, 50_000).split(/\r?\n/);
  const end = lines.findIndex((line, i) => {
    const both = `${line.trim()} ${lines[i + 1]?.trim() ?? ''}`;
    return (
      line === '-- ' || begins.test(line.trim()) || (/^(On|Am|Le) /.test(line) && begins.test(both))
    );
  });
  const own = (end < 0 ? lines : lines.slice(0, end)).filter((line) => !line.startsWith('>'));
  return own
    .join('\n')
    .replaceAll(/\n{3,}/g, '\n\n')
    .trim()
    .slice(0, longest);
}
