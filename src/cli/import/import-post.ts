import { createHash } from 'node:crypto';
import { networks } from '../../core/network/network.ts';
import { findNetwork } from '../../core/network/traits-of.ts';
import type { Problem } from '../../core/problem.ts';
import { didYouMean } from '../../core/suggest.ts';
import { writeYaml } from '../../io/yaml-edit.ts';
import { type DateOptions, readDate } from './import-date.ts';
import { splitMedia } from './import-media.ts';
import type { Row } from './import-table.ts';
import { splitCell, toMarkdown, type ToPlain } from './import-text.ts';

/** One post as the table has it. */
export interface Wanted {
  /** Its first row's. */
  line: number;
  /** Never changes for the same words: a second import finds it again. */
  id: string;
  front: Record<string, unknown>;
  body: string;
  media: { source: string; alt: string }[];
  /** Its date has passed: nothing that is new may have such a one. */
  isPast: boolean;
}

export interface ReadOptions extends DateOptions {
  accounts: readonly string[];
  toPlain: ToPlain;
}

type Tell = (row: Row, what: string, hint: string, severity?: Problem['severity']) => void;

/** Rows of one thread are the parts of one post; others are a post each. */
export function groupRows(rows: readonly Row[]): Row[][] {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const key = row.cells.thread === '' ? `row ${row.line}` : `thread ${row.cells.thread}`;
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  return [...groups.values()];
}

/** Undefined: something was told that has to be mended first. */
export function readPost(
  group: readonly Row[],
  options: ReadOptions,
  tell: Tell,
): Wanted | undefined {
  const [first] = group;
  if (!first) return undefined;
  let isGood = true;
  const complain: Tell = (row, what, hint, severity = 'error') => {
    if (severity === 'error') isGood = false;
    tell(row, what, hint, severity);
  };
  const parts = group.flatMap(({ cells }) => splitCell(cells.text));
  const media = group.flatMap(readMedia);
  if (!parts.length && !media.length)
    complain(first, 'has no text', 'write one, or remove the row');
  const { cells } = first;
  const when = readWhen(first, options, complain);
  const front = {
    title: cells.title || undefined,
    networks: readNetworks(first, options, complain),
    date: when?.date,
    campaign: cells.campaign || undefined,
    queue: cells.queue || undefined,
    link: readLink(first, complain),
    hashtags: readTags(cells.tags),
    followUps: readComment(cells.firstComment, options),
  };
  tellOthers(group, complain);
  if (!isGood) return undefined;
  const id = toId(cells.id, cells.title || parts[0] || 'picture', { parts, media, front });
  const body = parts.map((part) => toMarkdown(part, options.toPlain)).join('\n\n---\n\n');
  return {
    line: first.line,
    id,
    front: { id, ...front },
    body,
    media,
    isPast: when?.isPast === true,
  };
}

/** Whoever reads the file later finds the order of the table in the names. */
export const fileNameOf = ({ line, id }: Wanted): string =>
  `${String(line).padStart(5, '0')}-${id}.md`;

export function toFile({ front, body }: Wanted, media: { src: string; alt: string }[]): string {
  const keys = Object.entries({ ...front, media: media.length ? media : undefined }).filter(
    ([, value]) => value !== undefined,
  );
  return `---\n${writeYaml(Object.fromEntries(keys))}---\n${body}\n`;
}

function readNetworks(row: Row, { accounts }: ReadOptions, tell: Tell): string[] | undefined {
  const words = row.cells.networks
    .toLowerCase()
    .replaceAll(/\((?:formerly )?twitter\)|\/\s*twitter\b/g, '')
    .split(/[,;|&\s]+/)
    .filter(Boolean);
  if (!words.length || words.includes('all')) return undefined;
  const names = words.map((word) => (accounts.includes(word) ? word : (findNetwork(word) ?? word)));
  const known = [...new Set(names.filter((name) => findNetwork(name) || accounts.includes(name)))];
  const strange = names.filter((name) => !known.includes(name));
  const severity = known.length ? 'note' : 'error';
  for (const name of strange)
    tell(
      row,
      `"${name}" is no network that is posted to`,
      didYouMean(name, [...networks, ...accounts]),
      severity,
    );
  return known;
}

function readWhen(
  row: Row,
  options: ReadOptions,
  tell: Tell,
): { date: string; isPast: boolean } | undefined {
  const { date, time } = row.cells;
  if (date === '') {
    if (time !== '')
      tell(
        row,
        `has the time ${time}, and no date`,
        'give both, or neither: the cadence finds it a slot then',
      );
    return undefined;
  }
  const read = readDate(`${date} ${time}`.trim(), options);
  if ('date' in read) return read;
  tell(row, read.what, read.hint);
  return undefined;
}

function readLink(row: Row, tell: Tell): string | undefined {
  const { link } = row.cells;
  if (link === '' || (/^https?:\/\/\S+$/i.test(link) && URL.canParse(link)))
    return link || undefined;
  tell(row, `"${link}" is no link`, 'it begins with https://');
  return undefined;
}

function readTags(cell: string): string[] | undefined {
  const tags = cell.split(/[,;|#\s]+/).filter(Boolean);
  return tags.length ? tags : undefined;
}

/** What other tools post under it by themselves. */
function readComment(cell: string, { toPlain }: ReadOptions) {
  if (cell === '') return undefined;
  return [
    {
      when: 'age >= 1m',
      as: 'reply',
      text: splitCell(cell)
        .map((part) => toMarkdown(part, toPlain))
        .join('\n\n---\n\n'),
    },
  ];
}

function readMedia({ cells }: Row): Wanted['media'] {
  const sources = splitMedia(cells.media);
  const alts = sources.length > 1 ? cells.alt.split(/\s*[|\n]\s*/) : [cells.alt];
  return sources.map((source, i) => ({ source, alt: alts[i] ?? '' }));
}

/** A thread has one date and one address: those of its first row. */
function tellOthers([first, ...others]: readonly Row[], tell: Tell) {
  for (const row of others)
    for (const column of ['date', 'networks', 'link', 'firstComment', 'campaign', 'queue'] as const)
      if (row.cells[column] !== '' && row.cells[column] !== first?.cells[column])
        tell(
          row,
          `its ${column === 'firstComment' ? 'first_comment' : column} is not read: it belongs to the thread of line ${first?.line}`,
          'write it there',
          'note',
        );
}

function toId(given: string, words: string, content: object): string {
  // Mere numbers are counted anew in each table.
  if (/[a-z]/.test(toSlug(given))) return toSlug(given);
  const hash = createHash('sha256').update(JSON.stringify(content)).digest('hex').slice(0, 8);
  return [toSlug(words.split('\n')[0] ?? ''), hash].filter(Boolean).join('-');
}

const toSlug = (text: string) =>
  text
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll(/https?:\/\/\S+/g, '')
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, 40)
    .replaceAll(/^-+|-+$/g, '');
