import type { Command } from './command.ts';

type Loaded = Record<string, object>;

/** One verb's file is loaded many times faster than all of them. */
const files: Record<string, () => Promise<Loaded>> = {
  status: () => import('./reading/status.ts'),
  queue: () => import('./reading/queue.ts'),
  next: () => import('./reading/posts-ahead.ts'),
  show: () => import('./reading/show.ts'),
  plan: () => import('./reading/posts-ahead.ts'),
  journal: () => import('./reading/journal-verb.ts'),
  stats: () => import('./stats/stats.ts'),
  new: () => import('./writing/new-draft.ts'),
  campaign: () => import('./writing/campaign.ts'),
  pause: () => import('./verbs/pause.ts'),
  resume: () => import('./verbs/pause.ts'),
  skip: () => import('./verbs/skip.ts'),
  now: () => import('./verbs/now.ts'),
  move: () => import('./verbs/move.ts'),
  approve: () => import('./verbs/approve.ts'),
  reject: () => import('./verbs/approve.ts'),
  people: () => import('./people/list-people.ts'),
  person: () => import('./people/show-person.ts'),
  sequences: () => import('./people/list-sequences.ts'),
  enrol: () => import('./people/change-person.ts'),
  stop: () => import('./people/change-person.ts'),
  take: () => import('./people/lead-verbs.ts'),
  later: () => import('./people/lead-verbs.ts'),
  won: () => import('./people/lead-verbs.ts'),
  lost: () => import('./people/lead-verbs.ts'),
  forget: () => import('./people/change-person.ts'),
  backlog: () => import('./people/send-backlog.ts'),
  letters: () => import('./people/letters.ts'),
  confirm: () => import('./verbs/confirm.ts'),
  feeds: () => import('./verbs/feeds.ts'),
  retry: () => import('./verbs/retry.ts'),
  withdraw: () => import('./verbs/withdraw.ts'),
  settle: () => import('./verbs/settle.ts'),
  undo: () => import('./verbs/undo.ts'),
  mute: () => import('./verbs/mute.ts'),
  unmute: () => import('./verbs/mute.ts'),
};

/** The verb of this name alone; all of them if there is none. */
export async function loadCommands(name = ''): Promise<readonly Command[]> {
  const load = Object.hasOwn(files, name) ? files[name] : undefined;
  const loaded = Object.values((await load?.()) ?? {});
  const command = loaded.find((one): one is Command => 'name' in one && one.name === name);
  return command ? [command] : (await import('./all-commands.ts')).commands;
}
