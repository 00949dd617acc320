import { pickDefined } from '../../core/pick-defined.ts';
import { day } from '../../core/time.ts';
import { parseSince } from '../../core/when.ts';
import { type Command, type CommandContext, WrongUsage } from '../command.ts';

const longest = 3660 * day;

export const stats: Command = {
  name: 'stats',
  args: '[period...]',
  help: 'the numbers of a period: engagement, hours, pace, campaigns',
  examples: ['stats', 'stats 30d --campaign spring'],
  options: [{ name: '--campaign', value: '<name>', help: 'only this campaign' }],
  async run(context, { args, options }) {
    const since = toSince(context, args.join(' ') || '7d');
    const campaign = options['campaign'] === undefined ? undefined : String(options['campaign']);
    // Learning and planning are loaded by the verbs that need them: the others answer at once.
    const [{ readStats }, { tellStats }] = await Promise.all([
      import('./stats-read.ts'),
      import('./stats-text.ts'),
    ]);
    const json = await readStats(context, pickDefined({ since, campaign }));
    return { text: tellStats(json, context.settings.zone), json };
  },
};

function toSince({ clock, settings }: CommandContext, text: string): number {
  const now = clock.now();
  const since = parseSince(text, now, settings.zone);
  if (since === undefined || since >= now || now - since > longest)
    throw new WrongUsage(`"${text}" is not a period. Use 7d, 12h, yesterday or 2026-11-01`);
  return since;
}
