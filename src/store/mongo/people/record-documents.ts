import { chunks } from '../../../core/chunks.ts';
import type { Dispatch } from '../../../core/people/dispatch.ts';
import type { Enrolment } from '../../../core/people/enrolment.ts';
import type {
  Body,
  PeopleRecordKind,
  PeopleRecords,
  RecordPage,
} from '../../../ports/people/people-store.ts';
import type { Mongo } from '../connection.ts';
import { duplicatesOf } from '../store-errors.ts';
import { putBody, toBody } from './change-documents.ts';
import { addCoupons, listCouponRecords } from './coupon-documents.ts';
import { dispatchWrite } from './dispatch-documents.ts';
import { enrolmentWrite } from './enrolment-documents.ts';
import { writeTheirs } from './forgetting.ts';
import type { DispatchDocument, EnrolmentDocument } from './people-collections.ts';
import { applyAll } from './pending-changes.ts';
import { insertPersons } from './person-documents.ts';
import { addActs, addConsents, addSuppressions, toSuppression } from './said-documents.ts';

interface Page<T> {
  after?: T | undefined;
  limit: number;
}

const byId =
  (name: 'people' | 'consents' | 'acts' | 'enrolments' | 'dispatches') =>
  async <T extends { id: string }>(mongo: Mongo, { after, limit }: Page<T>): Promise<T[]> => {
    const found = (mongo[name] as Mongo['people'])
      .find({ _id: { $gt: after?.id ?? '' }, doc: { $exists: true } })
      .project<{ doc: string }>({ doc: 1 })
      .sort({ _id: 1 })
      .limit(limit);
    return (await found.toArray()).map(({ doc }) => JSON.parse(doc) as T);
  };

async function listSuppressions(
  { suppressions }: Mongo,
  { after, limit }: Page<PeopleRecords['suppression']>,
) {
  const { hash = '', purpose = '' } = after ?? {};
  const found = suppressions
    .find({ hash: { $gte: hash }, $or: [{ hash: { $gt: hash } }, { purpose: { $gt: purpose } }] })
    .sort({ hash: 1, purpose: 1 })
    .limit(limit);
  return (await found.toArray()).map(toSuppression);
}

async function listBodies({ bodies }: Mongo, { after, limit }: Page<Body>): Promise<Body[]> {
  const { hash = '', person = '' } = after ?? {};
  const found = bodies
    .find({ hash: { $gte: hash }, $or: [{ hash: { $gt: hash } }, { person: { $gt: person } }] })
    .sort({ hash: 1, person: 1 })
    .limit(limit);
  return (await found.toArray()).map(toBody);
}

async function addEnrolments(mongo: Mongo, all: readonly Enrolment[]): Promise<void> {
  for (const chunk of chunks(all))
    await writeTheirs(mongo, chunk, async (kept) => {
      await mongo.people.bulkWrite(
        kept.map(({ person, sequence }) => ({
          updateOne: { filter: { _id: person }, update: { $addToSet: { sequences: sequence } } },
        })),
        { ordered: false },
      );
      const documents = kept.map((one) => enrolmentWrite(one)).map(toInsert<EnrolmentDocument>);
      await mongo.enrolments.insertMany(documents, { ordered: false }).catch(duplicatesOf);
    });
}

async function addDispatches(mongo: Mongo, all: readonly Dispatch[]): Promise<void> {
  for (const chunk of chunks(all))
    await writeTheirs(mongo, chunk, async (kept) => {
      const documents = kept.map((one) => dispatchWrite(one)).map(toInsert<DispatchDocument>);
      await mongo.dispatches.insertMany(documents, { ordered: false }).catch(duplicatesOf);
    });
}

const toInsert = <T>({ _id, fields }: { _id: string; fields: object }) => ({ ...fields, _id }) as T;

interface Moving<T> {
  list(mongo: Mongo, page: Page<T>): Promise<T[]>;
  add(mongo: Mongo, records: T[]): Promise<unknown>;
}

const moving: { [K in PeopleRecordKind]: Moving<PeopleRecords[K]> } = {
  person: { list: byId('people'), add: insertPersons },
  consent: { list: byId('consents'), add: addConsents },
  suppression: { list: listSuppressions, add: addSuppressions },
  act: { list: byId('acts'), add: addActs },
  enrolment: { list: byId('enrolments'), add: addEnrolments },
  dispatch: { list: byId('dispatches'), add: addDispatches },
  coupon: { list: listCouponRecords, add: addCoupons },
  body: {
    list: listBodies,
    add: async (mongo, bodies) => {
      for (const body of bodies) await putBody(mongo, body);
    },
  },
};

export async function listRecords<K extends PeopleRecordKind>(
  mongo: Mongo,
  { kind, ...page }: RecordPage<K>,
): Promise<PeopleRecords[K][]> {
  await applyAll(mongo);
  return moving[kind].list(mongo, page);
}

export async function addRecords<K extends PeopleRecordKind>(
  mongo: Mongo,
  kind: K,
  records: PeopleRecords[K][],
): Promise<void> {
  await moving[kind].add(mongo, records);
}
