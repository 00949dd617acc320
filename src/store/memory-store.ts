import { openSqlite } from '../io/sqlite.ts';
import type { Store } from '../ports/store.ts';
import { migrateSqlite } from './sqlite/migrations.ts';
import { storeOn } from './sqlite/sqlite-store.ts';

/** A store of its own that is gone when it is closed. */
export function openMemoryStore(): Store {
  const sqlite = openSqlite(':memory:', { synchronous: 'NORMAL' });
  migrateSqlite(sqlite);
  return storeOn(sqlite);
}
