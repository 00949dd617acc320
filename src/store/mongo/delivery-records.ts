import { randomUUID } from 'node:crypto';
import type { Filter, Sort } from 'mongodb';
import type { Delivery } from '../../core/delivery/delivery.ts';
import { upgradeDelivery } from '../../core/delivery/upgrade.ts';
import type { JournalEntry } from '../../core/journal.ts';
import type { Change, DeliveryQuery } from '../../ports/store.ts';
import { chunks, entriesOf } from '../chunks.ts';
import { fromDocument, toDocument } from './codec.ts';
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
 * The change stands, and its entries stand with it: when they can't be moved now, the next read of
 * the journal does it. Failing here would tell the caller that nothing was written.
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
      return {
        _id: delivery.id,
        ...fieldsOf(delivery),
        ...(outbox.length > 0 && { outbox, isPending: true }),
      };
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
  return {
    ...(query.ids && { _id: { $in: query.ids } }),
    ...(query.post !== undefined && { 'delivery.post': query.post }),
    ...(query.account !== undefined && { 'delivery.account': query.account }),
    ...(query.states && { 'delivery.state': { $in: [...query.states] } }),
    ...((query.dueBy !== undefined || query.dueFrom !== undefined) && {
      slotAt: slotFilter(query),
    }),
    ...(query.startedSince !== undefined && {
      'delivery.startedAt': { $gte: new Date(query.startedSince) },
    }),
    ...(query.wantsApproval && { 'delivery.terms.approval': true }),
    ...(query.isEvergreen && { 'delivery.terms.isEvergreen': true }),
    ...(query.measureBy !== undefined && {
      'delivery.measureAt': { $lte: new Date(query.measureBy) },
    }),
  };
}

const slotFilter = ({ dueBy = Infinity, dueFrom }: DeliveryQuery) => ({
  $lte: new Date(Math.min(dueBy, noSlot - 1)),
  ...(dueFrom !== undefined && { $gte: new Date(dueFrom) }),
});

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
  return (
    await (
      query.limit === undefined ? cursor : cursor.skip(query.skip ?? 0).limit(query.limit)
    ).toArray()
  ).map(toDelivery);
}

export async function countDeliveries(mongo: Mongo, query: DeliveryQuery): Promise<number> {
  if (query.limit === 0) return 0;
  return mongo.deliveries.countDocuments(
    filterOf(query),
    query.limit === undefined ? {} : { limit: query.limit },
  );
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
  const outbox = toEntryDocuments(entries);
  const document = await mongo.deliveries.findOneAndUpdate(
    unchanged(change),
    {
      $set: { ...fieldsOf(nextOf(change)), ...(outbox.length > 0 && { isPending: true }) },
      ...(outbox.length > 0 && { $push: { outbox: { $each: outbox } } }),
    },
    { returnDocument: 'after' },
  );
  if (!document) return undefined;
  await moveQuietly(mongo, [document]);
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
    if (result.matchedCount === chunk.length) {
      changed.push(...ids);
      continue;
    }
    // A bulk tells how many, not which. One that was overwritten since counts as not ours: the
    // caller looks again, and that is always right.
    const ours = await mongo.deliveries
      .find({ _id: { $in: ids }, writtenBy }, { projection: { _id: 1 } })
      .toArray();
    const known = new Set(ours.map((document) => document._id));
    changed.push(...ids.filter((id) => known.has(id)));
  }
  return changed;
}
