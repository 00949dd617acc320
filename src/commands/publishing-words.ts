import type { State } from '../core/delivery/delivery.ts';

// The words of people, where those of the code differ. JSON keeps the code's.

const stateNames: Partial<Record<State, string>> = {
  planned: 'scheduled',
  releasing: 'publishing',
  released: 'published',
};

export const stateName = (state: State): string => stateNames[state] ?? state;

const clauses: Partial<Record<State, string>> = {
  releasing: 'is being published',
  failed: 'has failed',
  missed: 'was missed',
  expired: 'has expired',
  skipped: 'was skipped',
  withdrawn: 'was withdrawn',
};

/** What follows the post's ID in a sentence: `is scheduled`, `has failed`. */
export const stateClause = (state: State): string => clauses[state] ?? `is ${stateName(state)}`;

const monthNames =
  'January February March April May June July August September October November December'.split(
    ' ',
  );

/** `2026-11` as `November`. */
export const monthName = (month: string): string => monthNames[Number(month.slice(5)) - 1] ?? month;
