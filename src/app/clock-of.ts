import type { Config } from '../config/config.ts';
import type { Clock } from '../ports/clock.ts';
import { readFastClock } from './sandbox/fast-clock.ts';
import { systemClock } from './system-clock.ts';

/** The time that the store of this configuration lives in. */
export const clockOf = ({ isSandbox, folders }: Pick<Config, 'isSandbox' | 'folders'>): Clock =>
  isSandbox ? readFastClock(folders.data) : systemClock;
