import type { Stats } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { isAbsolute, join, sep } from 'node:path';
import { errorAt, type Problem } from '../../core/problem.ts';

/** A text is at most this large; text for social networks is a thousandth of it. */
/** More than twice the longest post that any network takes. */
const maxTextBytes = 64 * 1024;

/** A problem with a file of a post: the post cannot be read. */
export class FileProblem extends Error {
  readonly problem: Problem;
  constructor(problem: Problem) {
    super(problem.what);
    this.problem = problem;
  }
}

/**
 * [file, size, mtime, ctime, inode] of each file of a post, texts before media. Texts are paths
 * below the posts folder, media are absolute.
 */
export type Fact = [name: string, size: number, mtime: number, ctime: number, inode: number];

export const factOf = (name: string, info: Stats): Fact => [
  name,
  info.size,
  info.mtimeMs,
  info.ctimeMs,
  info.ino,
];

/** Within this time a second change may leave the same size and times behind. */
const coarseness = 2000;

/** A file that was written as it was read is marked so that it is read again. */
export const markOf = (facts: Fact[], now: number): string =>
  JSON.stringify(
    facts.map(([name, size, mtime, ctime, inode]) => {
      const isRecent = [mtime, ctime].some((at) => Math.abs(now - at) < coarseness);
      return [name, size, mtime, ctime, isRecent ? -1 : inode];
    }),
  );

/** The folder that the names of texts are below, and what messages call it. */
export interface Place {
  postsFolder: string;
  label: string;
  /** Real paths of the folders that all files have to be in. */
  roots: string[];
}

/** Throws FileProblem, or an error of the file system. */
export async function readFact(name: string, place: Place): Promise<Fact> {
  const absolute = join(place.postsFolder, name);
  const info = await stat(absolute);
  const where = `${place.label}/${name}`;
  if (!(await isInside(absolute, place.roots))) throw outside(where);
  if (!info.isFile())
    throw new FileProblem(errorAt(where, 'is not a file', 'posts are files that end in .md'));
  if (info.size > maxTextBytes) {
    const size = Math.ceil(info.size / 1024).toLocaleString('en');
    const hint = 'a post has at most 64 kB of text. Is this file a post?';
    throw new FileProblem(errorAt(where, `has ${size} kB`, hint));
  }
  return factOf(name, info);
}

/** By the real path, since a link can point anywhere. */
export async function isInside(absolute: string, roots: string[]): Promise<boolean> {
  const real = await realpath(absolute);
  return roots.some((root) => real.startsWith(root + sep));
}

export const outside = (where: string, name = ''): FileProblem =>
  new FileProblem(
    errorAt(
      where,
      `${name}points outside the posts and media folders`,
      'copy the file into one of them',
    ),
  );

/** Whether all files look as they did when the mark was made, and the texts are the same ones. */
export async function isUnchanged(mark: string, texts: string[], place: Place): Promise<boolean> {
  const facts = JSON.parse(mark) as Fact[];
  if (texts.some((one, i) => facts[i]?.[0] !== one)) return false;
  // Media follow the texts. A text more than there is now means that one has gone.
  if (facts.slice(texts.length).some(([name]) => !isAbsolute(name))) return false;
  const seen = await Promise.all(
    facts.map(async (fact) => {
      const [name] = fact;
      const file = isAbsolute(name) ? name : join(place.postsFolder, name);
      const info = await stat(file).catch(() => undefined);
      // A tool may keep the size and the date of what it replaces; not all of these.
      return info !== undefined && factOf(name, info).join('\0') === fact.join('\0');
    }),
  );
  return seen.every(Boolean);
}
