import { decodeText } from '../../io/decode-text.ts';
import { lstat, readFile, realpath } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Post } from '../../core/post/post.ts';
import { errorAt } from '../../core/problem.ts';
import type { FolderScan, FolderSource, ScannedFile } from '../../ports/source.ts';
import { inWorker, WorkerError } from '../../io/worker/in-worker.ts';
import { hashPost } from '../post-identity.ts';
import { type Fact, FileProblem, isUnchanged, markOf, readFact } from './file-facts.ts';
import { pathsOf, type PostTexts, sortFiles } from './listing/list-folder.ts';
import { sequenceFolders } from './listing/sequence-folders.ts';
import { walkFolder } from './listing/walk.ts';
import type { KnownNames } from './post-checks.ts';
import type { ParsedPostFile, PostFileInput } from './post-file.ts';
import { findMedia } from './media/post-media.ts';

export interface FolderInput {
  postsFolder: string;
  mediaFolder: string;
  /** What messages call the posts folder: `posts`. */
  label: string;
  zone: string;
  names: KnownNames;
  /** Folders right below the posts folder whose files are no posts here. */
  skip?: string[];
  /** Marks of the last scan by path: a file that still matches its mark is not read again. */
  marks: ReadonlyMap<string, string>;
  /**
   * Files younger than this are left for the next scan, since they may be half written.
   * Milliseconds; 0: read all.
   */
  settleFor: number;
  now: number;
}

export function openFolder(options: Omit<FolderInput, 'marks' | 'now'>): FolderSource {
  return { scan: (marks, now) => scanFolder({ ...options, marks, now }) };
}

interface Scan extends FolderInput {
  /** Real paths of the two folders that all files have to be in. */
  roots: string[];
  /** Texts of `_defaults.yaml` that this scan has read. */
  defaults: Map<string, string>;
}

/** Scans the whole folder once. Reads what has changed and writes nothing. */
export async function scanFolder(input: FolderInput): Promise<FolderScan> {
  const folders = [input.postsFolder, input.mediaFolder];
  const roots = await Promise.all(
    folders.map((folder) => realpath(folder).catch(() => resolve(folder))),
  );
  const { label, postsFolder: folder, skip = [] } = input;
  const walked = await walkFolder({ folder, label, roots, skip });
  if (walked === 'missing') return { ...nothing, folder: 'missing' };
  if ('what' in walked)
    return { ...nothing, folder: 'closed', remarks: new Map([['.', [walked]]]) };
  const accounts = input.names.accounts.map(({ name }) => name);
  const listing = sortFiles(walked.files, { label, accounts });
  const scan: Scan = { ...input, roots, defaults: new Map() };
  const files = [...listing.refused].map(([path, problems]): ScannedFile => ({
    path,
    kind: 'broken',
    problems,
  }));
  for (const texts of listing.posts) files.push(await scanFile(texts, scan));
  return {
    folder: files.length || walked.closed.length ? 'there' : 'empty',
    files: files.sort((a, b) => (a.path < b.path ? -1 : 1)),
    remarks: new Map([...walked.remarks, ...listing.notes]),
    closed: walked.closed,
    vanished: walked.vanished,
    sequences: [...sequenceFolders(walked.files)].sort(),
  };
}

const nothing = { files: [], remarks: new Map(), closed: [], vanished: [], sequences: [] };

async function scanFile(texts: PostTexts, scan: Scan): Promise<ScannedFile> {
  const { path } = texts;
  const paths = pathsOf(texts);
  const before = scan.marks.get(path);
  if (before !== undefined && (await isUnchanged(before, paths, scan)))
    return { path, kind: 'unchanged' };
  try {
    const facts = await Promise.all(paths.map((one) => readFact(one, scan)));
    const age = scan.now - Math.max(...facts.map(([, , mtime]) => mtime));
    if (age >= 0 && age < scan.settleFor) return { path, kind: 'unsettled' };
    return await readPost(texts, facts, scan);
  } catch (error) {
    return await tellFailure(path, error, scan);
  }
}

