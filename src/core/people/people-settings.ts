import { day } from '../time.ts';
import { defaultPoints, type ScorePoints } from './score.ts';

/** How often people are written to, and what is made of what they do. */
export interface PeopleSettings {
  /** The most that one person gets in any seven days, over all sequences. */
  perWeek: number;
  /** Without a sign of life for so long a person is asked whether to go on. Milliseconds. */
  quietFor: number;
  /** Without a sign of life for so long a person is forgotten. Milliseconds. */
  forgetFor: number;
  points: ScorePoints;
  /** From this score on a person is handed to a human. */
  handOverAt: number;
}

export const defaultPeople: PeopleSettings = {
  perWeek: 3,
  quietFor: 120 * day,
  forgetFor: 730 * day,
  points: defaultPoints,
  handOverAt: 30,
};
