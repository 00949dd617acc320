import { pickDefined } from '../../core/pick-defined.ts';
import type { EntryType, JournalEntry } from '../../core/journal.ts';
import type { Instant } from '../../core/time.ts';
import type { JournalQuery, Removal } from '../../ports/store.ts';
import { nextStep } from '../next-step.ts';
import { chunks } from '../../core/chunks.ts';
import { between, fromDocument, toDocument, type Encoded } from './codec.ts';
import type { DeliveryDocument, Mongo } from './connection.ts';
import { duplicatesOf } from './store-errors.ts';

let lastWriting = 0;

/** Orders entries of one instant by when they were written; rises even if the clock is set back. */
function nextWriting(): number {
  lastWriting = Math.max(lastWriting + 1, Date.now() * 1000);
  return lastWriting;
}

/** The form of entries in an outbox and in the journal. */
export function toEntryDocuments(entries: readonly JournalEntry[]): (Encoded & { _id: string })[] {
  return entries.map(({ id, ...rest }) => ({
    ...toDocument(rest),
    _id: id,
    writing: nextWriting(),
  }));
}

export async function insertEntryDocuments(
  mongo: Mongo,
  documents: readonly Encoded[],
): Promise<void> {
  for (const chunk of chunks(documents as (Encoded & { _id: string })[])) {
    await mongo.journal.insertMany(chunk, { ordered: false }).catch(duplicatesOf);
  }
}

export async function appendJournal(mongo: Mongo, entries: readonly JournalEntry[]): Promise<void> {
  if (entries.length) await insertEntryDocuments(mongo, toEntryDocuments(entries));
}

/**
 * Moves entries from the outboxes to the journal. An outbox is only emptied at the revision that
 * was read: a writer that came in between moves the rest. Every step may run twice, since the
 * journal ignores ids that it has.
 */
export async function moveOutboxes(
  mongo: Mongo,
  documents: readonly DeliveryDocument[],
): Promise<void> {
  for (const chunk of chunks(documents.filter((document) => document.isPending))) {
    await insertEntryDocuments(mongo, uniqueEntries(chunk));
    await mongo.deliveries.bulkWrite(
      chunk.map(({ _id, delivery }) => ({
        updateOne: {
          filter: { _id, 'delivery.revision': delivery.revision },
          update: { $unset: { outbox: true as const, isPending: true as const } },
        },
      })),
      { ordered: false },
    );
  }
}

/** One entry may wait in many outboxes. */
function uniqueEntries(documents: readonly DeliveryDocument[]): Encoded[] {
  return [
    ...new Map(
      documents.flatMap((document) => document.outbox ?? []).map((entry) => [entry._id, entry]),
    ).values(),
  ];
}

/** Moves what a process left that died between a change and its journal. */
export async function movePending(mongo: Mongo): Promise<void> {
  const pending = await mongo.deliveries.find({ isPending: true }).toArray();
  await moveOutboxes(mongo, pending);
}

export async function listJournal(mongo: Mongo, query: JournalQuery): Promise<JournalEntry[]> {
  if (query.types?.length === 0 || query.limit === 0) return [];
  await movePending(mongo);
  const filter = pickDefined({
    delivery: query.delivery,
    post: query.post,
    by: query.by,
    type: query.types && { $in: [...query.types] },
    at: between({ from: query.since, to: query.until }),
  });
  const newestFirst = mongo.journal.find(filter).sort({ at: -1, writing: -1 });
  if (query.limit !== undefined) newestFirst.limit(query.limit);
  return (await newestFirst.toArray())
    .reverse()
    .map(({ _id, writing: _, ...rest }) => fromDocument<JournalEntry>({ id: _id, ...rest }));
}

export async function removeEntries(
  { journal }: Mongo,
  step: Removal,
  kept: readonly EntryType[],
): Promise<Instant | undefined> {
  const { from, before, limit } = step;
  const rows = await journal
    .find({ at: { $gte: new Date(from), $lt: new Date(before) } })
    .project<{ _id: string; at: Date; type: EntryType }>({ at: 1, type: 1 })
    .sort({ at: 1, writing: 1 })
    .limit(limit)
    .toArray();
  const old = rows.filter(({ type }) => !kept.includes(type)).map(({ _id }) => _id);
  if (old.length) await journal.deleteMany({ _id: { $in: old } });
  return nextStep(step, { looked: rows.map(({ at }) => at.getTime()), removed: old.length });
}
