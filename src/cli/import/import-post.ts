import { createHash } from 'node:crypto';
import { networks } from '../../core/network/network.ts';
import { findNetwork } from '../../core/network/traits-of.ts';
import type { Problem } from '../../core/problem.ts';
import { didYouMean } from '../../core/text/suggest.ts';
import { writeYaml } from '../../io/yaml-edit.ts';
import { type DateOptions, readDate } from './import-date.ts';
import { isZone } from '../../core/time.ts';
import { splitMedia } from './import-media.ts';
import { findStage, isYes, isYesOrNo } from './import-columns.ts';
import { isDated, type Row } from './import-table.ts';
import { splitCell, toMarkdown, type ToPlain } from './import-text.ts';

/** One post as the table has it. */
export interface Wanted {
  /** Of its first row. */
  line: number;
  /** Always the same for the same text, so that a second import finds it again. */
  id: string;
  front: Record<string, unknown>;
  body: string;
  media: { source: string; alt: string }[];
  /** Its date has passed, which is refused for a new post. */
  isPast: boolean;
}

export interface ReadOptions extends DateOptions {
  accounts: readonly string[];
  toPlain: ToPlain;
  htmlToText: (html: string) => string;
}

/** Reports a problem of a row: an error, unless it says otherwise. */
export type Tell = (
  row: Pick<Row, 'line'>,
  problem: Pick<Problem, 'what' | 'hint'> & Partial<Problem>,
) => void;

/** The rows of one thread are the parts of one post. Each other row is one post. */
export function groupRows(rows: readonly Row[]): Row[][] {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const key = row.cells.thread === '' ? `row ${row.line}` : `thread ${row.cells.thread}`;
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  return [...groups.values()];
}

/** Undefined: there was an error, and it was reported. */
export function readPost(
  group: readonly Row[],
  options: ReadOptions,
  tell: Tell,
): Wanted | undefined {
  const [first] = group;
  if (!first) return undefined;
  let isGood = true;
  const watched: Tell = (row, problem) => {
    if (problem.severity !== 'note') isGood = false;
    tell(row, problem);
  };
  const parts = group.flatMap((row) => splitCell(readText(row, options, watched)));
  const media = group.flatMap(readMedia);
  if (!parts.length && !media.length)
    watched(first, { what: 'has no text', hint: 'write one, or remove the row' });
  tellFormulas(group, watched);
  const { front, isPast } = readFront(first, options, watched);
  noteUnread(group, watched);
  if (!isGood) return undefined;
  const { id: given, title } = first.cells;
  const id = toId(given, title || parts[0] || 'picture', { parts, media, front });
  return {
    line: first.line,
    id,
    front: { id, ...front },
    body: toBody(parts, options),
    media,
    isPast,
  };
}

/** Some tools export the HTML of their editor. */
function readText(row: Row, { htmlToText }: ReadOptions, tell: Tell): string {
  const { text } = row.cells;
  if (!/^<(p|div|ul|ol|h[1-6]|blockquote)\b[^<>]*>/i.test(text) || !/<\/[a-z0-9]+>$/i.test(text))
    return text;
  tell(row, {
    what: 'its text is HTML: the tags were removed',
    hint: 'look at the file that was written',
    severity: 'note',
  });
  return htmlToText(text);
}

function readFront(row: Row, options: ReadOptions, tell: Tell) {
  const when = readWhen(row, options, tell);
  const { title, campaign, queue, hashtags, tags, firstComment, timezone } = row.cells;
  const front = {
    title: title || undefined,
    draft: readDraft(row, tell),
    networks: readNetworks(row, options, tell),
    date: when?.date,
    timezone: (when && timezone) || undefined,
    campaign: campaign || undefined,
    queue: queue || undefined,
    link: readLink(row, tell),
    hashtags: readTags(`${hashtags},${tags}`),
    followUps: readComment(firstComment, options),
  };
  return { front, isPast: when?.isPast === true };
}

/** Nothing that is no plain no is published. */
function readDraft(row: Row, tell: Tell): true | undefined {
  const { draft } = row.cells;
  const stage = findStage(draft);
  if (isYes(draft) || stage === 'draft') return true;
  if (isYesOrNo(draft) || stage === 'ready') return undefined;
  const what = stage
    ? `is "${draft}" already, or never to be published`
    : `says neither yes nor no about a draft: "${draft.slice(0, 60)}"`;
  tell(row, { what, hint: 'remove the row, or write yes for a draft and no for a post' });
  return undefined;
}

