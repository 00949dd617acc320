import type { Command } from './command.ts';
import { deciding } from './verbs/decide.ts';
import { looking } from './verbs/look.ts';
import { muting } from './verbs/mute.ts';
import { stats } from './stats/stats.ts';
import { steering } from './verbs/steer.ts';

/** The vocabulary that every surface serves. */
export const commands: Command[] = [...looking, stats, ...steering, ...deciding, ...muting];
