import type { Undoable } from '../../core/journal.ts';
import { formatProblem, Refusal } from '../../core/problem.ts';
import type { CommandContext } from '../command.ts';
import { openFiles } from './new-draft.ts';

/** Byte for byte, and all of them or none: what was changed since is left alone. */
export async function restoreFiles(
  context: CommandContext,
  parts: readonly Undoable[],
): Promise<void> {
  const files = await openFiles(context);
  const closed = await files.whyClosed();
  if (closed) throw new Refusal(formatProblem(closed));
  const all = parts.flatMap(({ file }) => file ?? []);
  for (const { path, text, hash } of all) {
    const now = await files.read(path);
    if (!now) throw new Refusal(`${files.label}/${path} was moved or deleted since. ${nothing}`);
    // Where an earlier try was interrupted, some are as they were.
    if (now.hash !== hash && now.text !== text)
      throw new Refusal(`${files.label}/${path} was changed since. ${nothing}`);
  }
  for (const { path, text, hash } of all) {
    const saved = await files.save(path, { text, base: hash });
    if (saved.kind === 'conflict')
      throw new Refusal(`${files.label}/${path} was changed just now. Look at it, and try again`);
  }
}

const nothing = 'Nothing was taken back: edit the files';
