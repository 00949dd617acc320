import type { TestProject } from 'vitest/node';
import { openTestMongo } from './mongo.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Absent: there is no MongoDB here. */
    mongoUri: string | undefined;
  }
}

/** Once for each run: the MongoDB that all test files share, each test in a database of its own. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const mongo = await openTestMongo();
  console.log(`MongoDB of this run: ${mongo.description}`);
  project.provide('mongoUri', mongo.uri);
  return async () => mongo[Symbol.asyncDispose]();
}
