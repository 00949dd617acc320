import { day, hour, second } from '../../core/time.ts';
import { defaultTiming, type Timing } from '../../flow/context.ts';
import { speed } from './fast-clock.ts';

/** What is asked of the local networks is asked by their time, but not without a pause. */
/** Nobody looks while the past is made: what a day brought is read once a day. */
export const pastTiming: Timing = {
  ...defaultTiming,
  measureAges: [6, 24, 72, 168].map((hours) => hours * hour),
  measureEvery: 3 * hour,
  repliesEvery: day,
  followersEvery: day,
};

export const sandboxTiming: Timing = {
  ...defaultTiming,
  measureAges: [1, 3, 6, 12, 24, 48, 96, 168].map((hours) => hours * hour),
  measureEvery: speed * second,
  repliesEvery: 2 * hour,
};
