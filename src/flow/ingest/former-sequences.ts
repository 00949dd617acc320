import { errorAt } from '../../core/problem.ts';
import type { FolderScan, ScannedFile } from '../../ports/source.ts';
import { type Context, makeEntry } from '../context.ts';
import { changeFact, factKey } from '../facts.ts';
import { isBelow } from './identify.ts';

/** Folders that were sequences, for as long as files lie in them. */
const sequenceFoldersFact = factKey<string[]>('sequence-folders', []);

/**
 * What was written to single people is not published because a `_sequence.yaml` was deleted, or is
 * just being replaced: such files are broken until it is back, or they lie elsewhere.
 */
export async function refuseFormerSteps(context: Context, scan: FolderScan): Promise<FolderScan> {
  const { store } = context;
  let former: string[] = [];
  await changeFact(store, sequenceFoldersFact, (before) => {
    former = before.filter((one) => !scan.sequences.includes(one) && isInUse(one, scan));
    const after = [...scan.sequences, ...former].sort();
    return after.join('\n') === before.join('\n') ? undefined : after;
  });
  await tellAdded(context, scan);
  if (former.length === 0) return scan;
  return { ...scan, files: scan.files.map((file) => refuse(file, former)) };
}

/** A service that began without people has nobody to look after them. */
async function tellAdded(context: Context, { sequences }: FolderScan): Promise<void> {
  if (context.people || sequences.length === 0) return;
  const text = `${sequences.join(', ')}: for single people. Restart Dripline to begin with it`;
  const id = `sequences-added:${context.worker}`;
  await context.store.appendJournal([makeEntry(context, 'notice', { id, text })]);
}

function isInUse(folder: string, { files, ...scan }: FolderScan): boolean {
  if (scan.folder !== 'there' || isBelow(`${folder}/`, [...scan.closed, ...scan.vanished]))
    return true;
  return files.some(({ path }) => isBelow(path, [folder]));
}

function refuse(file: ScannedFile, former: string[]): ScannedFile {
  const folder = former.find((one) => isBelow(file.path, [one]));
  if (folder === undefined || file.kind === 'broken') return file;
  const what = `is no post: its folder was the sequence ${folder}, whose _sequence.yaml is gone`;
  const hint = 'put that file back. Is this a post now? Then move it to another folder';
  const where = file.kind === 'post' ? file.file : file.path;
  return { path: file.path, kind: 'broken', problems: [errorAt(where, what, hint)] };
}
