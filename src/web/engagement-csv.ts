import type { Context } from 'hono';
import type { CommandContext } from '../commands/command.ts';
import { readRows, rowsToCsv } from '../commands/stats/stats-rows.ts';
import { day, localDate } from '../core/time.ts';
import type { Env } from './access/visit.ts';
import { engagementDays } from './pages/engagement-page.ts';

/** GET /engagement.csv: the posts of an account in the days of its page. */
export async function sendCsv(c: Context<Env>, context: CommandContext): Promise<Response> {
  const { settings, clock } = context;
  const account = settings.accounts.find(({ name }) => name === c.req.query('account'))?.name;
  if (account === undefined) return c.text('There is no account of this name.', 404);
  const days = engagementDays(c.req.query('days'));
  const rows = await readRows(context, { account, since: clock.now() - days * day });
  const name = account.replaceAll(/[^\w.-]/g, '_');
  const date = localDate(clock.now(), settings.zone);
  return c.body(rowsToCsv(rows, settings.zone), 200, {
    'Content-Type': 'text/csv; charset=utf-8',
    'Content-Disposition': `attachment; filename="dripline-${name}-${days}d-${date}.csv"`,
  });
}
