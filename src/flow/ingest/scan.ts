import { openStates, stuckStates } from '../../core/delivery/delivery.ts';
import type { Held } from '../../core/delivery/reason.ts';
import { formatProblem, type Problem } from '../../core/problem.ts';
import type { FolderScan, ScannedFile } from '../../ports/source.ts';
import type { PostMark, StoredPost } from '../../ports/store.ts';
import { type Context, makeEntry } from '../context.ts';
import { changeFact, factKey, readFact } from '../facts.ts';
import { holdPosts, ingestPosts, tellProblems, withdrawGone } from './ingest.ts';

export interface ScanOutcome {
  /** Something was added, changed or taken away: the plan has to be remade. */
  hasChanged: boolean;
  /** Files that may still be written: look again in a moment. */
  isUnsettled: boolean;
}

/** Problems of the folder by path, for whoever shows them. */
export type FolderProblems = Record<string, Problem[]>;

export const problemsFact = factKey<FolderProblems>('problems', {});

type PostFile = Extract<ScannedFile, { kind: 'post' }>;

/**
 * Looks at the whole folder and brings the store up to it. `isFresh`: reads every file, however it
 * looks.
 */
export async function rescan(context: Context, { isFresh = false } = {}): Promise<ScanOutcome> {
  const { store, clock, folder } = context;
  const marks = (await store.listPostMarks()).filter(({ source }) => source === 'folder');
  // What was wrong is read again, however it looks: a file may be put back as it was before.
  const known = await readFact(store, problemsFact);
  const isWell = ({ path, goneAt }: PostMark) =>
    goneAt === undefined && !known[path]?.some(({ severity }) => severity === 'error');
  const scan = await folder.scan(
    new Map(isFresh ? [] : marks.filter(isWell).map(({ path, mark }) => [path, mark])),
    clock.now(),
  );
  const { posts, problems } = identify(scan, marks);
  const notes: FolderProblems = {};
  for (const file of scan.files) if (file.kind === 'broken') notes[file.path] = file.problems;
  for (const [path, problem] of problems) notes[path] = [problem];
  for (const file of posts)
    if (file.notes.length) notes[file.path] = [...(notes[file.path] ?? []), ...file.notes];

  await ingestPosts(context, posts.map(toStored));
  const hasHeld = await settleBroken(context, scan, { marks, notes });
  const hasGone = await settleGone(context, scan, { marks, posts });
  await keepProblems(context, scan, notes);
  return {
    hasChanged: posts.length > 0 || hasGone || hasHeld,
    isUnsettled: scan.files.some(({ kind }) => kind === 'unsettled'),
  };
}

const toStored = ({ post, path, mark, hasOwnId }: PostFile): StoredPost => ({
  id: post.id,
  path,
  source: 'folder',
  hash: post.hash,
  mark,
  hasOwnId,
  post,
});

/** Who each file is: a post keeps its id when its file is renamed, and no two files share one. */
function identify(scan: FolderScan, marks: PostMark[]) {
  const byPath = new Map(marks.map((mark) => [mark.path, mark]));
  const there = new Set(scan.files.map(({ path }) => path));
  const vanished = marks.filter(({ path, goneAt }) => !there.has(path) && goneAt === undefined);
  const taken = new Map<string, string>();
  for (const file of scan.files)
    if (file.kind !== 'post' && byPath.has(file.path))
      taken.set(byPath.get(file.path)?.id ?? '', file.path);
  const posts: PostFile[] = [];
  const problems = new Map<string, Problem>();
  // Those that are known at their place come first: a newcomer never takes an id away.
  const files = scan.files
    .filter((file): file is PostFile => file.kind === 'post')
    .sort((a, b) => Number(byPath.has(b.path)) - Number(byPath.has(a.path)));
  for (const file of files) {
    const id = idOf(
      file,
      byPath.get(file.path),
      vanished.filter((one) => !taken.has(one.id)),
    );
    const other = taken.get(id);
    if (other !== undefined) {
      problems.set(file.path, {
        code: 'id-taken',
        where: file.post.file,
        what: `has the id "${id}", which is taken by ${file.post.file.replace(file.path, other)}`,
        hint: 'give one of them another id',
        severity: 'error',
      });
      continue;
    }
    taken.set(id, file.path);
    posts.push({ ...file, post: { ...file.post, id } });
  }
  return { posts, problems };
}

