import type { Dirent } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { errorAt, noteAt, type Problem } from '../../../core/problem.ts';

export interface Walked {
  /** Paths below the folder, with slashes. */
  files: Set<string>;
  /** What is to be said of folders, by path. */
  remarks: Map<string, Problem[]>;
  /** Folders that cannot be listed: what is in them is not gone. */
  closed: string[];
  /** Folders that vanished while they were listed. */
  vanished: string[];
}

interface WalkInput {
  folder: string;
  /** What messages call it. */
  label: string;
  /** Real paths of the folders that all files have to be in. */
  roots: string[];
  /** Folders right below it that are not looked into. */
  skip: string[];
}

interface Walk extends WalkInput, Walked {
  /** Paths by their real path: none is read twice. */
  seen: Map<string, string>;
  links: string[];
}

/** `missing`, or a problem of the folder itself: nothing is known about its files. */
export async function walkFolder(input: WalkInput): Promise<Walked | 'missing' | Problem> {
  const walk: Walk = {
    ...input,
    files: new Set(),
    remarks: new Map(),
    closed: [],
    vanished: [],
    seen: new Map(),
    links: [],
  };
  try {
    const entries = await readdir(input.folder, { withFileTypes: true });
    await keepEntries(walk, '', entries);
  } catch (error) {
    if (isGone(error)) return 'missing';
    return unreadable(input.label, error);
  }
  // Real folders first: whatever a link leads to as well is read at its own place.
  for (let link = walk.links.shift(); link !== undefined; link = walk.links.sort().shift())
    await followLink(walk, link);
  return walk;
}

/** A folder deeper than this is not one that a person has made. */
const deepest = 40;

async function keepEntries(walk: Walk, below: string, entries: Dirent[]): Promise<void> {
  const real = await realpath(join(walk.folder, below)).catch(() => undefined);
  if (real !== undefined) walk.seen.set(real, below);
  for (const entry of entries) {
    const path = below ? `${below}/${entry.name}` : entry.name;
    if (entry.name.startsWith('.')) continue;
    const isFolder = entry.isDirectory() || (entry.isSymbolicLink() && (await isDir(walk, path)));
    if (!isFolder) walk.files.add(path);
    else if (walk.skip.includes(path) || isSetAside(entry.name)) continue;
    else if (entry.isSymbolicLink()) walk.links.push(path);
    else await walkBelow(walk, path);
  }
}

async function walkBelow(walk: Walk, path: string): Promise<void> {
  let entries: Dirent[];
  if (path.split('/').length > deepest) return;
  try {
    entries = await readdir(join(walk.folder, path), { withFileTypes: true });
  } catch (error) {
    if (isGone(error)) walk.vanished.push(path);
    else {
      walk.closed.push(path);
      walk.remarks.set(path, [unreadable(`${walk.label}/${path}`, error)]);
    }
    return;
  }
  await keepEntries(walk, path, entries);
}

async function followLink(walk: Walk, path: string): Promise<void> {
  const where = `${walk.label}/${path}`;
  const real = await realpath(join(walk.folder, path)).catch(() => undefined);
  if (real === undefined) {
    walk.vanished.push(path);
    return;
  }
  const other = walk.seen.get(real);
  if (other !== undefined) {
    const what = `links to ${other ? `${walk.label}/${other}` : walk.label}, which is read already`;
    walk.remarks.set(path, [noteAt(where, what, 'it is not read twice: remove the link')]);
  } else if (!walk.roots.some((root) => real === root || real.startsWith(root + sep))) {
    const what = 'is a link to a folder outside the posts and media folders, and is not read';
    const hint = 'copy the folder into the posts folder, or mount it there';
    walk.remarks.set(path, [noteAt(where, what, hint)]);
  } else await walkBelow(walk, path);
}

const isDir = async ({ folder }: Walk, path: string) =>
  (await stat(join(folder, path)).catch(() => undefined))?.isDirectory() ?? false;

const isGone = (error: unknown) =>
  ['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '');

function unreadable(where: string, error: unknown): Problem {
  const { code = String(error) } = error as NodeJS.ErrnoException;
  const isDenied = code === 'EACCES' || code === 'EPERM';
  return errorAt(
    where,
    isDenied ? 'cannot be read: permission denied' : `cannot be read (${code})`,
    isDenied
      ? 'fix its permissions; posts from it are held until then'
      : 'check the disk or the mount; posts from it are held until then',
  );
}

const systemFolders = new Set([
  'borradores',
  'bozze',
  'brouillons',
  'draft',
  'drafts',
  'entwürfe',
  'rascunhos',
  'lost+found',
  'network trash folder',
  'node_modules',
  'recycled',
  'recycler',
  'system volume information',
  'temporary items',
]);

/**
 * Folders for files that are no posts: drafts, and what file systems, recycle bins and network
 * drives keep for themselves (`#recycle`, `@eaDir`, `$RECYCLE.BIN`, `found.000`).
 */
const isSetAside = (name: string) =>
  /^[_#@$~]/.test(name) ||
  /^found\.\d{3}$/i.test(name) ||
  systemFolders.has(name.normalize('NFC').toLowerCase());
