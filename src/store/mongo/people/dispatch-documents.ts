import type { Filter, Sort } from 'mongodb';
import type { Dispatch } from '../../../core/people/dispatch.ts';
import { pickDefined } from '../../../core/pick-defined.ts';
import type { DispatchCount, DispatchQuery } from '../../../ports/people/people-store.ts';
import { dispatchFields } from '../../people-rows.ts';
import { between, toDocument } from '../codec.ts';
import type { Mongo } from '../connection.ts';
import { hasInstant, inOrder } from './enrolment-documents.ts';
import { applyAll } from './pending-changes.ts';
import type { DispatchDocument, PendingWrite } from './people-collections.ts';

export const dispatchWrite = (dispatch: Dispatch, before?: number): PendingWrite =>
  pickDefined({
    to: 'dispatches' as const,
    _id: dispatch.id,
    before,
    fields: toDocument({
      ...dispatchFields(dispatch),
      revision: dispatch.revision,
      doc: JSON.stringify(dispatch),
    }),
  });

const toDispatch = ({ doc }: DispatchDocument) => JSON.parse(doc) as Dispatch;

export async function findDispatch(mongo: Mongo, id: string): Promise<Dispatch | undefined> {
  await applyAll(mongo);
  const found = await mongo.dispatches.findOne({ _id: id });
  return found ? toDispatch(found) : undefined;
}

export async function findDispatchByMessage(
  mongo: Mongo,
  id: string,
): Promise<Dispatch | undefined> {
  await applyAll(mongo);
  const found =
    (await mongo.dispatches.findOne({ messageId: id })) ??
    (await mongo.dispatches.findOne({ serverId: id }));
  return found ? toDispatch(found) : undefined;
}

const sorts: Record<NonNullable<DispatchQuery['order']>, Sort> = {
  id: { _id: 1 },
  at: { at: 1, _id: 1 },
  '-sentAt': { sentAt: -1, _id: 1 },
};

export async function listDispatches(mongo: Mongo, query: DispatchQuery): Promise<Dispatch[]> {
  const { states, order = 'id', limit } = query;
  if (limit === 0) return [];
  await applyAll(mongo);
  const filter = pickDefined({
    person: query.person,
    sequence: query.sequence,
    enrolment: query.enrolment,
    medium: query.medium,
    state: states && { $in: [...states] },
    at: between({ to: query.dueBy }),
    sentAt: between({ from: query.sentSince }) ?? (order === '-sentAt' ? hasInstant : undefined),
    claimEndsAt: between({ to: query.claimedUntil }),
  }) as Filter<DispatchDocument>;
  const found = mongo.dispatches.find(filter).sort(sorts[order]);
  if (limit !== undefined) found.limit(limit);
  return (await found.toArray()).map(toDispatch);
}

/** From its index alone. */
export async function countDispatches(mongo: Mongo, sequence?: string): Promise<DispatchCount[]> {
  await applyAll(mongo);
  const found = await mongo.dispatches
    .aggregate<{ _id: Omit<DispatchCount, 'count'>; count: number }>([
      { $match: { sequence: sequence ?? { $gte: '' } } },
      {
        $group: {
          _id: { sequence: '$sequence', step: '$step', state: '$state' },
          count: { $sum: 1 },
        },
      },
    ])
    .toArray();
  return inOrder(
    found.map(({ _id, count }) => ({ ..._id, count })),
    ({ sequence: of, step, state }) => [of, step, state],
  );
}
