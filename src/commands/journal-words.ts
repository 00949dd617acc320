import type { EntryType, JournalEntry } from '../core/journal.ts';

/** What people read for the type, and the sentence where an entry has none of its own. */
const words: Record<EntryType, [title: string, sentence: string]> = {
  started: ['Started', 'Dripline was started'],
  stopped: ['Stopped', 'Dripline was stopped'],
  ingested: ['New post', 'A new post is in the queue'],
  edited: ['Edited', 'The file of a post was changed'],
  renamed: ['Renamed', 'The file of a post was renamed'],
  problem: ['Error in a file', 'A file has an error'],
  removed: ['File deleted', 'The file of a post was deleted'],
  restored: ['File is back', 'The file of a post is back'],
  intent: ['About to publish', 'Dripline is about to publish a post'],
  noted: ['Note on a post', 'There is a note on a post'],
  released: ['Published', 'A post was published'],
  part: ['Part published', 'A part of a thread was published'],
  deferred: ['Retry later', 'The network could not take a post. Dripline will try again'],
  reconciled: ['Outcome found', 'The outcome of an interrupted attempt was found'],
  failed: ['Failed', 'A post failed'],
  uncertain: ['Uncertain', 'It is not known whether a post was published'],
  missed: ['Missed', 'A post missed its time'],
  expired: ['Expired', 'A post has expired'],
  withdrawn: ['Withdrawn', 'A post was withdrawn'],
  paused: ['Paused', 'Publishing was paused'],
  resumed: ['Resumed', 'Publishing was resumed'],
  skipped: ['Skipped', 'A post was skipped'],
  moved: ['Rescheduled', 'A post was rescheduled'],
  now: ['Published at once', 'Someone asked to publish a post at once'],
  approved: ['Approved', 'A post was approved'],
  rejected: ['Rejected', 'A post was rejected'],
  retried: ['Tried again', 'Someone asked to try a post again'],
  settled: ['Settled', 'Someone said what became of a post'],
  undone: ['Undone', 'A command was taken back'],
  held: ['On hold', 'An account is on hold'],
  followed: ['Follow-up', 'A follow-up was decided'],
  deleted: ['Deleted there', 'A post was deleted on the network'],
  reply: ['Reply', 'Someone replied to a post'],
  paced: ['Pace', 'The pace or the schedule changed'],
  identified: ['Account known', 'The network said who an account is'],
  confirmed: ['Account confirmed', 'Someone confirmed who an account is'],
  feed: ['Feed', 'Something about a feed changed'],
  notice: ['Notice', 'There is something that you should know'],
  muted: ['Notices off', 'Notices were turned off'],
  unmuted: ['Notices on', 'Notices were turned on'],
  drafted: ['Draft', 'A draft was written'],
  campaign: ['Campaign', 'The campaign of a post was changed'],
  entered: ['Entered a sequence', 'Someone entered a sequence'],
  left: ['Left a sequence', 'Someone left a sequence'],
  sent: ['Sent', 'A message went to a person'],
  unsent: ['Not sent', 'A message to a person could not be sent'],
  'opted-out': ['Wants no more', 'Someone wants nothing more'],
  'handed-over': ['Handed over', 'Someone was handed to a human'],
};

export const entryTitle = (type: EntryType): string => words[type][0];

/** What an entry says, without a word of the code. */
export const entrySentence = ({ type, text }: Pick<JournalEntry, 'type' | 'text'>): string =>
  text ?? words[type][1];
