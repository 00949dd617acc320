import { basename, dirname } from 'node:path/posix';

/** `_sequence.yaml`, and what people and tools make of that name. */
export const isSequenceFile = (name: string): boolean => /^_?sequence\.ya?ml$/i.test(name);

/** Folders whose files are the steps of a sequence for single people: they are no posts. */
export function sequenceFolders(files: Iterable<string>): Set<string> {
  const folders = new Set<string>();
  for (const path of files)
    if (isSequenceFile(basename(path)) && path.includes('/')) folders.add(dirname(path));
  return folders;
}

/** Whether a file lies in one of the folders, at any depth. */
export function isInFolders(path: string, folders: ReadonlySet<string>): boolean {
  if (folders.size === 0) return false;
  for (let at = dirname(path); at !== '.'; at = dirname(at)) if (folders.has(at)) return true;
  return false;
}
