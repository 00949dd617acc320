import { randomUUID } from 'node:crypto';
import { plural } from '../../core/plural.ts';
import { formatLocal, toIso } from '../../core/time.ts';
import { makeEntry } from '../../flow/context.ts';
import { nudge } from '../../flow/facts.ts';
import { readBacklog, releaseBacklog } from '../../flow/people/sending/backlog.ts';
import { type Command, type CommandContext, WrongUsage } from '../command.ts';

export const backlog: Command = {
  name: 'backlog',
  args: '[send]',
  help: 'messages that wait after an absence; `backlog send` sends them',
  examples: ['backlog', 'backlog send'],
  async run(context, { args: [verb] }) {
    const { store, by, command = randomUUID() } = context;
    if (verb !== undefined && verb !== 'send')
      throw new WrongUsage(`"${verb.slice(0, 40)}" is not known here. Write \`backlog send\``);
    const waiting = await readBacklog(store);
    if (!waiting) return { text: 'Nothing waits for your word.', json: { waiting: false } };
    const { count, since, isCopy } = waiting;
    const what = isCopy ? 'messages to people' : `at least ${plural(count, 'message')} to people`;
    const json = { waiting: verb === undefined, count, since: toIso(since) };
    if (verb === undefined) {
      const text = await tellWaiting(context);
      return { text: `${text} Say \`backlog send\` to send them.`, json };
    }
    await releaseBacklog(store);
    const text = `${by} lets ${what} go`;
    await store.appendJournal([
      makeEntry(context, 'notice', { id: `backlog:${command}`, by, text }),
    ]);
    await nudge(store);
    return { text: 'They go out now, spread over time.', json };
  },
};

/** What waits for the operator's word, as a sentence; undefined: nothing does. */
export async function tellWaiting({
  store,
  settings,
}: Pick<CommandContext, 'store' | 'settings'>): Promise<string | undefined> {
  const waiting = await readBacklog(store);
  if (!waiting) return undefined;
  const { count, since, isCopy } = waiting;
  const from = formatLocal(since, settings.zone);
  if (isCopy)
    return (
      `This store is a copy of ${from}, and does not know what was sent to people after that, ` +
      'nor who has stopped since. Nothing goes out to people.'
    );
  return `At least ${plural(count, 'message')} to people became due since ${from}, and wait.`;
}