function idOf(file: PostFile, known: PostMark | undefined, vanished: PostMark[]): string {
  if (file.hasOwnId) return file.post.id;
  if (known && !known.hasOwnId) return known.id;
  return (
    vanished.find(({ hash, hasOwnId }) => hash === file.post.hash && !hasOwnId)?.id ?? file.post.id
  );
}

/** A post whose file is broken now is not released as it was before. */
async function settleBroken(
  context: Context,
  scan: FolderScan,
  { marks, notes }: { marks: PostMark[]; notes: FolderProblems },
): Promise<boolean> {
  const ids = new Map(marks.map(({ path, id }) => [path, id]));
  let hasHeld = false;
  for (const file of scan.files) {
    if (file.kind !== 'broken') continue;
    await tellProblems(context, file.path, file.problems);
    const id = ids.get(file.path);
    const problem = file.problems.find(({ severity }) => severity === 'error');
    if (id === undefined || !problem) continue;
    const text = `its file is broken: ${formatProblem(problem)}`;
    await holdPosts(context, [id], { because: 'file-broken', text });
    hasHeld = true;
  }
  for (const [path, [problem]] of Object.entries(notes))
    if (problem?.code === 'id-taken') await tellProblems(context, path, [problem]);
  return hasHeld;
}

const folderGone: Held = {
  because: 'folder-gone',
  text: 'its file is gone, with most others. Is the posts folder mounted? Or say `withdraw`',
};

/** A few deleted files are meant; a folder that is missing, empty, or half empty is an accident. */
async function settleGone(
  context: Context,
  scan: FolderScan,
  { marks, posts }: { marks: PostMark[]; posts: PostFile[] },
): Promise<boolean> {
  const there = new Set(scan.files.map(({ path }) => path));
  const renamed = new Set(posts.map(({ post }) => post.id));
  const present = marks.filter(({ goneAt }) => goneAt === undefined);
  const gone = present.filter(({ path, id }) => !there.has(path) && !renamed.has(id));
  const isAccident =
    gone.length > 0 && (scan.folder !== 'there' || gone.length > present.length / 2);
  const ids = gone.map(({ id }) => id);
  const missing = isAccident ? gone.length : 0;
  await tellFolder(context, scan, { missing, total: present.length });
  if (isAccident) await holdPosts(context, ids, folderGone);
  else if (gone.length) await withdrawGone(context, await context.store.findPosts(ids));
  const back = present.filter(({ path }) => there.has(path)).map(({ id }) => id);
  const wasHeld = !isAccident && (await releaseHold(context, back));
  return gone.length > 0 || wasHeld;
}

interface FolderFact {
  /** How many files were missed at the last scan; 0: all is well. */
  missing: number;
}

const folderFact = factKey<FolderFact>('folder', { missing: 0 });

const howGone: Record<FolderScan['folder'], (missing: number, total: number) => string> = {
  missing: () => 'the posts folder is not there',
  empty: () => 'the posts folder is empty',
  there: (missing, total) => `${missing} of ${total} posts vanished at once`,
};

async function tellFolder(
  context: Context,
  { folder }: FolderScan,
  { missing, total }: { missing: number; total: number },
) {
  if ((await readFact(context.store, folderFact)).missing === missing) return;
  await changeFact(context.store, folderFact, () => ({ missing }));
  const how = howGone[folder](missing, total);
  const held = 'Nothing is withdrawn, and posts from the missing files are held';
  const text = missing
    ? `${how}. ${held}. Is the folder mounted?`
    : 'the posts folder is whole again';
  await context.store.appendJournal([makeEntry(context, 'notice', { text })]);
}

async function releaseHold(context: Context, back: string[]): Promise<boolean> {
  const held = (
    await context.store.listDeliveries({ states: [...openStates, ...stuckStates] })
  ).filter(({ terms }) => terms.held?.because === 'folder-gone');
  const ids = [...new Set(held.map(({ post }) => post))].filter((id) => back.includes(id));
  if (ids.length) await holdPosts(context, ids, undefined);
  return ids.length > 0;
}

async function keepProblems({ store }: Context, scan: FolderScan, notes: FolderProblems) {
  const unchanged = new Set(
    scan.files.filter(({ kind }) => kind === 'unchanged').map(({ path }) => path),
  );
  await changeFact(store, problemsFact, (before) => {
    const kept = Object.fromEntries(Object.entries(before).filter(([path]) => unchanged.has(path)));
    const after = { ...kept, ...notes };
    return JSON.stringify(after) === JSON.stringify(before) ? undefined : after;
  });
}
