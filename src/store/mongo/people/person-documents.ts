import type { Filter } from 'mongodb';
import { chunks } from '../../../core/chunks.ts';
import type { Person } from '../../../core/people/person.ts';
import { pickDefined } from '../../../core/pick-defined.ts';
import type { Instant } from '../../../core/time.ts';
import type { PeopleQuery } from '../../../ports/people/people-store.ts';
import {
  addressKeysOf,
  aliveSince,
  normalizeTerm,
  personFields,
  termsOf,
} from '../../people-rows.ts';
import type { Mongo } from '../connection.ts';
import { duplicatesOf, isDuplicate } from '../store-errors.ts';
import type { PersonDocument } from './people-collections.ts';

export const nextPerson = ({ before, after }: { before: Person; after: Person }): Person => ({
  ...after,
  id: before.id,
  revision: before.revision + 1,
});

/** An update that makes the document this person's. */
export function setPerson(person: Person) {
  const { status, createdAt } = personFields(person);
  const keys = addressKeysOf(person);
  return {
    $set: {
      doc: JSON.stringify(person),
      revision: person.revision,
      status,
      createdAt: new Date(createdAt),
      terms: termsOf(person),
      ...(keys.length > 0 && { addressKeys: keys }),
    },
    ...(keys.length === 0 && { $unset: { addressKeys: true as const } }),
    $max: { aliveAt: new Date(aliveSince(person)) },
  };
}

const toDocument = (person: Person): PersonDocument => {
  const { $set, $max } = setPerson(person);
  return { _id: person.id, ...$set, ...$max, turn: 0 };
};

/** Leaves alone whoever is there. */
export async function insertPersons({ people }: Mongo, all: readonly Person[]): Promise<void> {
  for (const chunk of chunks(all))
    await people.insertMany(chunk.map(toDocument), { ordered: false }).catch(duplicatesOf);
}

export async function addPerson({ people }: Mongo, person: Person): Promise<boolean> {
  try {
    await people.insertOne(toDocument(person));
    return true;
  } catch (error) {
    if (isDuplicate(error)) return false;
    throw error;
  }
}

export async function changePerson(
  { people }: Mongo,
  before: Person,
  after: Person,
): Promise<Person | undefined> {
  const next = nextPerson({ before, after });
  try {
    const { matchedCount } = await people.updateOne(
      { _id: before.id, revision: before.revision },
      setPerson(next),
    );
    return matchedCount === 1 ? next : undefined;
  } catch (error) {
    if (isDuplicate(error)) return undefined;
    throw error;
  }
}

const toPersons = ({ doc }: Pick<PersonDocument, 'doc'>): Person[] =>
  doc === undefined ? [] : [JSON.parse(doc) as Person];

const onlyDoc = { projection: { doc: 1 } } as const;

export async function findPersons({ people }: Mongo, ids: readonly string[]): Promise<Person[]> {
  const found = await people.find({ _id: { $in: [...ids] } }, onlyDoc).toArray();
  const byId = new Map(found.map((one) => [one._id, one]));
  return [...new Set(ids)].flatMap((id) => toPersons(byId.get(id) ?? {}));
}

export async function findPersonByAddress(
  { people }: Mongo,
  key: string,
): Promise<Person | undefined> {
  const found = await people.findOne({ addressKeys: key }, onlyDoc);
  return found ? toPersons(found)[0] : undefined;
}

/** Who was forgotten has no such instant. */
const anyTime = { $gte: new Date(-8.64e15) };

const beginsWith = (term: string) =>
  new RegExp(`^${term.replace(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`)}`);

export async function listPeople(
  { people }: Mongo,
  { status, sequence, text = '', after, limit }: PeopleQuery,
): Promise<Person[]> {
  if (limit <= 0) return [];
  const term = normalizeTerm(text);
  const last = after && new Date(after.createdAt);
  const filter = pickDefined({
    status,
    sequences: sequence,
    terms: term ? beginsWith(term) : undefined,
    createdAt: last ? { $lte: last } : anyTime,
    $or: last && [{ createdAt: { $lt: last } }, { _id: { $lt: after.id } }],
  });
  const found = people
    .find(filter as Filter<PersonDocument>, onlyDoc)
    .sort({ createdAt: -1, _id: -1 })
    .limit(limit);
  return (await found.toArray()).flatMap(toPersons);
}

export const countPeople = (
  { people }: Mongo,
  { status }: Pick<PeopleQuery, 'status'>,
): Promise<number> =>
  people.countDocuments(status === undefined ? { createdAt: anyTime } : { status });

export async function listSilent(
  { people }: Mongo,
  since: Instant,
  limit: number,
): Promise<string[]> {
  if (limit <= 0) return [];
  const found = people
    .find({ aliveAt: { $lt: new Date(since) } }, { projection: { _id: 1 } })
    .sort({ aliveAt: 1, _id: 1 })
    .limit(limit);
  return (await found.toArray()).map(({ _id }) => _id);
}
