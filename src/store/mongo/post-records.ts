import type { PostMark, StoredPost } from '../../ports/store.ts';
import { chunks } from '../../core/chunks.ts';
import { fromRecord, toRecord, type Encoded } from './codec.ts';
import type { Mongo } from './connection.ts';
import { isDuplicate } from './store-errors.ts';

const withId = ({ _id, ...rest }: Encoded & { _id: string }) => ({ id: _id, ...rest });

export async function savePosts(mongo: Mongo, posts: readonly StoredPost[]): Promise<void> {
  for (const chunk of chunks(posts)) {
    const write = () =>
      mongo.posts.bulkWrite(
        chunk.map(({ id, ...rest }) => ({
          replaceOne: { filter: { _id: id }, replacement: toRecord(rest), upsert: true },
        })),
        { ordered: true },
      );
    // Two processes that save a new post at once: the slower upsert meets the other's key, and then
    // finds the document.
    await write().catch((error: unknown) => {
      if (!isDuplicate(error)) throw error;
      return write();
    });
  }
}

/** In the order of the ids. */
export async function findPosts(mongo: Mongo, ids: readonly string[]): Promise<StoredPost[]> {
  const documents = await mongo.posts.find({ _id: { $in: [...ids] } }).toArray();
  const found = new Map(
    documents.map((document) => [document._id, fromRecord<StoredPost>(withId(document))]),
  );
  return [...new Set(ids)].flatMap((id) => found.get(id) ?? []);
}

/** By id. */
export async function listPostMarks(mongo: Mongo, source?: string): Promise<PostMark[]> {
  const documents = await mongo.posts
    .find(source === undefined ? {} : { source }, { projection: { post: 0 } })
    .sort({ _id: 1 })
    .toArray();
  return documents.map((document) => fromRecord<PostMark>(withId(document)));
}

export async function listIdsNear({ posts }: Mongo, id: string, limit: number): Promise<string[]> {
  const list = (filter: { $lt: string } | { $gte: string }, direction: 1 | -1) =>
    posts
      .find({ _id: filter }, { projection: { _id: 1 } })
      .sort({ _id: direction })
      .limit(limit)
      .map(({ _id }) => _id)
      .toArray();
  const [before, from] = await Promise.all([list({ $lt: id }, -1), list({ $gte: id }, 1)]);
  return [...before.reverse(), ...from];
}
