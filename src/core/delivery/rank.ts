import type { Instant } from '../time.ts';

/*
 * The order of the queue is one string for each delivery, so that a store can sort by it: a letter
 * for the class, then a key within it. Lower goes first.
 *
 *   a  a person said `top`        the last command wins
 *   b  a follow-up                it is worth little later: before what is merely next
 *   m  the file                   by `weight`, then by path
 *   y  a person said `bottom`     behind everything fresh
 *   z  an evergreen run           fresh posts go first; by the instant at which it is due
 *   ~  `bottom` for such a run    behind every other run
 */
const classes = {
  top: 'a',
  followUp: 'b',
  file: 'm',
  bottom: 'y',
  run: 'z',
  bottomRun: '~',
} as const;

const instantKey = (at: Instant) => String(at).padStart(16, '0');
const latestFirst = (at: Instant) => String(9e15 - at);

export const rankAtTop = (at: Instant): string => `${classes.top}${latestFirst(at)}`;
export const rankForFollowUp = (at: Instant): string => `${classes.followUp}${instantKey(at)}`;
export const rankForRun = (dueAt: Instant): string => `${classes.run}${instantKey(dueAt)}`;

export function rankInFile(weight: number, order: string): string {
  return `${classes.file}${String(weight + 1_000_000).padStart(7, '0')} ${order}`;
}

/** `run`: 2 and later are evergreen runs, which are behind everything fresh anyway. */
export function rankAtBottom(at: Instant, run: number): string {
  return `${run > 1 ? classes.bottomRun : classes.bottom}${instantKey(at)}`;
}

/** A person's order outlives an edit of the file, and no learned order moves it. */
export function isRankedByPerson(rank: string): boolean {
  const letter = rank.charAt(0);
  return [classes.top, classes.bottom, classes.bottomRun].some((one) => one === letter);
}
