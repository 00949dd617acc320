import { MongoBulkWriteError, MongoServerError } from 'mongodb';
import { StoreError } from '../../ports/store.ts';

export const isDuplicate = (error: unknown) =>
  error instanceof MongoServerError && error.code === 11000;

/**
 * Positions in the batch that failed because the key was there already; throws when anything else
 * went wrong.
 */
export function duplicatesOf(error: unknown): Set<number> {
  if (!(error instanceof MongoBulkWriteError)) throw error;
  const failures = [error.writeErrors].flat();
  if (failures.length === 0 || failures.some((failure) => failure.code !== 11000)) throw error;
  return new Set(failures.map((failure) => failure.index));
}

/** The server's own words, without the credentials that a connection string may hold. */
export function toStoreError(error: unknown, where: string): unknown {
  if (!(error instanceof Error) || error instanceof StoreError) return error;
  if (!isMongo(error)) return error;
  const code = error instanceof MongoServerError ? error.code : undefined;
  if (code === 13 || code === 18)
    return new StoreError(
      'read-only',
      `${where} refuses this user: ${error.message}: check name, password and roles in MONGODB_URI`,
      error,
    );
  if (code === 14031 || code === 12501)
    return new StoreError('full', `${where}: the disk is full: make room`, error);
  if (error.name === 'MongoParseError' || error.name === 'MongoInvalidArgumentError') {
    return new StoreError('broken', `MONGODB_URI can't be read: ${error.message}`, error);
  }
  return new StoreError(
    'unavailable',
    `${where} can't be reached or did not answer: ${error.message}`,
    error,
  );
}

/**
 * By name: the driver's pieces do not share one base class (BSONError, timeouts of the connection
 * pool).
 */
const isMongo = (error: Error) =>
  error.name.startsWith('Mongo') || error.name.startsWith('PoolClear');

export async function guarded<T>(where: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toStoreError(error, where);
  }
}
