import { plural } from '../../core/plural.ts';
import type { EntryType, JournalEntry } from '../../core/journal.ts';
import type { Notice } from '../../ports/notice-channel.ts';

/** What an operator may have to hear about. */
export const noticeTypes = [
  'failed',
  'uncertain',
  'held',
  'missed',
  'expired',
  'notice',
  'feed',
  'reply',
  'deleted',
  'handed-over',
] as const satisfies EntryType[];

/** More than these at once, as after an outage, are one summary. */
export const mostAtOnce = 10;
const listedInSummary = 5;

const labels: Partial<Record<EntryType, string>> = {
  reply: 'answered by a person',
  feed: 'about a feed',
  notice: 'notice',
  deleted: 'deleted on the network',
  held: 'held account',
  'handed-over': 'handed over',
};

/** A follow-up that found no room, and a feed that is back, need no one. */
export function isForOperators({ type, post = '', data }: JournalEntry): boolean {
  if (type === 'feed') return data?.state !== 'well' && data?.state !== 'old';
  // A person who was won or lost needs nobody any more.
  if (type === 'handed-over') return data?.status === 'handed-over' && !('isTaken' in data);
  if (type === 'expired') return !/\.f\d+$/.test(post);
  return (noticeTypes as readonly EntryType[]).includes(type);
}

/** What cannot wait for the morning. */
export const isUrgent = ({ type }: JournalEntry): boolean =>
  type === 'uncertain' || type === 'held';

/**
 * Uncertain releases each for itself, since each has an answer of its own; the rest together; too
 * many as one summary.
 */
export function toNotices(entries: JournalEntry[]): Notice[] {
  if (entries.length > mostAtOnce) return [summarise(entries)];
  const alone = entries.filter(({ type }) => type === 'uncertain');
  const rest = entries.filter(({ type }) => type !== 'uncertain');
  return [...alone.map((entry) => toNotice([entry])), ...(rest.length ? [toNotice(rest)] : [])];
}

export function toNotice(entries: JournalEntry[]): Notice {
  const [first] = entries;
  return {
    title: entries.length === 1 && first ? titleOf(first) : toHeading(entries),
    text: entries.map(lineOf).join('\n'),
    entries,
    isUrgent: entries.some(isUrgent),
  };
}

function summarise(entries: JournalEntry[]): Notice {
  const shown = [...entries.filter(isUrgent), ...entries.filter((entry) => !isUrgent(entry))].slice(
    0,
    listedInSummary,
  );
  const left = entries.length - shown.length;
  return {
    title: toHeading(entries),
    text: [
      ...shown.map(lineOf),
      `and ${left} more: say \`status\`, or \`journal --since 1d\``,
    ].join('\n'),
    entries,
    isUrgent: entries.some(isUrgent),
  };
}

const lineOf = ({ type, text = type, url }: JournalEntry) =>
  url === undefined || text.includes(url) ? text : `${text} (${url})`;

function titleOf({ type, delivery, account, person, data }: JournalEntry): string {
  if (type === 'reply') return `${data?.from ?? 'someone'} replied to ${delivery ?? ''}`.trim();
  if (type === 'feed') return data?.state === 'broken' ? 'a feed cannot be read' : 'about a feed';
  if (type === 'notice') return account === undefined ? 'Dripline' : `about ${account}`;
  if (type === 'deleted') return `${delivery} was deleted`;
  if (type === 'handed-over') return `${person ?? 'someone'} is handed over`;
  return [
    delivery ?? account ?? 'everything',
    ['failed', 'expired'].includes(type) ? type : `is ${type}`,
  ].join(' ');
}

function toHeading(entries: JournalEntry[]): string {
  const heading = plural(entries.length, 'notice');
  const isPlain = entries.every(({ type }) => type === 'notice');
  return isPlain ? heading : `${heading}: ${countTypes(entries)}`;
}

const countTypes = (entries: JournalEntry[]) =>
  [...Map.groupBy(entries, ({ type }) => type)]
    .map(([type, of]) => `${of.length} ${labels[type] ?? type}`)
    .join(', ');
