import { type Pause, pauseOf } from '../../core/pause-state.ts';
import { formatLocal } from '../../core/time.ts';
import { parseSince } from '../../core/when.ts';
import { readPause } from '../../flow/facts.ts';
import { type Command, type CommandContext, WrongUsage } from '../command.ts';
import { assertAccount, toCount, toDays } from '../find.ts';
import { listQueue, toRow } from '../views/rows.ts';
import { toTable } from '../table.ts';

// Composing and calendars are loaded by the verbs that need them: the others answer at once.

const status: Command = {
  name: 'status',
  help: 'running or paused, next release for each account, failures, version',
  async run(context) {
    const { readStatus, tellStatus } = await import('../views/status.ts');
    const json = await readStatus(context);
    return { text: tellStatus(json, context.settings.zone, context.clock.now()), json };
  },
};

const queue: Command = {
  name: 'queue',
  help: 'what goes out, when, where, and why then',
  examples: ['queue', 'queue --account bsky --days 30'],
  options: [
    { name: '--account', value: '<name>', help: 'one account alone' },
    { name: '--days', value: '<n>', help: 'what has a slot within so many days' },
  ],
  async run(context, { options }) {
    const account = options['account'] === undefined ? undefined : String(options['account']);
    if (account !== undefined) await assertAccount(context, account);
    const days = options['days'] === undefined ? undefined : toDays(options['days']);
    const rows = await listQueue(context, { account, days });
    const { zone } = context.settings;
    const table = toTable(
      ['when', 'what', 'state', 'why'],
      rows.map((one) => [
        one.at === undefined ? '' : formatLocal(one.at, zone),
        one.id,
        one.state,
        inShort(one.why) ?? one.reason ?? '',
      ]),
    );
    const empty =
      days === undefined
        ? 'The queue is empty: put a Markdown file into the posts folder.'
        : `Nothing has a slot within ${days} days: \`dripline queue\` lists what waits.`;
    return {
      text: [...(await tellPauses(context, account)), rows.length ? table : empty].join('\n'),
      json: rows.map(toRow),
    };
  },
};

/** The day stands beside it, and the figures are `show`'s. */
export const inShort = (why: string | undefined) =>
  why
    ?.replace(/^(slot \d+ of \d+) on \w+ \d+ \w+/, '$1')
    .replace(/: about ([\d.]+) times .*; (no real difference|confidence \w+).*$/, ': ×$1, $2');

async function tellPauses(context: CommandContext, account: string | undefined): Promise<string[]> {
  const { clock, settings, store } = context;
  const pauses = await readPause(store);
  const until = (pause: Pause) =>
    pause.until === undefined ? '' : ` until ${formatLocal(pause.until, settings.zone)}`;
  const all = pauseOf(pauses, '', clock.now());
  if (all) return [`Paused${until(all)}: nothing is released.`];
  return settings.accounts
    .filter(({ name }) => account === undefined || name === account)
    .flatMap(({ name }) => {
      const pause = pauseOf(pauses, name, clock.now());
      return pause ? [`${name} is paused${until(pause)}: nothing is released there.`] : [];
    });
}

const next: Command = {
  name: 'next',
  args: '[n]',
  help: 'preview of the next releases, as each network will show them',
  examples: ['next', 'next 5'],
  run: async (context, input) => (await import('../views/preview.ts')).runNext(context, input),
};

const show: Command = {
  name: 'show',
  args: '<id>',
  help: 'one post: text for each network, length, media, state, links',
  examples: ['show hello', 'show hello@bsky'],
  run: async (context, input) => (await import('../views/show-post.ts')).runShow(context, input),
};

const plan: Command = {
  name: 'plan',
  help: 'the calendar ahead, as a table or as a calendar file',
  examples: ['plan --days 14', 'plan --days 60 --ics > plan.ics'],
  options: [
    { name: '--days', value: '<n>', help: 'how far ahead (14)' },
    { name: '--ics', help: 'iCalendar' },
  ],
  run: async (context, input) => (await import('../views/plan-ahead.ts')).runPlan(context, input),
};

const journal: Command = {
  name: 'journal',
  help: 'everything that happened, oldest first',
  examples: ['journal --since 1d'],
  options: [
    { name: '--since', value: '<when>', help: 'how far back: 2h, 1d, yesterday, 2026-11-24' },
    { name: '--post', value: '<id>', help: 'one post alone' },
    { name: '--limit', value: '<n>', help: 'the newest so many' },
  ],
  async run(context, { options }) {
    const { store, clock, settings } = context;
    const since =
      options['since'] === undefined
        ? undefined
        : parseSince(String(options['since']), clock.now(), settings.zone);
    if (options['since'] !== undefined && since === undefined)
      throw new WrongUsage(
        `"${String(options['since'])}" is not a time. Say 2h, 1d, yesterday or 2026-11-24`,
      );
    const entries = await store.listJournal({
      ...(since === undefined ? {} : { since }),
      ...(options['post'] === undefined ? {} : { post: String(options['post']) }),
      ...(options['limit'] === undefined
        ? {}
        : { limit: toCount(options['limit'], '--limit takes a number, such as 20') }),
    });
    const text = entries
      .map(
        (entry) =>
          `${formatLocal(entry.at, settings.zone)}  ${entry.by.padEnd(8)}  ${entry.text ?? entry.type}`,
      )
      .join('\n');
    return {
      text:
        text ||
        (Object.keys(options).length ? 'Nothing of that kind happened.' : 'Nothing happened yet.'),
      // What `undo` needs is no one else's business.
      json: entries.map(({ id: _id, data, at, ...entry }) => ({
        at: new Date(at).toISOString(),
        ...entry,
        ...(data && !('before' in data) ? { data } : {}),
      })),
    };
  },
};

export const looking: Command[] = [status, queue, next, show, plan, journal];
