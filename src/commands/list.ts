import type { Command } from './command.ts';
import { deciding } from './decide.ts';
import { looking } from './look.ts';
import { muting } from './mute.ts';
import { stats } from './stats.ts';
import { steering } from './steer.ts';

/** The vocabulary that every surface serves. */
export const commands: Command[] = [...looking, stats, ...steering, ...deciding, ...muting];
