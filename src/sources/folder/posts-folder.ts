import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, readdir, readFile, realpath, stat } from 'node:fs/promises';
import { basename, dirname, extname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { type Network, networks } from '../../core/network/network.ts';
import type { MediaRef, Post } from '../../core/post/post.ts';
import type { Problem } from '../../core/problem.ts';
import type { FolderScan, FolderSource, ScannedFile } from '../../ports/source.ts';
import { hashPost, type KnownNames, type ParsedFile, parsePostFile } from './post-file.ts';

/** A post's main file is at most this large; text for social networks is a thousandth of it. */
const maxTextBytes = 1024 * 1024;
const defaultsName = '_defaults.yaml';

export interface FolderInput {
  postsFolder: string;
  mediaFolder: string;
  /** What messages call the posts folder: `posts`. */
  label: string;
  zone: string;
  names: KnownNames;
  /** Folders right below the posts folder whose files are no posts here. */
  skip?: string[];
  /** Marks of the last scan by path: files that still look so are not read again. */
  marks: ReadonlyMap<string, string>;
  /**
   * Files younger than this are left for the next scan: somebody may still be writing.
   * Milliseconds; 0: read all.
   */
  settleFor: number;
  now: number;
}

export function openFolder(options: Omit<FolderInput, 'marks' | 'now'>): FolderSource {
  return { scan: (marks, now) => scanFolder({ ...options, marks, now }) };
}

/** One look at the whole folder. Reads what has changed and touches nothing. */
export async function scanFolder(input: FolderInput): Promise<FolderScan> {
  const listing = await listFolder(input.postsFolder, input.skip ?? []);
  if (!listing) return { folder: 'missing', files: [] };
  const roots = await Promise.all(
    [input.postsFolder, input.mediaFolder].map((folder) =>
      realpath(folder).catch(() => resolve(folder)),
    ),
  );
  const context: Scan = { ...input, listing, roots, texts: new Map() };
  const files: ScannedFile[] = [];
  for (const path of [...listing].filter(isPostPath).sort())
    files.push(await scanFile(path, context));
  return { folder: files.length ? 'there' : 'empty', files };
}

interface Scan extends FolderInput {
  listing: Set<string>;
  /** Real paths of the two folders that everything has to stay in. */
  roots: string[];
  /** Texts of `_defaults.yaml` read in this scan. */
  texts: Map<string, string>;
}

async function listFolder(folder: string, skip: string[]): Promise<Set<string> | undefined> {
  const found = new Set<string>();
  const walk = async (below: string): Promise<void> => {
    for (const entry of await readdir(join(folder, below), { withFileTypes: true })) {
      const path = below ? `${below}/${entry.name}` : entry.name;
      if (skip.includes(path) && entry.isDirectory()) continue;
      if (
        entry.name.startsWith('.') ||
        (entry.isDirectory() && (entry.name.startsWith('_') || entry.name === 'drafts'))
      )
        continue;
      if (entry.isDirectory()) await walk(path);
      else found.add(path);
    }
  };
  try {
    await walk('');
    return found;
  } catch (error) {
    if (
      (error as NodeJS.ErrnoException).code === 'ENOENT' ||
      (error as NodeJS.ErrnoException).code === 'ENOTDIR'
    )
      return undefined;
    throw error;
  }
}

function isPostPath(path: string): boolean {
  const name = basename(path);
  return (
    /\.(md|markdown)$/i.test(name) &&
    !name.startsWith('_') &&
    name.toLowerCase() !== 'readme.md' &&
    !sidecarOf(path)
  );
}

function sidecarOf(path: string): Network | undefined {
  const network = /\.([a-z]+)\.(?:md|markdown)$/i.exec(path)?.[1]?.toLowerCase();
  return networks.find((one) => one === network);
}

async function scanFile(path: string, scan: Scan): Promise<ScannedFile> {
  const sidecars = networks
    .map((network) => ({ network, path: path.replace(/\.(md|markdown)$/i, `.${network}.md`) }))
    .filter((one) => scan.listing.has(one.path));
  const defaults = defaultsFor(path).filter((one) => scan.listing.has(one));
  const texts = [path, ...sidecars.map((one) => one.path), ...defaults];
  const before = scan.marks.get(path);
  if (before !== undefined && (await stillLooks(before, texts, scan)))
    return { path, kind: 'unchanged' };
  try {
    const facts = await Promise.all(
      texts.map((one) => look(join(scan.postsFolder, one), one, scan)),
    );
    const newest = Math.max(...facts.map((fact) => fact.changedAt));
    if (scan.settleFor > 0 && scan.now - newest >= 0 && scan.now - newest < scan.settleFor)
      return { path, kind: 'unsettled' };
    return await readPost(path, { sidecars, defaults, facts }, scan);
  } catch (error) {
    if (error instanceof Broken) return { path, kind: 'broken', problems: [error.problem] };
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      const isLink = await lstat(join(scan.postsFolder, path)).then(
        (info) => info.isSymbolicLink(),
        () => false,
      );
      // Else it vanished between the listing and the reading: the next scan sees that.
      return isLink
        ? {
            path,
            kind: 'broken',
            problems: [
              {
                where: `${scan.label}/${path}`,
                what: 'links to a file that is not there',
                hint: 'mend or remove the link',
                severity: 'error',
              },
            ],
          }
        : { path, kind: 'unsettled' };
    }
    const what = error instanceof Error ? error.message : String(error);
    return {
      path,
      kind: 'broken',
      problems: [
        {
          where: `${scan.label}/${path}`,
          what: `cannot be read (${what})`,
          hint: 'look at its rights',
          severity: 'error',
        },
      ],
    };
  }
}

