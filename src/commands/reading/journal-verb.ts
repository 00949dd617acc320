import type { JournalEntry } from '../../core/journal.ts';
import { pickDefined } from '../../core/pick-defined.ts';
import { formatLocal, type Instant, toIso } from '../../core/time.ts';
import { parseSince } from '../../core/when.ts';
import { entrySentence } from '../journal-words.ts';
import { type Command, type CommandContext, type Input, WrongUsage } from '../command.ts';
import { toCount } from '../find.ts';

export const journal: Command = {
  name: 'journal',
  help: 'what happened, oldest first: the newest 1,000 entries, unless it is said which',
  examples: ['journal --since 1d'],
  options: [
    { name: '--since', value: '<when>', help: 'how far back: 2h, 1d, yesterday, 2026-11-24' },
    { name: '--post', value: '<id>', help: 'only this post' },
    { name: '--limit', value: '<n>', help: 'only the newest entries, at most this many' },
  ],
  async run(context, { options }) {
    const query = toQuery(context, options);
    const entries = await context.store.listJournal(query);
    const isFiltered = Object.keys(options).length > 0;
    const none = isFiltered ? 'No journal entry matches.' : 'Nothing has happened yet.';
    const lines = entries.map((entry) => tellEntry(entry, context.settings.zone));
    if (!isFiltered && entries.length === usualMost)
      lines.unshift(`The newest ${usualMost} entries. Earlier ones: --since 30d, or --limit 5000`);
    return { text: lines.join('\n') || none, json: entries.map(toEntryRow) };
  },
};

const usualMost = 1000;

function toQuery(context: CommandContext, { since, post, limit }: Input['options']) {
  if (since === undefined && post === undefined && limit === undefined) return { limit: usualMost };
  return pickDefined({
    since: since === undefined ? undefined : toInstant(context, String(since)),
    post: post === undefined ? undefined : String(post),
    limit: limit === undefined ? undefined : toCount(limit, '--limit takes a number, such as 20'),
  });
}

function toInstant({ clock, settings }: CommandContext, text: string): Instant {
  const since = parseSince(text, clock.now(), settings.zone);
  if (since === undefined)
    throw new WrongUsage(`"${text}" is not a time. Use 2h, 1d, yesterday or 2026-11-24`);
  return since;
}

const tellEntry = (entry: JournalEntry, zone: string): string =>
  `${formatLocal(entry.at, zone)}  ${entry.by.padEnd(8)}  ${entrySentence(entry)}`;

/** Without the copies of deliveries that `undo` restores. */
const toEntryRow = ({ id: _id, data, at, ...entry }: JournalEntry) => ({
  at: toIso(at),
  ...entry,
  ...(data && !('before' in data) ? { data } : {}),
});
