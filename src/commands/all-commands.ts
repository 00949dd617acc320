import type { Command } from './command.ts';
import { stats } from './stats/stats.ts';
import { approve, reject } from './verbs/approve.ts';
import { looking } from './verbs/look.ts';
import { move } from './verbs/move.ts';
import { muting } from './verbs/mute.ts';
import { now } from './verbs/now.ts';
import { pause, resume } from './verbs/pause.ts';
import { retry } from './verbs/retry.ts';
import { settle } from './verbs/settle.ts';
import { skip } from './verbs/skip.ts';
import { undo } from './verbs/undo.ts';
import { withdraw } from './verbs/withdraw.ts';

/** The vocabulary that every surface serves. */
export const commands: Command[] = [
  ...looking,
  stats,
  pause,
  resume,
  skip,
  now,
  move,
  approve,
  reject,
  retry,
  withdraw,
  settle,
  undo,
  ...muting,
];
