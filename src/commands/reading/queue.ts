import { type Pause, pauseOf } from '../../core/pause-state.ts';
import { plural } from '../../core/plural.ts';
import { formatLocal } from '../../core/time.ts';
import { readPause } from '../../flow/facts.ts';
import type { Command, CommandContext } from '../command.ts';
import { assertAccount, toDays } from '../find.ts';
import { stateName } from '../publishing-words.ts';
import { toTable } from '../table.ts';
import { inShort, listQueue, toRow, withUploads } from '../views/rows.ts';

export const queue: Command = {
  name: 'queue',
  help: 'what is published, when, where, and why then',
  examples: ['queue', 'queue --account bsky --days 30'],
  options: [
    { name: '--account', value: '<name>', help: 'only this account' },
    { name: '--days', value: '<n>', help: 'only what is scheduled within this many days' },
  ],
  async run(context, { options }) {
    const account = options['account'] === undefined ? undefined : String(options['account']);
    if (account !== undefined) await assertAccount(context, account);
    const days = options['days'] === undefined ? undefined : toDays(options['days']);
    const rows = await withUploads(context, await listQueue(context, { account, days }));
    const { zone } = context.settings;
    const table = toTable(
      ['when', 'post', 'state', 'why'],
      rows.map((one) => [
        one.at === undefined ? '' : formatLocal(one.at, zone),
        one.id,
        stateName(one.state),
        inShort(one.why) ?? one.reason ?? '',
      ]),
    );
    return {
      text: [...(await tellPauses(context, account)), rows.length ? table : tellEmpty(days)].join(
        '\n',
      ),
      json: rows.map(toRow),
    };
  },
};

const tellEmpty = (days: number | undefined): string =>
  days === undefined
    ? 'The queue is empty. Add a Markdown file to the posts folder.'
    : `Nothing is scheduled within ${plural(days, 'day')}. \`dripline queue\` lists all posts.`;

async function tellPauses(context: CommandContext, account: string | undefined): Promise<string[]> {
  const { clock, settings, store } = context;
  const pauses = await readPause(store);
  const until = (pause: Pause) =>
    pause.until === undefined ? '' : ` until ${formatLocal(pause.until, settings.zone)}`;
  const all = pauseOf(pauses, '', clock.now());
  if (all) return [`Paused${until(all)}: nothing is published.`];
  return settings.accounts
    .filter(({ name }) => account === undefined || name === account)
    .flatMap(({ name }) => {
      const pause = pauseOf(pauses, name, clock.now());
      return pause ? [`${name} is paused${until(pause)}: nothing is published there.`] : [];
    });
}
