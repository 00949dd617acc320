import { sqliteTrouble } from '../../io/sqlite.ts';
import { StoreError } from '../../ports/store.ts';

/** What a person has to do about it, by what SQLite said. */
export function toStoreError(error: unknown, file: string): unknown {
  const trouble = sqliteTrouble(error);
  switch (trouble) {
    case undefined:
      return error;
    case 'full':
      return new StoreError(
        'full',
        `${file}: the disk is full: make room, nothing was half-written`,
        error,
      );
    case 'read-only':
      return new StoreError(
        'read-only',
        `${file} may not be written: check its owner, its mode and whether the disk is mounted read-only`,
        error,
      );
    case 'no-access':
      return new StoreError(
        'read-only',
        `${file} can't be opened for writing: check owner and mode of the file and of its folder`,
        error,
      );
    case 'not-a-database':
      return new StoreError(
        'broken',
        `${file} is not a SQLite file: move it away, or restore a backup`,
        error,
      );
    case 'broken':
      return new StoreError('broken', `${file} is damaged: restore a backup`, error);
    case 'busy':
      return new StoreError('unavailable', `${file} is held by another process: try again`, error);
    case 'other':
      return new StoreError('unavailable', `${file}: ${(error as Error).message}`, error);
  }
}

export async function guarded<T>(file: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toStoreError(error, file);
  }
}
