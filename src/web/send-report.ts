import { createHash } from 'node:crypto';
import type { Context } from 'hono';
import type { CommandContext } from '../commands/command.ts';
import { readReport, toMonth } from '../commands/report/read-report.ts';
import { toReportHtml } from '../commands/report/report-html.ts';
import { reportStyle } from '../commands/report/report-style.ts';
import { Refusal } from '../core/problem.ts';
import type { Env } from './access/visit.ts';

const styleHash = createHash('sha256').update(reportStyle).digest('base64');

/** GET /report: the page that `report` writes to a file. */
export async function sendReport(c: Context<Env>, context: CommandContext): Promise<Response> {
  try {
    const month = toMonth(context, c.req.query('month') || undefined);
    return c.body(toReportHtml(await readReport(context, month), context.settings), 200, {
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Security-Policy':
        `default-src 'none'; style-src 'sha256-${styleHash}'; ` +
        "frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return c.text(`${error.message}.`, 404);
  }
}
