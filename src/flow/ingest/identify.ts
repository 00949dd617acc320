import type { Problem } from '../../core/problem.ts';
import type { FolderScan, ScannedFile } from '../../ports/source.ts';
import type { PostMark } from '../../ports/store.ts';

/** A post as the scan has found it; once it is identified, with the id that it has in the store. */
export type PostFile = Extract<ScannedFile, { kind: 'post' }>;

/** Whether a path lies below one of the folders; `.` is the posts folder itself. */
export const isBelow = (path: string, folders: readonly string[]): boolean =>
  folders.some((folder) => folder === '.' || path.startsWith(`${folder}/`));

/** Who may be mistaken for whom in this scan. */
interface Register {
  byPath: ReadonlyMap<string, PostMark>;
  /** Files by the id of their post. */
  ids: Map<string, string>;
  /** Files by what they say. */
  texts: Map<string, string>;
}

/** Who each file is: a post keeps its id when its file is renamed, and no two files share one. */
export function identify(scan: FolderScan, marks: PostMark[]) {
  const present = marks.filter(({ goneAt }) => goneAt === undefined);
  const there = new Set(scan.files.map(({ path }) => path));
  const hidden = [...scan.closed, ...scan.vanished];
  const isHidden = ({ path }: PostMark) => isBelow(path, hidden);
  const vanished = Map.groupBy(
    present.filter((mark) => !mark.hasOwnId && !there.has(mark.path) && !isHidden(mark)),
    ({ hash }) => hash,
  );
  const register = openRegister(scan, { marks, hidden: present.filter(isHidden) });
  const { byPath, ids } = register;
  const posts: PostFile[] = [];
  const problems = new Map<string, Problem>();
  // Those that are known at their place come first: a newcomer never takes an id away.
  const files = scan.files
    .filter((file): file is PostFile => file.kind === 'post')
    .sort((a, b) => Number(byPath.has(b.path)) - Number(byPath.has(a.path)));
  for (const file of files) {
    const id = idOf(file, { known: byPath.get(file.path), vanished, ids });
    const problem = findTaken(file, id, register) ?? findTwin(file, register);
    if (problem) {
      problems.set(file.path, problem);
      continue;
    }
    ids.set(id, file.path);
    posts.push({ ...file, id });
  }
  return { posts, problems };
}

function openRegister(
  scan: FolderScan,
  { marks, hidden }: { marks: PostMark[]; hidden: PostMark[] },
): Register {
  const byPath = new Map(marks.map((mark) => [mark.path, mark]));
  // What cannot be looked at is still there, with its id and its text.
  const kept = scan.files
    .filter(({ kind }) => kind !== 'post')
    .map(({ path }) => byPath.get(path))
    .filter((mark) => mark !== undefined);
  const standing = [...hidden, ...kept];
  return {
    byPath,
    ids: new Map(standing.map(({ id, path }) => [id, path])),
    texts: new Map(standing.map(({ hash, path }) => [hash, path])),
  };
}

function findTaken(post: PostFile, id: string, { ids }: Register): Problem | undefined {
  const other = ids.get(id);
  if (other === undefined) return undefined;
  return {
    code: 'id-taken',
    where: post.file,
    what: `has the id "${id}", which is taken by ${fileOf(other, post)}`,
    hint: 'give one of them another id',
    severity: 'error',
  };
}

/**
 * A copy of another file, which would be published twice. Two that were both in the queue already
 * are left alone: somebody has seen them there.
 */
function findTwin(post: PostFile, { byPath, texts }: Register): Problem | undefined {
  const { path, hash, isDraft } = post;
  if (isDraft) return undefined;
  const other = texts.get(hash);
  if (other === undefined || byPath.get(path)?.hash === hash) {
    if (other === undefined) texts.set(hash, path);
    return undefined;
  }
  return twinOf(post.file, fileOf(other, post));
}

export const twinOf = (file: string, other: string): Problem => ({
  code: 'id-taken',
  where: file,
  what: `has the same content as ${other}`,
  hint: 'remove one of them, or change the text or the date of one',
  severity: 'error',
});

/** What messages call another file of the same folder. */
export const fileOf = (other: string, { path, file }: Pick<PostFile, 'path' | 'file'>): string =>
  file.slice(0, file.length - path.length) + other;

interface Lost {
  known: PostMark | undefined;
  /** Posts whose files are gone, by what they said. */
  vanished: ReadonlyMap<string, PostMark[]>;
  ids: Register['ids'];
}

function idOf({ hasOwnId, id: own, hash }: PostFile, { known, vanished, ids }: Lost): string {
  if (hasOwnId) return own;
  if (known && !known.hasOwnId) return known.id;
  return vanished.get(hash)?.find(({ id }) => !ids.has(id))?.id ?? own;
}
