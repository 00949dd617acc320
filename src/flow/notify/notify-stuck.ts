import type { JournalEntry } from '../../core/journal.ts';
import { plural } from '../../core/plural.ts';
import { isRefusedForGood, type Notice } from '../../ports/notice-channel.ts';
import { toNotice, toNotices } from './notify-pick.ts';

/** An entry that was refused so often, in every form, stands behind all others. */
export const triesInFront = 5;

const mostOfReason = 300;

/** What one channel has refused in this process: a restart tries all of it again. */
export interface Refusals {
  isStuck: (entry: JournalEntry) => boolean;
  /** The entries that are stuck from now on. */
  count: (entries: readonly JournalEntry[]) => JournalEntry[];
  forget: (entries: readonly JournalEntry[]) => void;
}

export function openRefusals(): Refusals {
  const tries = new Map<string, number>();
  return {
    isStuck: ({ id }) => (tries.get(id) ?? 0) >= triesInFront,
    count: (entries) => {
      for (const { id } of entries) tries.set(id, (tries.get(id) ?? 0) + 1);
      return entries.filter(({ id }) => tries.get(id) === triesInFront);
    },
    forget: (entries) => {
      for (const { id } of entries) tries.delete(id);
    },
  };
}

interface Turns {
  refusals: Refusals;
  /** Throws where the notice did not arrive. */
  tell: (notice: Notice) => Promise<void>;
  noteStuck: (stuck: JournalEntry[], error: unknown) => Promise<void>;
  giveUp: (entry: JournalEntry, error: unknown) => Promise<void>;
}

/**
 * What was refused again and again is told behind the rest. Only where the rest arrives is it given
 * up: a channel that takes nothing at all loses nothing.
 */
export async function tellInTurn(ready: readonly JournalEntry[], turns: Turns): Promise<void> {
  const { refusals, tell, noteStuck } = turns;
  const { stuck = [], rest = [] } = Object.groupBy(ready, (entry) =>
    refusals.isStuck(entry) ? 'stuck' : 'rest',
  );
  for (const notice of toNotices(rest)) {
    try {
      await tell(notice);
    } catch (error) {
      if (isRefusedForGood(error)) await noteStuck(refusals.count(notice.entries), error);
      throw error;
    }
  }
  if (stuck.length === 0) return;
  for (const notice of toNotices(stuck)) {
    try {
      await tell(notice);
    } catch (error) {
      if (!isRefusedForGood(error) || rest.length === 0) throw error;
      for (const entry of notice.entries) await tellAlone(entry, turns);
    }
  }
}

async function tellAlone(entry: JournalEntry, { tell, giveUp }: Turns): Promise<void> {
  try {
    await tell(toNotice([entry]));
  } catch (error) {
    if (!isRefusedForGood(error)) throw error;
    await giveUp(entry, error);
  }
}

const reasonOf = (error: unknown) =>
  (error instanceof Error ? error.message : String(error)).slice(0, mostOfReason);

const markOfStuck = 'refused:';

/**
 * Told once for each channel and entry, and so that something new tries the channel. What tells of
 * a refusal causes no entry of its own.
 */
export function toRefusedEntry(
  channel: string,
  stuck: readonly JournalEntry[],
  error: unknown,
): { id: string; text: string } | undefined {
  const [first] = stuck.filter(({ id }) => !id.startsWith(markOfStuck));
  if (!first) return undefined;
  const text =
    `${channel} has refused ${plural(stuck.length, 'notice')} ${triesInFront} times: ` +
    `${reasonOf(error)}. Later notices go out before it. The dashboard and \`journal\` show all ` +
    'of it. If nothing arrives there any more, look at the token, the channel and what the bot ' +
    'may do there';
  return { id: `${markOfStuck}${channel}:${first.id}`, text };
}

export const toGivenUp = (channel: string, { text = '' }: JournalEntry, error: unknown): string =>
  `${channel} takes other notices and refuses this one again and again, so it is not sent there ` +
  `any more: ${text.slice(0, mostOfReason)} (${reasonOf(error)}). The dashboard and \`journal\` ` +
  'show it';
