export type Fields = Partial<Record<string, string>>;

const mostBlocks = 100;

/** The blocks of a report: its first is about the mail, the others about one recipient each. */
export const parseFields = (part: string): Fields[] =>
  part
    .slice(0, 100_000)
    .split(/\r?\n[ \t]*\r?\n/)
    .filter((block) => block.trim() !== '')
    .slice(0, mostBlocks)
    .map(parseBlock);

/** The headers of a mail. */
export function headersIn(text: string): Fields {
  const end = /\r?\n\r?\n/.exec(text.slice(0, 100_000))?.index ?? 100_000;
  return parseBlock(text.slice(0, end));
}

function parseBlock(block: string): Fields {
  const fields: Fields = {};
  let last: string | undefined;
  for (const line of block.split(/\r?\n/)) {
    if (/^[ \t]/.test(line)) {
      if (last !== undefined) fields[last] += ` ${line.trim()}`;
      continue;
    }
    const at = line.indexOf(':');
    last = at > 0 ? line.slice(0, at).trim().toLowerCase() : undefined;
    if (last !== undefined) fields[last] ??= line.slice(at + 1).trim();
  }
  return fields;
}
