import { sqliteTrouble, type SqliteTrouble } from '../../io/sqlite.ts';
import { StoreError, type StoreErrorKind } from '../../ports/store.ts';

/** What each trouble is to a caller, and what a person can do about it. */
const troubles: Record<Exclude<SqliteTrouble, 'other'>, [kind: StoreErrorKind, text: string]> = {
  full: ['full', ': the disk is full. Make room; nothing was half-written'],
  'read-only': [
    'read-only',
    ' cannot be written: check its owner, its permissions and whether the disk is read-only',
  ],
  'no-access': [
    'read-only',
    ' cannot be opened for writing: check owner and permissions of the file and of its folder',
  ],
  'not-a-database': ['broken', ' is not a SQLite file: move it away, or restore a backup'],
  broken: ['broken', ' is damaged: restore a backup'],
  busy: ['unavailable', ' is held by another process: try again'],
};

/** A StoreError where SQLite is the cause; other errors as they are. */
export function toStoreError(error: unknown, file: string): unknown {
  const trouble = sqliteTrouble(error);
  if (trouble === undefined) return error;
  if (trouble === 'other')
    return new StoreError('unavailable', `${file}: ${(error as Error).message}`, error);
  const [kind, text] = troubles[trouble];
  return new StoreError(kind, `${file}${text}`, error);
}

export async function guarded<T>(file: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toStoreError(error, file);
  }
}
