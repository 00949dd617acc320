import type { Instant } from './time.ts';

export interface Pause {
  since: Instant;
  /** Absent: until resumed. */
  until?: Instant;
  by: string;
  /** Why Dripline itself has paused, as a sentence without a full stop. */
  why?: string;
}

/** What is paused: `*` is everything, else an account's name. */
export interface PauseState {
  paused: Record<string, Pause>;
  /** When each was last resumed: missed slots before are not caught up. */
  resumedAt: Record<string, Instant>;
  /** The first start with real accounts, which waits for a person's go-ahead. */
  isFirstStart?: boolean;
}

export const noPause: PauseState = { paused: {}, resumedAt: {} };

/** The pause that holds this account at this instant, the general one first. */
export function pauseOf(state: PauseState, account: string, now: Instant): Pause | undefined {
  return ['*', account]
    .map((scope) => state.paused[scope])
    .find((pause) => pause !== undefined && (pause.until === undefined || pause.until > now));
}

/** Slots before this are skipped: the latest end of a pause that concerned the account. */
export function freshFrom(state: PauseState, account: string, now: Instant): Instant {
  const scopes = ['*', account];
  const ended = scopes
    .map((scope) => state.paused[scope]?.until)
    .filter((until): until is Instant => until !== undefined && until <= now);
  return Math.max(0, ...scopes.map((scope) => state.resumedAt[scope] ?? 0), ...ended);
}
