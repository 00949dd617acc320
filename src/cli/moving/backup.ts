import { openCommands } from '../../app/open-commands.ts';
import { copiedFact } from '../../flow/moving/moved.ts';
import type { CliContext } from '../cli-context.ts';
import { toNewFile, writeExport } from './export-file.ts';

/** A copy of the store where it is one file, else an export: `restore` reads it. */
export async function backup({ folder, config, args, terminal }: CliContext): Promise<void> {
  const file = toNewFile(config, folder, args[0]);
  await using context = await openCommands(config, 'cli');
  const { store } = context;
  // Whoever puts it back has a store that does not know what came after it.
  const known = { [copiedFact.key]: context.clock.now() };
  await (store.backup ? store.backup(file, known) : writeExport(store, config, file));
  terminal.print(`The store was copied to ${file}.`, { file });
}
