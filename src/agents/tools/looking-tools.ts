import { z } from 'zod';
import type { CommandContext, Input, Reply } from '../../commands/command.ts';
import { loadCommands } from '../../commands/load-commands.ts';
import { listProblems } from '../../commands/posts-view/broken-files.ts';
import type { Stats } from '../../commands/stats/stats-read.ts';
import type { QueueRow } from '../../commands/views/rows.ts';
import type { Status } from '../../commands/views/status-read.ts';
import { listDrafts } from '../../commands/writing/list-drafts.ts';
import { openFiles } from '../../commands/writing/new-draft.ts';
import { pickDefined } from '../../core/pick-defined.ts';
import { formatProblem } from '../../core/problem.ts';
import { fromSchema, pageSchema, toPage } from '../answer-pages.ts';
import { fromMessage, untrusted } from '../untrusted.ts';
import { feedPostsAmong } from './of-feeds.ts';
import { type Answer, defineTool } from './tool.ts';

/** What the verb of this name answers, as on any other surface. */
export async function runVerb(
  context: CommandContext,
  name: string,
  { args = [], options = {} }: Partial<Input>,
): Promise<Reply> {
  const [verb] = await loadCommands(name);
  if (verb?.name !== name) throw new Error(`there is no verb ${name}`);
  return verb.run(context, { args, options: pickDefined(options) });
}

const name = z.string().min(1).max(100);
const days = z.number().positive().max(365);

export const status = defineTool({
  name: 'status',
  title: 'Status',
  description:
    'Whether Dripline runs or is paused, each account with its next post, failures, and how many ' +
    'problems the posts folder has.',
  input: z.strictObject({}),
  output: z.looseObject({}),
  async run(context) {
    const { accounts, failures, ...rest } = (await runVerb(context, 'status', {})).json as Status;
    return {
      ...rest,
      accounts: accounts.map((one) =>
        pickDefined({
          ...one,
          heldBecause: fromMessage(one.heldBecause),
          lastError: fromMessage(one.lastError),
        }),
      ),
      failures: await markRows(context, failures),
    };
  },
});

export const queue = defineTool({
  name: 'queue',
  title: 'Queue',
  description: 'The posts that are not yet published: when, on which account, and why then.',
  input: z.strictObject({
    account: name.optional().describe('Only this account'),
    days: days.optional().describe('Only what is scheduled within this many days'),
    from: fromSchema,
  }),
  output: z.object(pageSchema),
  async run(context, { account, days: ahead, from }) {
    const options = { account, days: ahead === undefined ? undefined : String(ahead) };
    const { json } = await runVerb(context, 'queue', { options });
    return { ...(await toPage(json as QueueRow[], from, (some) => markRows(context, some))) };
  },
});

export const plan = defineTool({
  name: 'plan',
  title: 'Plan',
  description: 'The calendar of the coming days, computed from the queue as it is now.',
  input: z.strictObject({
    days: days.default(14).describe('How many days ahead'),
    from: fromSchema,
  }),
  output: z.object(pageSchema),
  async run(context, { days: ahead, from }) {
    const { json } = await runVerb(context, 'plan', { options: { days: String(ahead) } });
    return { ...(await toPage(json as QueueRow[], from, (some) => markRows(context, some))) };
  },
});

/** The ids of posts of feeds are made from titles that strangers wrote. */
async function markRows(context: CommandContext, rows: readonly Omit<QueueRow, 'at'>[]) {
  const feeds = await feedPostsAmong(
    context,
    rows.map(({ post }) => post),
  );
  return rows.map((row) =>
    pickDefined({
      ...row,
      reason: fromMessage(row.reason),
      isFromFeed: feeds.has(row.post) ? (true as const) : undefined,
    }),
  );
}

export const stats = defineTool({
  name: 'stats',
  title: 'Statistics',
  description:
    'The numbers of a period: engagement for each account, the pace, campaigns, follow-ups, and ' +
    'the replies that people wrote.',
  input: z.strictObject({
    period: z.string().min(1).max(40).default('7d').describe('7d, 12h, yesterday or 2026-11-01'),
    campaign: name.optional().describe('Only this campaign'),
  }),
  output: z.looseObject({}),
  async run(context, { period, campaign }) {
    const { json } = await runVerb(context, 'stats', { args: [period], options: { campaign } });
    const { accounts, replies, ...rest } = json as Stats;
    return {
      ...rest,
      // A number for each hour of the week says less to an agent than the sentence beside it.
      accounts: accounts.map(({ hours: _hours, ...one }) => one),
      replies: replies.map(({ from, text, ...one }) => ({
        ...one,
        reply: untrusted('reply', `${from}: ${text}`),
      })),
    };
  },
});

const quotingTypes = new Set(
  'deferred failed feed held noted notice part problem reconciled released uncertain'.split(' '),
);

interface EntryRow {
  type: string;
  by: string;
  post?: string;
  text?: string;
  data?: unknown;
}

export const journal = defineTool({
  name: 'journal',
  title: 'Journal',
  description: 'What happened, and who asked for it. The newest entries, oldest first.',
  input: z.strictObject({
    since: z.string().min(1).max(40).optional().describe('2h, 1d, yesterday or 2026-11-24'),
    post: z.string().min(1).max(200).optional().describe('Only this post'),
    limit: z.int().min(1).max(500).default(50).describe('At most so many of the newest entries'),
    from: fromSchema,
  }),
  output: z.object(pageSchema),
  async run(context, { since, post, limit, from }) {
    const options = { since, post, limit: String(limit) };
    const { json } = await runVerb(context, 'journal', { options });
    return { ...(await toPage(json as EntryRow[], from, (some) => markEntries(context, some))) };
  },
});

async function markEntries(
  context: CommandContext,
  entries: readonly EntryRow[],
): Promise<Answer[]> {
  const feeds = await feedPostsAmong(
    context,
    entries.flatMap(({ post }) => post ?? []),
  );
  return entries.map((entry) => markEntry(entry, feeds.has(entry.post ?? '')));
}

function markEntry({ text, data, ...entry }: EntryRow, isOfFeed: boolean): Answer {
  if (entry.type === 'reply') {
    const { from = '' } = (data ?? {}) as { from?: string };
    return { ...entry, text: untrusted('reply', `${from}: ${text ?? ''}`) };
  }
  const isQuoting = entry.by === 'dripline' && (isOfFeed || quotingTypes.has(entry.type));
  const from = isOfFeed || entry.type === 'feed' ? 'feed' : 'message';
  return pickDefined({
    ...entry,
    text: isQuoting && text !== undefined ? untrusted(from, text) : text,
  });
}

export const check = defineTool({
  name: 'check',
  title: 'Check',
  description:
    'The problems of the posts folder and of the drafts: what is wrong, where, and what to do. ' +
    'Errors keep a post from being published; notes do not.',
  input: z.strictObject({ from: fromSchema }),
  output: z.object(pageSchema),
  async run(context, { from }) {
    const drafts = await listDrafts(context, await openFiles(context));
    const problems = [
      ...(await listProblems(context)),
      ...drafts.flatMap((draft) => draft.problems),
    ];
    const toItem = (problem: (typeof problems)[number]) => ({
      severity: problem.severity,
      text: formatProblem(problem),
    });
    return { ...(await toPage(problems, from, (some) => some.map(toItem))) };
  },
});
