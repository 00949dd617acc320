import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { hasJava, launchMongo } from './mongo-launcher.ts';

const run = promisify(execFile);

/** The MongoDB of a test run. */
export interface TestMongo extends AsyncDisposable {
  uri: string | undefined;
  /** For the first line of the run. */
  description: string;
}

const none = [
  'none: MongoDB tests are skipped.',
  'Set MONGODB_TEST_URI, or put mongod on the PATH, or install Java 17 and Maven',
].join(' ');

/** The best judge that is there: a server that was named, a real mongod, the Java one. */
export async function openTestMongo(): Promise<TestMongo> {
  const named = process.env.MONGODB_TEST_URI;
  if (named)
    return {
      uri: named,
      description: 'the server of MONGODB_TEST_URI',
      [Symbol.asyncDispose]: async () => undefined,
    };
  const mongod = await findMongod();
  if (mongod) return startReplicaSet(mongod);
  if (await hasJava()) {
    const server = await launchMongo();
    return {
      uri: server.uri,
      description: `mongo-java-server at ${server.uri} (a real mongod is the better judge)`,
      [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
    };
  }
  if (process.env.CI === 'true') throw new Error(`No MongoDB for the tests. ${none}`);
  return { uri: undefined, description: none, [Symbol.asyncDispose]: async () => undefined };
}

async function findMongod(): Promise<string | undefined> {
  try {
    return (await run('which', ['mongod'])).stdout.trim() || undefined;
  } catch {
    return undefined;
  }
}

async function startReplicaSet(mongod: string): Promise<TestMongo> {
  const { MongoMemoryReplSet } = await import('mongodb-memory-server-core');
  const set = await MongoMemoryReplSet.create({
    binary: { systemBinary: mongod },
    replSet: { count: 1, storageEngine: 'wiredTiger' },
  });
  return {
    uri: set.getUri(),
    description: `${mongod}, a replica set of one`,
    [Symbol.asyncDispose]: async () => void (await set.stop()),
  };
}

/** A connection string for a database of its own. */
export function databaseUri(uri: string, name: string): string {
  return uri.replace(/^(mongodb(?:\+srv)?:\/\/[^/?]+)\/?[^?]*/, `$1/${name}`);
}