/** The farthest folder first. */
function defaultsFor(path: string): string[] {
  const steps = path.split('/').slice(0, -1);
  return [
    defaultsName,
    ...steps.map((_, i) => `${steps.slice(0, i + 1).join('/')}/${defaultsName}`),
  ];
}

/**
 * [file, size, mtime] of all that a post is made of. Media outside the posts folder are absolute.
 */
type Fact = [name: string, size: number, mtime: number];

async function stillLooks(mark: string, texts: string[], scan: Scan): Promise<boolean> {
  const facts = JSON.parse(mark) as Fact[];
  if (texts.some((one, i) => facts[i]?.[0] !== one)) return false;
  // Pictures follow the texts; a name that has come or gone among the texts shows there.
  if (facts.slice(texts.length).some(([name]) => !isAbsolute(name))) return false;
  const seen = await Promise.all(
    facts.map(async ([name, size, mtime]) => {
      const info = await stat(isAbsolute(name) ? name : join(scan.postsFolder, name)).catch(
        () => undefined,
      );
      return info?.size === size && info.mtimeMs === mtime;
    }),
  );
  return seen.every(Boolean);
}

class Broken extends Error {
  readonly problem: Problem;
  constructor(problem: Problem) {
    super(problem.what);
    this.problem = problem;
  }
}

interface FileFact {
  fact: Fact;
  changedAt: number;
}

async function look(absolute: string, name: string, scan: Scan): Promise<FileFact> {
  const info = await stat(absolute);
  const where = `${scan.label}/${name}`;
  await assertInside(absolute, where, scan);
  if (!info.isFile())
    throw new Broken({
      where,
      what: 'is no file',
      hint: 'posts are files with the ending .md',
      severity: 'error',
    });
  if (info.size > maxTextBytes) {
    throw new Broken({
      where,
      what: `has ${(info.size / 1024 / 1024).toFixed(1)} MB`,
      hint: 'a post has at most 1 MB of text: is it a post at all?',
      severity: 'error',
    });
  }
  return { fact: [name, info.size, info.mtimeMs], changedAt: info.mtimeMs };
}

async function assertInside(absolute: string, where: string, { roots }: Scan, name = '') {
  const real = await realpath(absolute);
  if (roots.some((root) => real.startsWith(root + sep))) return;
  throw new Broken({
    where,
    what: `${name}leads out of the posts and media folders`,
    hint: 'copy the file into one of them',
    severity: 'error',
  });
}

interface Pieces {
  sidecars: { network: Network; path: string }[];
  defaults: string[];
  facts: FileFact[];
}

