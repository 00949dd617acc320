import type { Problem } from '../../core/problem.ts';
import { isAlike } from '../../core/text/alike.ts';
import { day } from '../../core/time.ts';
import type { PostMark } from '../../ports/store.ts';
import type { Context } from '../context.ts';
import { fileOf, type PostFile } from './identify.ts';

/** A file that is renamed and edited does not stay away for long. */
const missedFor = 7 * day;
/** More files than people rename at a time. */
const mostCompared = 200;

/**
 * New files that nearly repeat what was published from a file that is gone now: renamed and edited,
 * they would be published a second time. By path; an id in the file says what is meant.
 */
export async function findRewritten(
  { store, clock }: Pick<Context, 'store' | 'clock'>,
  { posts, marks, there }: { posts: PostFile[]; marks: PostMark[]; there: ReadonlySet<string> },
): Promise<Map<string, Problem>> {
  const known = new Set(marks.map(({ id }) => id));
  const fresh = posts.filter(
    ({ id, isDraft, hasOwnId }) => !hasOwnId && !isDraft && !known.has(id),
  );
  const kept = new Set(posts.map(({ id }) => id));
  const since = clock.now() - missedFor;
  const gone = marks
    .filter(
      ({ id, path, goneAt }) => !kept.has(id) && !there.has(path) && (goneAt ?? since) >= since,
    )
    .map(({ id }) => id)
    .slice(-mostCompared);
  if (!fresh.length || !gone.length) return new Map();
  const isOut = await Promise.all(
    gone.map((post) => store.listDeliveries({ post, states: ['released'], limit: 1 })),
  );
  const out = new Set(isOut.flatMap(([one]) => one?.post ?? []));
  const texts = (await store.findPosts([...out])).map(({ id, path, post }) => ({
    id,
    path,
    text: post.parts.join('\n'),
  }));
  return new Map(
    fresh.flatMap((file): [string, Problem][] => {
      const own = file.post().parts.join('\n');
      const other = texts.find(({ text }) => isAlike(text, own));
      return other ? [[file.path, rewritten(file, other)]] : [];
    }),
  );
}

function rewritten(file: PostFile, other: { id: string; path: string }): Problem {
  const before = fileOf(other.path, file);
  return {
    code: 'id-taken',
    where: file.file,
    what: `nearly repeats ${before}, which is published and gone`,
    hint: `add \`id: ${other.id}\` if the file was renamed, or an id of its own to publish it`,
    severity: 'error',
  };
}
