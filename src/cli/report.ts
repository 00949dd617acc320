import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { openCommands } from '../app/open-commands.ts';
import { readReport, toMonth } from '../commands/report/read-report.ts';
import { toReportHtml } from '../commands/report/report-html.ts';
import { Refusal } from '../core/problem.ts';
import type { CliContext } from './cli-context.ts';

/** An existing file is replaced: a report of the same month is made again. */
export async function report({ folder, config, options, terminal }: CliContext): Promise<void> {
  await using context = await openCommands(config, 'cli');
  const asked = options['month'];
  const month = toMonth(context, asked === undefined ? undefined : String(asked));
  const html = toReportHtml(await readReport(context, month), config);
  const name = String(options['out'] ?? `dripline-report-${month.name}.html`);
  const file = resolve(folder, name);
  if (!/\.html?$/i.test(file))
    throw new Refusal(`${name} does not end in .html: choose such a name for the report`);
  await writeFile(file, html).catch((error: NodeJS.ErrnoException) => {
    throw new Refusal(`${name} cannot be written: look at its folder (${error.code ?? ''})`);
  });
  terminal.print(`The report for ${month.name} was written to ${file}.`, {
    month: month.name,
    file,
  });
}
