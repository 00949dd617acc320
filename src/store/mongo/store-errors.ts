import { MongoBulkWriteError, MongoServerError } from 'mongodb';
import { StoreError } from '../../ports/store.ts';

export const isDuplicate = (error: unknown) =>
  error instanceof MongoServerError && error.code === 11000;

/**
 * Positions in the batch that failed because the key exists already; throws where anything else
 * went wrong.
 */
export function duplicatesOf(error: unknown): Set<number> {
  if (!(error instanceof MongoBulkWriteError)) throw error;
  const failures = [error.writeErrors].flat();
  if (failures.length === 0 || failures.some((failure) => failure.code !== 11000)) throw error;
  return new Set(failures.map((failure) => failure.index));
}

/** A StoreError with the server's message, but without the credentials of the connection string. */
export function toStoreError(error: unknown, where: string): unknown {
  if (!(error instanceof Error) || error instanceof StoreError) return error;
  if (!isMongo(error)) return error;
  const code = error instanceof MongoServerError ? error.code : undefined;
  // Unauthorized, AuthenticationFailed.
  if (code === 13 || code === 18) {
    const advice = 'check name, password and roles in MONGODB_URI';
    const message = `${where} refuses this user: ${error.message}: ${advice}`;
    return new StoreError('read-only', message, error);
  }
  // OutOfDiskSpace, and a quota that is exceeded.
  if (code === 14031 || code === 12501)
    return new StoreError('full', `${where}: the disk is full. Make room`, error);
  if (error.name === 'MongoParseError' || error.name === 'MongoInvalidArgumentError')
    return new StoreError('broken', `MONGODB_URI is not valid: ${error.message}`, error);
  const what = `${where} cannot be reached or did not answer`;
  return new StoreError('unavailable', `${what}: ${error.message}`, error);
}

/** By name: the driver's packages do not share a base class (BSONError, connection pool). */
const isMongo = (error: Error) =>
  error.name.startsWith('Mongo') || error.name.startsWith('PoolClear');

export async function guarded<T>(where: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toStoreError(error, where);
  }
}
