import { openStates, stuckStates } from '../../core/delivery/delivery.ts';
import type { Held } from '../../core/delivery/reason.ts';
import { formatProblem } from '../../core/problem.ts';
import type { FolderScan } from '../../ports/source.ts';
import type { PostMark } from '../../ports/store.ts';
import { type Context, makeEntry } from '../context.ts';
import { changeFact, factKey, readFact } from '../facts.ts';
import { isBelow, type PostFile } from './identify.ts';
import { holdPosts, withdrawGone } from './ingest.ts';

const folderGone: Held = {
  because: 'folder-gone',
  text: 'its file is gone, with most others. Is the posts folder mounted? Or say `withdraw`',
};

const folderClosed: Held = {
  because: 'folder-gone',
  text: 'the posts folder cannot be read. Fix its permissions, or say `withdraw`',
};

/** A few deleted files are meant; a folder that is missing, empty, or half empty is an accident. */
export async function settleGone(
  context: Context,
  scan: FolderScan,
  { marks, posts }: { marks: PostMark[]; posts: PostFile[] },
): Promise<boolean> {
  const there = new Set(scan.files.map(({ path }) => path));
  const renamed = new Set(posts.map(({ id }) => id));
  const present = marks.filter(({ goneAt }) => goneAt === undefined);
  const missed = present.filter(({ path, id }) => !there.has(path) && !renamed.has(id));
  const gone = missed.filter(({ path }) => !isBelow(path, [...scan.closed, ...scan.vanished]));
  const isAccident =
    gone.length > 0 && (scan.folder !== 'there' || gone.length > present.length / 2);
  const ids = gone.map(({ id }) => id);
  const missing = isAccident ? gone.length : 0;
  const closed = scan.folder === 'closed' ? ['.'] : scan.closed;
  await tellFolder(context, scan, { missing, closed, total: present.length });
  const hasClosed = await holdClosed(context, scan, missed);
  const why = scan.folder === 'closed' ? folderClosed : folderGone;
  if (isAccident) await holdMissing(context, ids, why);
  else if (gone.length) await withdrawGone(context, await context.store.findPosts(ids));
  const back = present.filter(({ path }) => there.has(path)).map(({ id }) => id);
  const wasHeld = !isAccident && (await releaseHold(context, new Set(back)));
  return gone.length > 0 || wasHeld || hasClosed;
}

/** Posts in a folder that cannot be read: nobody knows what their files say now. */
async function holdClosed(context: Context, scan: FolderScan, missed: PostMark[]) {
  const ids = missed.filter(({ path }) => isBelow(path, scan.closed)).map(({ id }) => id);
  const text = 'its folder cannot be read: fix the permissions of the folder';
  if (ids.length) await holdPosts(context, ids, { because: 'file-broken', text });
  return ids.length > 0;
}

interface FolderFact {
  /** How many files were missed at the last scan; 0: all is well. */
  missing: number;
  /** Folders that could not be read; `.` is the posts folder itself. */
  closed?: string[];
  /** False: no post is held for a file that is missing. Absent: nobody has looked yet. */
  isHolding?: boolean;
}

const folderFact = factKey<FolderFact>('folder', { missing: 0 });

const howGone: Record<FolderScan['folder'], (missing: number, total: number) => string> = {
  missing: () => 'the posts folder is not there',
  empty: () => 'the posts folder is empty',
  there: (missing, total) => `${missing} of ${total} posts vanished at once`,
  closed: () => 'the posts folder cannot be read',
};

async function tellFolder(
  context: Context,
  scan: FolderScan,
  { missing, closed, total }: { missing: number; closed: string[]; total: number },
) {
  const before = await readFact(context.store, folderFact);
  const were = before.closed ?? [];
  const texts = [
    ...closed
      .filter((path) => !were.includes(path))
      .flatMap((path) => (scan.remarks.get(path) ?? []).map(formatProblem)),
    ...were
      .filter((path) => !closed.includes(path))
      .map(
        (path) => `${path === '.' ? 'the posts folder' : `the folder ${path}`} is readable again`,
      ),
  ];
  // A folder that cannot be read says so itself.
  if (before.missing !== missing && !closed.includes('.') && !were.includes('.'))
    texts.push(tellMissing(scan, missing, total));
  if (before.missing !== missing || texts.length)
    await changeFact(context.store, folderFact, (fact) => ({ ...fact, missing, closed }));
  if (texts.length)
    await context.store.appendJournal(texts.map((text) => makeEntry(context, 'notice', { text })));
}

function tellMissing({ folder }: FolderScan, missing: number, total: number): string {
  if (!missing) return 'the posts folder is whole again';
  const held = 'Nothing is withdrawn, and posts from the missing files are held';
  return `${howGone[folder](missing, total)}. ${held}. Is the folder mounted?`;
}

const setHolding = ({ store }: Context, isHolding: boolean) =>
  changeFact(store, folderFact, (fact) =>
    fact.isHolding === isHolding ? undefined : { ...fact, isHolding },
  );

async function holdMissing(context: Context, ids: string[], why: Held): Promise<void> {
  // Said first: what is held by a process that ends here is found again.
  await setHolding(context, true);
  await holdPosts(context, ids, why);
}

async function releaseHold(context: Context, back: ReadonlySet<string>): Promise<boolean> {
  const { store } = context;
  if ((await readFact(store, folderFact)).isHolding === false) return false;
  const states = [...openStates, ...stuckStates];
  const held = (await store.listDeliveries({ states })).filter(
    ({ terms }) => terms.held?.because === 'folder-gone',
  );
  const ids = [...new Set(held.map(({ post }) => post))].filter((id) => back.has(id));
  if (ids.length) await holdPosts(context, ids, undefined);
  if (held.every(({ post }) => back.has(post))) await setHolding(context, false);
  return ids.length > 0;
}
