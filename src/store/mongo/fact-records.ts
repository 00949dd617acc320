import type { Fact } from '../../ports/store.ts';
import { fromRecord, toRecord, type Encoded } from './codec.ts';
import type { Mongo } from './connection.ts';
import { isDuplicate } from './store-errors.ts';

const toFact = <T>({ _id, ...rest }: Encoded & { _id: string }) =>
  fromRecord<Fact<T>>({ key: _id, ...rest });

export async function findFact<T>(mongo: Mongo, key: string): Promise<Fact<T> | undefined> {
  const document = await mongo.facts.findOne({ _id: key });
  return document ? toFact<T>(document) : undefined;
}

/** By key. */
export async function listFacts<T>(mongo: Mongo, prefix: string): Promise<Fact<T>[]> {
  const pattern = new RegExp(`^${prefix.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')}`);
  const documents = await mongo.facts
    .find(prefix ? { _id: pattern } : {})
    .sort({ _id: 1 })
    .toArray();
  return documents.map((document) => toFact<T>(document));
}

export async function putFact(
  mongo: Mongo,
  key: string,
  { value, revision }: { value: unknown; revision: number },
): Promise<boolean> {
  const record = { ...toRecord({ value: value ?? null }), revision: revision + 1 };
  if (revision > 0) {
    const { matchedCount } = await mongo.facts.updateOne({ _id: key, revision }, { $set: record });
    return matchedCount === 1;
  }
  try {
    await mongo.facts.insertOne({ _id: key, ...record });
    return true;
  } catch (error) {
    if (isDuplicate(error)) return false;
    throw error;
  }
}

export async function removeFact(mongo: Mongo, key: string, revision: number): Promise<boolean> {
  return (await mongo.facts.deleteOne({ _id: key, revision })).deletedCount === 1;
}
