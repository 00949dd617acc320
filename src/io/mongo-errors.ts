import { StoreError } from '../ports/store.ts';

/** A StoreError with the server's message, but without the credentials of the connection string. */
export function toStoreError(error: unknown, where: string): unknown {
  if (!(error instanceof Error) || error instanceof StoreError) return error;
  const code = isAnswer(error) ? (error as { code?: unknown }).code : undefined;
  // Unauthorized, AuthenticationFailed.
  if (code === 13 || code === 18) {
    const advice = 'check name, password and roles in MONGODB_URI';
    const message = `${where} refuses this user: ${error.message}: ${advice}`;
    return new StoreError('read-only', message, error);
  }
  // OutOfDiskSpace, and a quota that is exceeded.
  if (code === 14031 || code === 12501)
    return new StoreError('full', `${where}: the disk is full. Make room`, error);
  if (isTooLarge(error, code)) {
    const what = `${where} takes no document over 16 MB, and one would be larger`;
    return new StoreError('broken', `${what}. Make the post shorter (${error.message})`, error);
  }
  return isMongo(error) ? toMongoTrouble(error, where) : toSystemTrouble(error, where);
}

function toMongoTrouble(error: Error, where: string): StoreError {
  if (error.name === 'MongoParseError' || error.name === 'MongoInvalidArgumentError')
    return new StoreError('broken', `MONGODB_URI is not valid: ${error.message}`, error);
  const what = `${where} cannot be reached or did not answer`;
  return new StoreError('unavailable', `${what}: ${tellWithReason(error)}`, error);
}

/** What the driver knows of the servers. */
interface Topology {
  setName?: string | null;
  servers: ReadonlyMap<string, { type: string; error?: Error | null }>;
}

/** The driver says "timed out" where its picture of the servers knows why. */
function tellWithReason(error: Error): string {
  const { reason } = error as { reason?: Topology };
  if (error.name !== 'MongoServerSelectionError' || !reason) return error.message;
  const servers = [...reason.servers.values()];
  const reasons = servers.flatMap((one) => one.error?.message ?? []);
  const strangers = servers.filter(({ type }) => type !== 'Unknown').map(({ type }) => type);
  if (reasons.length === 0 && reason.setName) {
    const found = strangers.length > 0 ? `. What answers is of the kind ${strangers[0]}` : '';
    reasons.push(`no server of the replica set "${reason.setName}" was found${found}`);
  }
  const news = [...new Set(reasons)].filter((one) => !error.message.includes(one));
  const advice = 'Check the server, and replicaSet and tls in MONGODB_URI';
  return [error.message, ...news, advice].join('. ');
}

/** MongoDB's own limit (BSONObjectTooLarge, 10334), and what the driver cannot even write. */
const isTooLarge = (error: Error, code: unknown) =>
  code === 10334 ||
  (error instanceof RangeError && 'code' in error) ||
  (isMongo(error) &&
    /larger than the maximum size|too large|maxBsonObjectSize/i.test(error.message));

/** What the system says to a connection or a file that MONGODB_URI names. */
function toSystemTrouble(error: Error, where: string): unknown {
  const { code, syscall, path } = error as NodeJS.ErrnoException;
  if (typeof code !== 'string' || code.startsWith('ERR_ASSERTION')) return error;
  if (path !== undefined) {
    const what = `the file ${path} that MONGODB_URI names cannot be read`;
    return new StoreError('broken', `${what}. Correct the path (${code})`, error);
  }
  if (syscall?.startsWith('query') || code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    const what = `${where} was not found in the DNS`;
    const todo = 'Check the host in MONGODB_URI, and the network of this machine';
    return new StoreError('unavailable', `${what}. ${todo} (${error.message})`, error);
  }
  if (code.startsWith('ERR_')) {
    const what = `MONGODB_URI, or a file that it names, is not valid`;
    return new StoreError('broken', `${what}: ${error.message}`, error);
  }
  const what = `${where} cannot be reached or did not answer`;
  return new StoreError('unavailable', `${what}: ${error.message}`, error);
}

/** No server has answered. */
export const isSilence = (error: unknown): boolean =>
  error instanceof StoreError &&
  error.kind === 'unavailable' &&
  !(error.cause instanceof Error && isAnswer(error.cause));

/** By name: the driver's packages do not share a base class (BSONError, connection pool). */
export const isMongo = (error: Error) => /^(Mongo|PoolClear|BSON)/.test(error.name);

export async function guarded<T>(where: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toStoreError(error, where);
  }
}

const isAnswer = ({ name }: Error) => /^Mongo(Server|BulkWrite|WriteConcern)Error$/.test(name);