async function tellFailure(path: string, error: unknown, scan: Scan): Promise<ScannedFile> {
  if (error instanceof FileProblem) return { path, kind: 'broken', problems: [error.problem] };
  const where = `${scan.label}/${path}`;
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
    const what = `cannot be read (${error instanceof Error ? error.message : String(error)})`;
    return { path, kind: 'broken', problems: [errorAt(where, what, 'check its permissions')] };
  }
  const info = await lstat(join(scan.postsFolder, path)).catch(() => undefined);
  // A file that is gone vanished between the listing and the reading: the next scan sees that.
  if (!info?.isSymbolicLink()) return { path, kind: 'unsettled' };
  const problem = errorAt(where, 'links to a file that does not exist', 'fix or remove the link');
  return { path, kind: 'broken', problems: [problem] };
}

async function readPost(texts: PostTexts, facts: Fact[], scan: Scan): Promise<ScannedFile> {
  const { path } = texts;
  const parsed = await parseBounded({
    path,
    file: `${scan.label}/${path}`,
    zone: scan.zone,
    names: scan.names,
    ...(await readTexts(texts, scan)),
  });
  if ('problems' in parsed) return { path, kind: 'broken', problems: parsed.problems };
  const found = await findMedia(path, parsed.media, scan);
  const post: Post = { ...parsed.post, media: found.media };
  post.hash = hashPost(post, found.hashes);
  return {
    path,
    kind: 'post',
    mark: markOf([...facts, ...found.facts], scan.now),
    id: post.id,
    hasOwnId: parsed.hasOwnId,
    hash: post.hash,
    isDraft: post.draft,
    file: post.file,
    notes: [...parsed.notes, ...found.notes],
    post: pack(post),
  };
}

/** As text it takes a tenth of the memory. */
function pack(post: Post): () => Post {
  const text = JSON.stringify(post);
  return () => JSON.parse(text) as Post;
}

/**
 * What is larger is read beside everything else: the worst of it would take longer than 50 ms. YAML
 * takes longer than text.
 */
const mostAtOnce = { text: 2 * 1024, yaml: 1024 };
const deadlineMs = 10_000;

function isSmall({ text, sidecars, defaults }: PostFileInput): boolean {
  const lengthOf = (all: readonly { text: string }[]) =>
    all.reduce((sum, one) => sum + one.text.length, 0);
  const front = text.startsWith('---') ? Math.max(0, text.indexOf('\n---', 3)) : 0;
  return (
    text.length + lengthOf(sidecars) <= mostAtOnce.text &&
    front + lengthOf(defaults) <= mostAtOnce.yaml
  );
}

/** What is large is read beside everything else. Throws FileProblem. */
export async function parseBounded(input: PostFileInput): Promise<ParsedPostFile> {
  try {
    // Where no file has changed, as after most starts, no Markdown is read.
    const { parsing, parsePostFile } = await import('./post-file.ts');
    if (isSmall(input)) return parsePostFile(input);
    return await inWorker(parsing, input, { deadlineMs });
  } catch (error) {
    const what =
      error instanceof WorkerError
        ? `${error.message} to read`
        : `cannot be read as a post (${error instanceof Error ? error.message : String(error)})`;
    const hint = 'is this file a post? If it is, make its front matter and Markdown simpler';
    throw new FileProblem(errorAt(input.file, what, hint));
  }
}

async function readTexts({ path, sidecars, defaults }: PostTexts, scan: Scan) {
  const read = (name: string) => readText(join(scan.postsFolder, name), `${scan.label}/${name}`);
  const readDefaults = async (name: string) => {
    const text = scan.defaults.get(name) ?? (await read(name));
    scan.defaults.set(name, text);
    return text;
  };
  return {
    text: await read(path),
    sidecars: await Promise.all(
      sidecars.map(async (one) => ({
        audience: one.audience,
        file: `${scan.label}/${one.path}`,
        text: await read(one.path),
      })),
    ),
    defaults: await Promise.all(
      defaults.map(async (one) => ({
        file: `${scan.label}/${one}`,
        text: await readDefaults(one),
      })),
    ),
  };
}

/** Throws FileProblem where the bytes are not text. */
async function readText(absolute: string, where: string): Promise<string> {
  const text = decodeText(await readFile(absolute));
  if (typeof text === 'string') return text;
  const place = `${where}:${text.line}:${text.column}`;
  throw new FileProblem(errorAt(place, 'is not UTF-8 text', 'save the file as UTF-8'));
}