async function readPost(
  path: string,
  { sidecars, defaults, facts }: Pieces,
  scan: Scan,
): Promise<ScannedFile> {
  const read = (name: string) => readFile(join(scan.postsFolder, name), 'utf8');
  const parsed = parsePostFile({
    path,
    file: `${scan.label}/${path}`,
    text: await read(path),
    zone: scan.zone,
    names: scan.names,
    sidecars: await Promise.all(
      sidecars.map(async (one) => ({
        network: one.network,
        file: `${scan.label}/${one.path}`,
        text: await read(one.path),
      })),
    ),
    defaults: await Promise.all(
      defaults.map(async (one) => ({
        file: `${scan.label}/${one}`,
        text: await cached(scan.texts, one, read),
      })),
    ),
  });
  if ('problems' in parsed) return { path, kind: 'broken', problems: parsed.problems };
  const { media, hashes, facts: pictures } = await findMedia(parsed, path, scan);
  const post: Post = { ...parsed.post, media };
  post.hash = hashPost(post, hashes);
  return {
    path,
    kind: 'post',
    mark: JSON.stringify([...facts.map(({ fact }) => fact), ...pictures]),
    post,
    hasOwnId: parsed.hasOwnId,
    notes: parsed.notes,
  };
}

async function cached(
  texts: Map<string, string>,
  name: string,
  read: (name: string) => Promise<string>,
): Promise<string> {
  const text = texts.get(name) ?? (await read(name));
  texts.set(name, text);
  return text;
}

const pictureEndings = [
  '.jpg',
  '.jpeg',
  '.png',
  '.webp',
  '.gif',
  '.avif',
  '.heic',
  '.heif',
  '.tif',
  '.tiff',
];
const filmEndings = ['.mp4', '.mov', '.webm', '.mkv', '.avi', '.m4v'];

/** Beside the post first, then in the media folder. */
async function findMedia(parsed: ParsedFile, path: string, scan: Scan) {
  const media: MediaRef[] = [];
  const hashes: string[] = [];
  const facts: Fact[] = [];
  for (const { where, ...one } of parsed.media) {
    const ending = extname(one.src).toLowerCase();
    if (filmEndings.includes(ending))
      throw new Broken({
        where,
        what: `${one.src} is a video`,
        hint: 'videos are not supported yet: use a still picture and a link',
        severity: 'error',
      });
    if (!pictureEndings.includes(ending))
      throw new Broken({
        where,
        what: `${one.src} is no picture that is known`,
        hint: 'JPEG, PNG, WebP, AVIF or HEIC',
        severity: 'error',
      });
    const file = await locateMedia(one.src, path, where, scan);
    const info = await stat(file);
    media.push({ ...one, file });
    facts.push([file, info.size, info.mtimeMs]);
    hashes.push(await hashFile(file));
    if (one.alt.trim() === '')
      parsed.notes.push({
        where,
        what: `${one.src} has no alt text`,
        hint: 'describe it in a sentence for those who cannot see it',
        severity: 'note',
      });
  }
  return { media, hashes, facts };
}

async function locateMedia(src: string, path: string, where: string, scan: Scan): Promise<string> {
  const candidates = [
    resolve(scan.postsFolder, dirname(path), src),
    resolve(scan.mediaFolder, src),
  ];
  for (const file of candidates) {
    const isInside = [scan.postsFolder, scan.mediaFolder].some(
      (folder) => !relative(resolve(folder), file).startsWith('..'),
    );
    if (isAbsolute(src) || !isInside) continue;
    if (
      !(await stat(file).then(
        (info) => info.isFile(),
        () => false,
      ))
    )
      continue;
    await assertInside(file, where, scan, `${src} `);
    return file;
  }
  const leaves = isAbsolute(src) || src.split(/[/\\]/).includes('..');
  throw new Broken({
    where,
    what: leaves ? `${src} leads out of the posts and media folders` : `${src} is not there`,
    hint: leaves
      ? 'put the picture beside the post or into media/'
      : 'it is looked up beside the post, then in media/',
    severity: 'error',
  });
}

async function hashFile(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
