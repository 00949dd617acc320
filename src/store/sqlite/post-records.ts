import { pickDefined } from '../../core/pick-defined.ts';
import type { Post } from '../../core/post/post.ts';
import type { Sqlite } from '../../io/sqlite.ts';
import type { PostMark, StoredPost } from '../../ports/store.ts';
import { chunks } from '../../core/chunks.ts';

interface Row {
  id: string;
  source: string;
  path: string;
  hash: string;
  mark: string;
  gone_at: number | null;
  has_own_id: number;
}

const markColumns = 'id, source, path, hash, mark, gone_at, has_own_id';

const toMark = (row: Row): PostMark =>
  pickDefined({
    id: row.id,
    path: row.path,
    source: row.source,
    hash: row.hash,
    mark: row.mark,
    goneAt: row.gone_at ?? undefined,
    hasOwnId: row.has_own_id === 1,
  });

export function savePosts(sqlite: Sqlite, posts: readonly StoredPost[]): void {
  for (const chunk of chunks(posts)) {
    sqlite.transaction(() => {
      for (const stored of chunk) {
        sqlite.run(
          `INSERT INTO posts (${markColumns}, post) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
           ON CONFLICT (id) DO UPDATE SET
             source = excluded.source, path = excluded.path, hash = excluded.hash,
             mark = excluded.mark, gone_at = excluded.gone_at, has_own_id = excluded.has_own_id,
             post = excluded.post`,
          stored.id,
          stored.source,
          stored.path,
          stored.hash,
          stored.mark,
          stored.goneAt ?? null,
          Number(stored.hasOwnId),
          JSON.stringify(stored.post),
        );
      }
    });
  }
}

/** In the order of the ids. */
export function findPosts(sqlite: Sqlite, ids: readonly string[]): StoredPost[] {
  const found = new Map(
    sqlite.map<Row & { post: string }, [string, StoredPost]>(
      `SELECT ${markColumns}, post FROM posts WHERE id IN (SELECT value FROM json_each(?))`,
      [JSON.stringify(ids)],
      (row) => [row.id, { ...toMark(row), post: JSON.parse(row.post) as Post }],
    ),
  );
  return [...new Set(ids)].flatMap((id) => found.get(id) ?? []);
}

/** By id. */
export function listPostMarks(sqlite: Sqlite, source?: string): PostMark[] {
  const list = (where: string, values: string[]) =>
    sqlite.map(`SELECT ${markColumns} FROM posts ${where} ORDER BY id`, values, toMark);
  return source === undefined ? list('', []) : list('WHERE source = ?', [source]);
}

export function listIdsNear(sqlite: Sqlite, id: string, limit: number): string[] {
  const list = (sql: string) => sqlite.all<{ id: string }>(sql, id, limit).map((row) => row.id);
  const before = list('SELECT id FROM posts WHERE id < ? ORDER BY id DESC LIMIT ?');
  return [...before.reverse(), ...list('SELECT id FROM posts WHERE id >= ? ORDER BY id LIMIT ?')];
}
