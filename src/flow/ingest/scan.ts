import { formatProblem, hasErrors } from '../../core/problem.ts';
import type { FolderScan } from '../../ports/source.ts';
import type { PostMark, StoredPost } from '../../ports/store.ts';
import type { Context } from '../context.ts';
import { changeFact, type FolderProblems, problemsFact, readFact } from '../facts.ts';
import { refuseFormerSteps } from './former-sequences.ts';
import { findRewritten } from './find-rewritten.ts';
import { identify, isBelow, type PostFile } from './identify.ts';
import { holdPosts, ingestPosts, tellProblems } from './ingest.ts';
import { settleGone } from './settle-gone.ts';

export interface ScanOutcome {
  /** Something was added, changed or taken away: the plan has to be remade. */
  hasChanged: boolean;
  /** Files that may still be written: look again in a moment. */
  isUnsettled: boolean;
}

/**
 * Looks at the whole folder and brings the store up to it. `isFresh`: reads every file, however it
 * looks.
 */
export async function rescan(context: Context, { isFresh = false } = {}): Promise<ScanOutcome> {
  const { store, clock, folder } = context;
  const marks = await store.listPostMarks('folder');
  // What was wrong is read again, however it looks: a file may be put back as it was before.
  const told = await readFact(store, problemsFact);
  const wrong = Object.keys(told).filter((path) => hasErrors(told[path] ?? []));
  const isWell = ({ path, goneAt }: PostMark) =>
    goneAt === undefined && !wrong.includes(path) && !isBelow(path, wrong);
  const scanned = await folder.scan(
    new Map(isFresh ? [] : marks.filter(isWell).map(({ path, mark }) => [path, mark])),
    clock.now(),
  );
  const scan = await refuseFormerSteps(context, scanned);
  const { posts: known, problems } = identify(scan, marks);
  const there = new Set(scan.files.map(({ path }) => path));
  const rewritten = await findRewritten(context, { posts: known, marks, there });
  const posts = known.filter(({ path }) => !rewritten.has(path));
  const notes: FolderProblems = Object.fromEntries(scan.remarks);
  for (const file of scan.files) if (file.kind === 'broken') notes[file.path] = file.problems;
  for (const [path, problem] of [...problems, ...rewritten]) notes[path] = [problem];
  for (const file of posts)
    if (file.notes.length) notes[file.path] = [...(notes[file.path] ?? []), ...file.notes];

  await ingestPosts(context, posts.values().map(toStored));
  const hasHeld = await settleBroken(context, scan, { marks, notes });
  const hasGone = await settleGone(context, scan, { marks, posts });
  await keepProblems(context, scan, notes);
  return {
    hasChanged: posts.length > 0 || hasGone || hasHeld,
    isUnsettled: scan.vanished.length > 0 || scan.files.some(({ kind }) => kind === 'unsettled'),
  };
}

const toStored = ({ post, id, path, hash, mark, hasOwnId }: PostFile): StoredPost => ({
  id,
  path,
  source: 'folder',
  hash,
  mark,
  hasOwnId,
  post: { ...post(), id },
});

/** A post whose file is broken now is not released as it was before. */
async function settleBroken(
  context: Context,
  scan: FolderScan,
  { marks, notes }: { marks: PostMark[]; notes: FolderProblems },
): Promise<boolean> {
  const ids = new Map(marks.map(({ path, id }) => [path, id]));
  let hasHeld = false;
  const broken = new Set(
    scan.files.filter(({ kind }) => kind === 'broken').map(({ path }) => path),
  );
  for (const [path, problems] of Object.entries(notes)) {
    if (!broken.has(path) && !problems.some(({ code }) => code === 'id-taken')) continue;
    await tellProblems(context, path, problems);
    const id = ids.get(path);
    const problem = problems.find(({ severity }) => severity === 'error');
    if (id === undefined || !problem) continue;
    const text = `its file is broken: ${formatProblem(problem)}`;
    await holdPosts(context, [id], { because: 'file-broken', text });
    hasHeld = true;
  }
  return hasHeld;
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
