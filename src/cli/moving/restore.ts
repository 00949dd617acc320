import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { openHeldStore } from '../../app/open-held-store.ts';
import { Refusal } from '../../core/problem.ts';
import { plural } from '../../core/plural.ts';
import { checkLines, type Lines, restoreLines } from '../../flow/moving/restore-store.ts';
import type { CliContext } from '../cli-context.ts';

/** The file is looked at whole before the first line is written. */
export async function restore({ folder, config, args, terminal }: CliContext): Promise<void> {
  if (config.isSandbox)
    throw new Refusal(
      'There is no configuration yet, so this would fill the sandbox: set up your accounts first',
    );
  const file = resolve(folder, args[0] ?? '');
  const counts = await guarded(file, checkLines);
  await using held = await openHeldStore(config);
  await guarded(file, (lines) => restoreLines(held.store, lines, Date.now()));
  const all = [
    plural(counts.post, 'post'),
    plural(counts.delivery, 'delivery', 'deliveries'),
    plural(counts.entry, 'journal entry', 'journal entries'),
    plural(counts.sample, 'sample'),
    plural(counts.link, 'counted link'),
  ];
  terminal.print(
    `Restored: ${all.join(', ')}. Dripline starts paused, so that you can look at the queue ` +
      'first; `dripline resume` goes on. Make sure that the old store is not served any more.',
    { counts },
  );
}

async function guarded<T>(file: string, run: (lines: Lines) => Promise<T>): Promise<T> {
  try {
    return await run(readLines(file));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw new Refusal(`There is no file ${file}`);
    if (code === 'EISDIR') throw new Refusal(`${file} is a folder: name the file of the export`);
    throw error;
  }
}

/** The file is opened with the first line that is asked for: readline loses what comes before. */
async function* readLines(file: string): AsyncGenerator<string> {
  const input = createReadStream(file, 'utf8');
  try {
    yield* createInterface({ input, crlfDelay: Infinity });
  } finally {
    input.destroy();
  }
}
