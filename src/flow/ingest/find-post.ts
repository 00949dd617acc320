import { parseFollowUpId, toFollowUpPost } from '../../core/post/series.ts';
import type { Store, StoredPost } from '../../ports/store.ts';

type Finding = Pick<Store, 'findPost' | 'findPosts'>;

/**
 * A post by its id, follow-ups included: what those say stands in the file of the post that they
 * follow.
 */
export async function findPostOf(store: Finding, id: string): Promise<StoredPost | undefined> {
  return (await findPostsOf(store, [id]))[0];
}

export async function findPostsOf(store: Finding, ids: string[]): Promise<StoredPost[]> {
  const roots = await store.findPosts([
    ...new Set(ids.map((id) => parseFollowUpId(id)?.root ?? id)),
  ]);
  const byId = new Map(roots.map((stored) => [stored.id, stored]));
  return ids.flatMap((id) => {
    const followUp = parseFollowUpId(id);
    const stored = byId.get(followUp?.root ?? id);
    if (!followUp || !stored) return stored ?? [];
    const post = toFollowUpPost(stored.post, followUp.path);
    return post ? { ...stored, id, post } : [];
  });
}
