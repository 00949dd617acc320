import { openCommands } from '../../app/open-commands.ts';
import { type CommandContext, WrongUsage } from '../../commands/command.ts';
import { readServiceState } from '../../commands/views/overview.ts';
import { Refusal } from '../../core/problem.ts';
import { markMoved, takeBack } from '../../flow/moving/moved.ts';
import type { CliContext } from '../cli-context.ts';
import { safeLines, toNewFile, writeExport } from './export-file.ts';

/**
 * Lines of JSON. With `--move` this store is done with: two that publish would publish twice.
 */
export async function exportAll(cli: CliContext): Promise<void> {
  const { folder, config, args, options, terminal } = cli;
  await using context = await openCommands(config, 'cli');
  if (options['takeBack']) return tellTakenBack(cli, await takeBack(context.store));
  if (args[0] === undefined) {
    if (options['move']) throw new WrongUsage('--move takes a file: export FILE --move');
    for await (const line of safeLines(context.store, config)) process.stdout.write(line);
    return;
  }
  const file = toNewFile(config, folder, args[0]);
  if (options['move']) await leave(context, file);
  try {
    await writeExport(context.store, config, file);
  } catch (error) {
    if (options['move']) await takeBack(context.store);
    throw error;
  }
  const next = options['move']
    ? ' This store refuses to serve from now on: fill the new one with `dripline restore`.'
    : '';
  terminal.print(`The store was exported to ${file}.${next}`, { file });
}

/** A service that starts at the same moment has written its heartbeat by the second look. */
async function leave(context: CommandContext, to: string): Promise<void> {
  await assertStopped(context);
  await markMoved(context.store, { at: context.clock.now(), to });
  try {
    await assertStopped(context);
  } catch (error) {
    await takeBack(context.store);
    throw error;
  }
}

async function assertStopped(context: CommandContext): Promise<void> {
  const { running } = await readServiceState(context);
  if (running) throw new Refusal('Dripline is running on this store: stop it first, then move it');
}

function tellTakenBack({ terminal }: CliContext, wasMoved: boolean): void {
  if (!wasMoved) throw new Refusal('This store was not moved: there is nothing to take back');
  terminal.print(
    'This store may serve again. Make sure that the store which was restored from it does not: ' +
      'two that publish would publish twice.',
    { moved: false },
  );
}
