import type { JournalEntry } from '../../../core/journal.ts';
import type { Person } from '../../../core/people/person.ts';
import { pickDefined } from '../../../core/pick-defined.ts';
import type { Mongo } from '../connection.ts';
import { insertEntryDocuments, toEntryDocuments } from '../journal-records.ts';
import { isDuplicate } from '../store-errors.ts';
import { sweep } from './forgetting.ts';
import type { EnrolmentDocument, PendingWrite, PersonDocument } from './people-collections.ts';
import { nextPerson, setPerson } from './person-documents.ts';

/** What is to be written of one person, whole or not at all. */
export interface Decision {
  person: string;
  change?: { before: Person; after: Person } | undefined;
  writes: PendingWrite[];
  entries: readonly JournalEntry[];
  /** The person is in it from now on. */
  sequence?: string;
}

/**
 * There may be no transactions, and a process may die between two writes. So the person's document
 * is where a decision falls: one write puts all of it there, if nothing else about this person was
 * decided since its revisions were read. From then on it is true: whoever reads what is theirs
 * first puts pending writes where they belong, and each of these may run twice.
 */
export async function decide(mongo: Mongo, decision: Decision): Promise<boolean> {
  for (;;) {
    const one = await mongo.people.findOne({ _id: decision.person });
    if (one?.doc === undefined) return false;
    if (one.isPending) {
      await applyPending(mongo, [one]);
      continue;
    }
    const { change } = decision;
    if (change && one.revision !== change.before.revision) return false;
    if (!(await areCurrent(mongo, decision.writes))) return false;
    const decided = await commit(mongo, one, decision);
    if (decided === 'refused') return false;
    if (decided === 'overtaken') continue;
    // It is decided. Where it cannot be moved now, the next reader does it.
    await applyPending(mongo, [decided]).catch(() => undefined);
    return true;
  }
}

async function areCurrent(mongo: Mongo, writes: readonly PendingWrite[]): Promise<boolean> {
  const checks = await Promise.all(
    writes.map(async ({ to, _id, before, fields }) => {
      const revision = await revisionOf(mongo, to, _id);
      const { liveKey } = fields;
      const other =
        typeof liveKey === 'string' &&
        (await mongo.enrolments.findOne({ liveKey }, { projection: { _id: 1 } }));
      return revision === before && (!other || other._id === _id);
    }),
  );
  return checks.every(Boolean);
}

async function revisionOf({ enrolments, dispatches }: Mongo, to: PendingWrite['to'], _id: string) {
  const options = { projection: { revision: 1 } };
  const found =
    to === 'enrolments'
      ? await enrolments.findOne({ _id }, options)
      : await dispatches.findOne({ _id }, options);
  return found?.revision;
}

async function commit(
  { people }: Mongo,
  { _id, turn = 0 }: PersonDocument,
  { change, writes, entries, sequence }: Decision,
): Promise<PersonDocument | 'overtaken' | 'refused'> {
  const person = change && setPerson(nextPerson(change));
  const filter = pickDefined({
    _id,
    turn,
    isPending: { $exists: false },
    doc: { $exists: true },
    revision: change?.before.revision,
  });
  const pending = { writes, entries: toEntryDocuments(entries) };
  try {
    const after = await people.findOneAndUpdate(
      filter,
      pickDefined({
        $set: { ...person?.$set, turn: turn + 1, pending, isPending: true as const },
        $unset: person?.$unset,
        $max: person?.$max,
        $addToSet: sequence === undefined ? undefined : { sequences: sequence },
      }),
      { returnDocument: 'after' },
    );
    return after ?? 'overtaken';
  } catch (error) {
    // An address that the change brings belongs to somebody else.
    if (isDuplicate(error)) return 'refused';
    throw error;
  }
}

/** Every step may run twice: what is there stays, and a revision is replaced once. */
export async function applyPending(mongo: Mongo, people: readonly PersonDocument[]): Promise<void> {
  for (const { _id, turn = 0, pending } of people) {
    if (!pending) continue;
    for (const write of pending.writes) await applyWrite(mongo, write);
    await insertEntryDocuments(mongo, pending.entries);
    const { matchedCount } = await mongo.people.updateOne(
      { _id, turn },
      { $unset: { pending: true, isPending: true } },
    );
    if (matchedCount === 0) await sweepIfForgotten(mongo, _id);
  }
}

async function applyWrite(mongo: Mongo, { to, _id, before, fields }: PendingWrite): Promise<void> {
  const collection = mongo[to] as Mongo['enrolments'];
  if (before !== undefined) {
    await collection.replaceOne({ _id, revision: before }, fields as EnrolmentDocument);
    return;
  }
  await collection.insertOne({ ...fields, _id } as EnrolmentDocument).catch((error: unknown) => {
    if (!isDuplicate(error)) throw error;
  });
}

/** A change that was carried out so late that its person is forgotten. */
async function sweepIfForgotten(mongo: Mongo, _id: string): Promise<void> {
  const one = await mongo.people.findOne({ _id }, { projection: { doc: 1 } });
  if (one?.doc === undefined) await sweep(mongo, [_id]);
}

/** Before what is theirs is read: what a process left that died, or is just at it. */
export async function applyAll(mongo: Mongo): Promise<void> {
  await applyPending(mongo, await mongo.people.find({ isPending: true }).toArray());
}
