import { basename } from 'node:path';
import { chunks } from '../core/chunks.ts';
import { states } from '../core/delivery/delivery.ts';
import type { Instant } from '../core/time.ts';
import type { Context } from './context.ts';

const notReleased = states.filter((state) => state !== 'released');
const folderSource = 'folder';

/**
 * Pictures of feeds that were fetched before this and that no post needs: the store is only asked
 * where there are some.
 */
export async function forgetPictures(
  { store, feedPictures }: Pick<Context, 'store' | 'feedPictures'>,
  before: Instant,
): Promise<void> {
  const old = new Set(await feedPictures?.fetchedBefore(before));
  if (!old.size) return;
  const marks = await store.listPostMarks();
  const ids = marks.filter(({ source }) => source !== folderSource).map(({ id }) => id);
  for (const posts of chunks(ids)) {
    const waiting = await store.listDeliveries({ posts, states: notReleased });
    const needing = [...new Set(waiting.map(({ post }) => post))];
    for (const { post } of await store.findPosts(needing))
      for (const { file } of post.media) old.delete(basename(file));
    if (!old.size) return;
  }
  await feedPictures?.remove([...old], before);
}
