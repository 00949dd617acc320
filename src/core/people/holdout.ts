import { chance } from '../chance.ts';

/** The same answer for the same person, whatever else happens. */
export const isHeldOut = (sequence: string, person: string, share: number): boolean =>
  chance('holdout', sequence, person) < share;
