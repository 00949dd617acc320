import { pickDefined } from '../../core/pick-defined.ts';
import { day } from '../../core/time.ts';
import { parseSince } from '../../core/when.ts';
import { type Command, type CommandContext, type Reply, WrongUsage } from '../command.ts';
import type { StatsOptions } from './stats-read.ts';

const longest = 3660 * day;

export const stats: Command = {
  name: 'stats',
  args: '[period...]',
  help: 'the numbers of a period: engagement, hours, pace, campaigns',
  examples: ['stats', 'stats 30d --campaign spring', 'stats 90d --csv > posts.csv'],
  options: [
    { name: '--campaign', value: '<name>', help: 'only this campaign' },
    { name: '--csv', help: 'a line for each published post, for a spreadsheet' },
  ],
  async run(context, { args, options }) {
    const since = toSince(context, args.join(' ') || '7d');
    const campaign = options['campaign'] === undefined ? undefined : String(options['campaign']);
    if (options['csv'] === true) return toTable(context, pickDefined({ since, campaign }));
    // Learning and planning are loaded by the verbs that need them: the others answer at once.
    const [{ readStats }, { tellStats }] = await Promise.all([
      import('./stats-read.ts'),
      import('./stats-text.ts'),
    ]);
    const json = await readStats(context, pickDefined({ since, campaign }));
    return { text: tellStats(json, context.settings.zone), json };
  },
};

async function toTable(context: CommandContext, wanted: StatsOptions): Promise<Reply> {
  const [{ assertCampaign }, { readRows, rowsToCsv, rowsToJson }] = await Promise.all([
    import('./stats-read.ts'),
    import('./stats-rows.ts'),
  ]);
  const { campaign, since } = wanted;
  if (campaign !== undefined) await assertCampaign(context, campaign, since);
  const rows = await readRows(context, wanted);
  // Whoever prints a text ends it with a line feed.
  const text = rowsToCsv(rows, context.settings.zone).replace(/\n$/, '');
  return { text, json: rowsToJson(rows) };
}

function toSince({ clock, settings }: CommandContext, text: string): number {
  const now = clock.now();
  const since = parseSince(text, now, settings.zone);
  if (since === undefined || since >= now || now - since > longest)
    throw new WrongUsage(`"${text}" is not a period. Use 7d, 12h, yesterday or 2026-11-01`);
  return since;
}
