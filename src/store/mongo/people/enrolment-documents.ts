import type { Filter, Sort } from 'mongodb';
import type { JournalEntry } from '../../../core/journal.ts';
import type { Enrolment } from '../../../core/people/enrolment.ts';
import { pickDefined } from '../../../core/pick-defined.ts';
import type { EnrolmentCount, EnrolmentQuery } from '../../../ports/people/people-store.ts';
import { enrolmentFields, liveKeyOf } from '../../people-rows.ts';
import { between, toDocument } from '../codec.ts';
import type { Mongo } from '../connection.ts';
import { applyAll, decide } from './pending-changes.ts';
import type { EnrolmentDocument, PendingWrite } from './people-collections.ts';

export const enrolmentWrite = (enrolment: Enrolment, before?: number): PendingWrite =>
  pickDefined({
    to: 'enrolments' as const,
    _id: enrolment.id,
    before,
    fields: toDocument({
      ...enrolmentFields(enrolment),
      liveKey: liveKeyOf(enrolment),
      revision: enrolment.revision,
      doc: JSON.stringify(enrolment),
    }),
  });

export const addEnrolment = (
  mongo: Mongo,
  enrolment: Enrolment,
  entries: readonly JournalEntry[],
): Promise<boolean> => {
  const { person, sequence } = enrolment;
  return decide(mongo, { person, writes: [enrolmentWrite(enrolment)], entries, sequence });
};

const toEnrolment = ({ doc }: EnrolmentDocument) => JSON.parse(doc) as Enrolment;

export async function findEnrolment(mongo: Mongo, id: string): Promise<Enrolment | undefined> {
  await applyAll(mongo);
  const found = await mongo.enrolments.findOne({ _id: id });
  return found ? toEnrolment(found) : undefined;
}

/** What has no such instant is not among them. */
export const hasInstant = { $gte: new Date(-8.64e15) };

const sorts: Record<NonNullable<EnrolmentQuery['order']>, Sort> = {
  id: { _id: 1 },
  nextAt: { nextAt: 1, _id: 1 },
};

export async function listEnrolments(mongo: Mongo, query: EnrolmentQuery): Promise<Enrolment[]> {
  const { person, sequence, states, dueBy, order = 'id', after, limit } = query;
  if (limit === 0) return [];
  await applyAll(mongo);
  const filter = pickDefined({
    person,
    sequence,
    state: states && { $in: [...states] },
    nextAt: between({ to: dueBy }) ?? (order === 'nextAt' ? hasInstant : undefined),
    _id: after === undefined ? undefined : { $gt: after },
  }) as Filter<EnrolmentDocument>;
  const found = mongo.enrolments.find(filter).sort(sorts[order]);
  if (limit !== undefined) found.limit(limit);
  return (await found.toArray()).map(toEnrolment);
}

/** From its index alone. */
export async function countEnrolments(mongo: Mongo, sequence?: string): Promise<EnrolmentCount[]> {
  await applyAll(mongo);
  const found = await mongo.enrolments
    .aggregate<{ _id: Omit<EnrolmentCount, 'count'>; count: number }>([
      { $match: { sequence: sequence ?? { $gte: '' } } },
      {
        $group: {
          _id: { sequence: '$sequence', state: '$state', isHoldout: '$isHoldout' },
          count: { $sum: 1 },
        },
      },
    ])
    .toArray();
  return inOrder(
    found.map(({ _id, count }) => ({ ..._id, count })),
    ({ sequence: of, state, isHoldout }) => [of, state, String(isHoldout)],
  );
}

export function inOrder<T>(all: T[], keysOf: (one: T) => string[]): T[] {
  const keyed = all.map((one) => [keysOf(one).join('\n'), one] as const);
  return keyed.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
}