/** What a spreadsheet shows where a formula failed, and formulas that it did not work out. */
const isFormula = (cell: string) =>
  /^(?:#[\p{Lu}/0]{2,12}[!?]|#N\/[AVD]|#NV|#ND)$/u.test(cell) || /^=[\p{Lu}.]{2,30}\(/u.test(cell);

function tellFormulas(group: readonly Row[], tell: Tell): void {
  for (const row of group)
    for (const column of ['text', 'title', 'link', 'hashtags', 'tags', 'firstComment'] as const) {
      const cell = row.cells[column];
      if (!isFormula(cell)) continue;
      const what = `its ${column === 'firstComment' ? 'first comment' : column} is a formula`;
      const hint = 'write the text itself into the cell, or remove the row';
      tell(row, { what: `${what} of the spreadsheet or its error: ${cell.slice(0, 40)}`, hint });
    }
}

const toBody = (parts: readonly string[], { toPlain }: ReadOptions) =>
  parts.map((part) => toMarkdown(part, toPlain)).join('\n\n---\n\n');

/** The names of the files show the order of the table. */
export const fileNameOf = ({ line, id }: Wanted): string =>
  `${String(line).padStart(5, '0')}-${id}.md`;

export function toFile({ front, body }: Wanted, media: { src: string; alt: string }[]): string {
  const keys = Object.entries({ ...front, media: media.length ? media : undefined }).filter(
    ([, value]) => value !== undefined,
  );
  return `---\n${writeYaml(Object.fromEntries(keys))}---\n${body}\n`;
}

function readNetworks(row: Row, { accounts }: ReadOptions, tell: Tell): string[] | undefined {
  const words = wordsOf(row);
  if (words.includes('all') || (!words.length && !row.byNetwork.length)) return undefined;
  if (!words.length)
    tell(row, { what: 'no network is marked', hint: 'mark one, or remove the row' });
  const names = words.map((word) => (accounts.includes(word) ? word : (findNetwork(word) ?? word)));
  const known = [...new Set(names.filter((name) => findNetwork(name) || accounts.includes(name)))];
  const strange = names.filter((name) => !known.includes(name));
  const severity = known.length ? 'note' : 'error';
  for (const name of strange)
    tell(row, {
      what: `"${name}" is not a network that Dripline publishes to`,
      hint: didYouMean(name, [...networks, ...accounts]),
      severity,
    });
  return known;
}

const bothNames = /\btwitter\s*\/\s*x\b|\bx\s*\/\s*twitter\b|\bx\s*\((formerly )?twitter\)/g;

function wordsOf({ cells, byNetwork }: Row): string[] {
  const marked = byNetwork.flatMap(([head, cell]) => (isYes(cell) ? [head] : []));
  return [cells.networks, ...marked]
    .join(',')
    .toLowerCase()
    .replaceAll(bothNames, 'twitter')
    .split(/[,;|&\s]+/)
    .filter(Boolean);
}

function readWhen(
  row: Row,
  options: ReadOptions,
  tell: Tell,
): { date: string; isPast: boolean } | undefined {
  const { date, time } = row.cells;
  if (date === '') {
    if (isDated(time)) return readGiven(row, time, { options, tell });
    if (time !== '')
      tell(row, {
        what: `has the time ${time}, but no date`,
        hint: 'give both, or neither: the cadence then schedules the post',
      });
    return undefined;
  }
  return readGiven(row, `${date} ${time}`.trim(), { options, tell });
}

function readGiven(
  row: Row,
  text: string,
  { options, tell }: { options: ReadOptions; tell: Tell },
): { date: string; isPast: boolean } | undefined {
  const zone = row.cells.timezone || options.zone;
  if (!isZone(zone)) {
    tell(row, { what: `"${zone}" is not a time zone`, hint: 'write it as Europe/Berlin' });
    return undefined;
  }
  const read = readDate(text, { ...options, zone });
  if ('date' in read) return read;
  tell(row, read);
  return undefined;
}

function readLink(row: Row, tell: Tell): string | undefined {
  const { link } = row.cells;
  if (link === '' || (/^https?:\/\/\S+$/i.test(link) && URL.canParse(link)))
    return link || undefined;
  tell(row, { what: `"${link}" is not a URL`, hint: 'a URL begins with https://' });
  return undefined;
}

/** A hashtag of two words stays one: `#machine learning`. */
function readTags(cell: string): string[] | undefined {
  const tags = cell
    .split(/[,;|#\n]/)
    .map((tag) => tag.trim().replaceAll(/\s+/g, ' '))
    .filter(Boolean);
  return tags.length ? tags : undefined;
}

/** Other tools post the first comment below the post. Here it is a follow-up. */
function readComment(cell: string, options: ReadOptions) {
  if (cell === '') return undefined;
  return [{ when: 'age >= 1m', as: 'reply', text: toBody(splitCell(cell), options) }];
}

function readMedia({ cells }: Row): Wanted['media'] {
  const sources = splitMedia(cells.media);
  const alts = sources.length > 1 ? cells.alt.split(/\s*[|\n]\s*/) : [cells.alt];
  return sources.map((source, i) => ({ source, alt: alts[i] ?? '' }));
}

const ofFirstRow = ['date', 'networks', 'link', 'firstComment', 'campaign', 'queue'] as const;

/** A thread takes its date, its link and so on from its first row. */
function noteUnread([first, ...others]: readonly Row[], tell: Tell) {
  for (const row of others)
    for (const column of ofFirstRow) {
      const cell = row.cells[column];
      if (cell === '' || cell === first?.cells[column]) continue;
      const name = column === 'firstComment' ? 'first_comment' : column;
      tell(row, {
        what: `${name} is ignored here: the thread of line ${first?.line} takes it from that line`,
        hint: 'write it there',
        severity: 'note',
      });
    }
}

function toId(given: string, words: string, content: object): string {
  // Numbers alone are not unique: each table counts from 1.
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
