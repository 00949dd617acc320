import { openSqlite } from '../io/sqlite.ts';
import { migrateSqlite } from './sqlite/migrations.ts';
import { storeOn } from './sqlite/sqlite-store.ts';

/** A store in memory, lost when it is closed. */
export function openMemoryStore(): ReturnType<typeof storeOn> {
  const sqlite = openSqlite(':memory:', { synchronous: 'NORMAL' });
  migrateSqlite(sqlite);
  return storeOn(sqlite);
}
