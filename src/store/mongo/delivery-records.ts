import { randomUUID } from 'node:crypto';
import type { Filter, Sort } from 'mongodb';
import type { Delivery } from '../../core/delivery/delivery.ts';
import { upgradeDelivery } from '../../core/delivery/upgrade.ts';
import { pickDefined } from '../../core/pick-defined.ts';
import type { JournalEntry } from '../../core/journal.ts';
import type { Change, DeliveryQuery } from '../../ports/store.ts';
import { chunks } from '../../core/chunks.ts';
import { entriesOf } from '../entries-of.ts';
import { between, fromDocument, toDocument } from './codec.ts';
import type { DeliveryDocument, Mongo } from './connection.ts';
import { duplicatesOf } from './store-errors.ts';
import { moveOutboxes, toEntryDocuments } from './journal-records.ts';

const noSlot = 8.64e15;

const fieldsOf = (delivery: Delivery) => ({
  delivery: toDocument(delivery),
  slotAt: new Date(delivery.at ?? noSlot),
});
const toDelivery = (document: DeliveryDocument) =>
  upgradeDelivery(fromDocument<Delivery>(document.delivery));

/**
 * The change is written, and its entries with it: where they cannot be moved now, the next read of
 * the journal moves them. An error here would mean to the caller that nothing was written.
 */
async function moveQuietly(mongo: Mongo, documents: readonly DeliveryDocument[]): Promise<void> {
  await moveOutboxes(mongo, documents).catch(() => undefined);
}

export async function addDeliveries(
  mongo: Mongo,
  deliveries: readonly Delivery[],
  entries: readonly JournalEntry[],
): Promise<string[]> {
  const all = new Set(deliveries.map((delivery) => delivery.id));
  const added: string[] = [];
  for (const chunk of chunks(deliveries)) {
    const documents = chunk.map((delivery): DeliveryDocument => {
      const outbox = toEntryDocuments(entriesOf(delivery, all, entries));
      const document = { _id: delivery.id, ...fieldsOf(delivery) };
      return outbox.length ? { ...document, outbox, isPending: true } : document;
    });
    const present = await mongo.deliveries
      .insertMany(documents, { ordered: false })
      .then(() => new Set<number>(), duplicatesOf);
    const inserted = documents.filter((_, index) => !present.has(index));
    added.push(...inserted.map((document) => document._id));
    await moveQuietly(mongo, inserted);
  }
  return added;
}

export async function findDelivery(mongo: Mongo, id: string): Promise<Delivery | undefined> {
  const document = await mongo.deliveries.findOne({ _id: id });
  return document ? toDelivery(document) : undefined;
}

function filterOf(query: DeliveryQuery): Filter<DeliveryDocument> {
  return pickDefined({
    _id: query.ids && { $in: query.ids },
    'delivery.post': query.posts ? { $in: query.posts } : query.post,
    'delivery.account': query.account,
    'delivery.state': query.states && { $in: [...query.states] },
    slotAt: slotFilter(query),
    'delivery.startedAt': between({ from: query.startedSince }),
    'delivery.terms.approval': query.wantsApproval,
    'delivery.terms.isEvergreen': query.isEvergreen,
    'delivery.measureAt': between({ to: query.measureBy }),
  }) as Filter<DeliveryDocument>;
}

/** Deliveries without a slot are never due. */
function slotFilter({ dueBy = Infinity, dueFrom }: DeliveryQuery) {
  if (dueBy === Infinity && dueFrom === undefined) return undefined;
  return between({ from: dueFrom, to: Math.min(dueBy, noSlot - 1) });
}

const sorts: Record<NonNullable<DeliveryQuery['order']>, Sort> = {
  rank: { 'delivery.rank': 1, _id: 1 },
  at: { slotAt: 1, _id: 1 },
  '-startedAt': { 'delivery.startedAt': -1, _id: 1 },
  measureAt: { 'delivery.measureAt': 1, _id: 1 },
};

export async function listDeliveries(mongo: Mongo, query: DeliveryQuery): Promise<Delivery[]> {
  if (query.limit === 0) return [];
  const cursor = mongo.deliveries
    .find(filterOf(query), { projection: { delivery: 1 } })
    .sort(sorts[query.order ?? 'rank']);
  if (query.limit !== undefined) cursor.skip(query.skip ?? 0).limit(query.limit);
  return (await cursor.toArray()).map(toDelivery);
}

export async function countDeliveries(mongo: Mongo, query: DeliveryQuery): Promise<number> {
  if (query.limit === 0) return 0;
  const options = pickDefined({ limit: query.limit });
  return mongo.deliveries.countDocuments(filterOf(query), options);
}

/** The id without its account. */
const runOfId = { $arrayElemAt: [{ $split: ['$_id', '@'] }, 0] };

export async function countRuns(mongo: Mongo, query: DeliveryQuery): Promise<number> {
  if (query.limit === 0) return 0;
  const limit = query.limit === undefined ? [] : [{ $limit: query.limit }];
  const [found] = await mongo.deliveries
    .aggregate<{ n: number }>([
      { $match: filterOf(query) },
      ...limit,
      { $group: { _id: runOfId } },
      { $count: 'n' },
    ])
    .toArray();
  return found?.n ?? 0;
}

export async function listAccounts(mongo: Mongo): Promise<string[]> {
  return (await mongo.deliveries.distinct('delivery.account')).sort();
}

const nextOf = ({ before, after }: Change): Delivery => ({
  ...after,
  id: before.id,
  revision: before.revision + 1,
});
const unchanged = ({ before }: Change) => ({
  _id: before.id,
  'delivery.revision': before.revision,
});

export async function changeDelivery(
  mongo: Mongo,
  change: Change,
  entries: readonly JournalEntry[],
): Promise<Delivery | undefined> {
  const fields = fieldsOf(nextOf(change));
  const outbox = toEntryDocuments(entries);
  const document = await mongo.deliveries.findOneAndUpdate(
    unchanged(change),
    outbox.length
      ? { $set: { ...fields, isPending: true }, $push: { outbox: { $each: outbox } } }
      : { $set: fields },
    { returnDocument: 'after' },
  );
  if (!document) return undefined;
  // Nobody waits for it: whoever reads the journal meanwhile moves them first, and the next change
  // of this delivery moves what it still finds.
  void moveQuietly(mongo, [document]);
  return toDelivery(document);
}

export async function changeDeliveries(
  mongo: Mongo,
  changes: readonly Change[],
): Promise<string[]> {
  const changed: string[] = [];
  for (const chunk of chunks(changes)) {
    const writtenBy = randomUUID();
    const ids = chunk.map(({ before }) => before.id);
    const result = await mongo.deliveries.bulkWrite(
      chunk.map((change) => ({
        updateOne: {
          filter: unchanged(change),
          update: { $set: { ...fieldsOf(nextOf(change)), writtenBy } },
        },
      })),
      { ordered: false },
    );
    const isWhole = result.matchedCount === chunk.length;
    changed.push(...(isWhole ? ids : await findWritten(mongo, ids, writtenBy)));
  }
  return changed;
}

/**
 * A bulk tells how many were written, not which. A delivery that another writer changed since then
 * is left out: the caller reads it again, which is always right.
 */
async function findWritten(mongo: Mongo, ids: string[], writtenBy: string): Promise<string[]> {
  const ours = await mongo.deliveries
    .find({ _id: { $in: ids }, writtenBy }, { projection: { _id: 1 } })
    .toArray();
  const known = new Set(ours.map((document) => document._id));
  return ids.filter((id) => known.has(id));
}
