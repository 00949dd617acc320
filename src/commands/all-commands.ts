import type { Command } from './command.ts';
import { enrol, forget, stop } from './people/change-person.ts';
import { later, lost, takeLead, won } from './people/lead-verbs.ts';
import { people } from './people/list-people.ts';
import { backlog } from './people/send-backlog.ts';
import { letters } from './people/letters.ts';
import { sequences } from './people/list-sequences.ts';
import { person } from './people/show-person.ts';
import { journal } from './reading/journal-verb.ts';
import { next, plan } from './reading/posts-ahead.ts';
import { queue } from './reading/queue.ts';
import { show } from './reading/show.ts';
import { status } from './reading/status.ts';
import { stats } from './stats/stats.ts';
import { approve, reject } from './verbs/approve.ts';
import { confirm } from './verbs/confirm.ts';
import { feeds } from './verbs/feeds.ts';
import { move } from './verbs/move.ts';
import { mute, unmute } from './verbs/mute.ts';
import { now } from './verbs/now.ts';
import { pause, resume } from './verbs/pause.ts';
import { retry } from './verbs/retry.ts';
import { settle } from './verbs/settle.ts';
import { skip } from './verbs/skip.ts';
import { undo } from './verbs/undo.ts';
import { withdraw } from './verbs/withdraw.ts';
import { campaign } from './writing/campaign.ts';
import { newDraft } from './writing/new-draft.ts';

/** They change nothing. */
const reading: Command[] = [
  status,
  queue,
  next,
  show,
  plan,
  journal,
  stats,
  people,
  person,
  sequences,
];

/** They change the store, or what the service will do. */
export const changing: Command[] = [
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
  mute,
  unmute,
  newDraft,
  campaign,
  confirm,
  feeds,
  enrol,
  stop,
  takeLead,
  later,
  won,
  lost,
  forget,
  letters,
  backlog,
];

/** The vocabulary that every surface serves. */
export const commands: Command[] = [...reading, ...changing];
