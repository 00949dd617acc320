import { MongoBulkWriteError, MongoServerError } from 'mongodb';

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
