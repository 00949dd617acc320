import { Binary } from 'mongodb';
import type { StepLink } from '../../../core/clicks/click.ts';
import type { Dispatch } from '../../../core/people/dispatch.ts';
import type { Enrolment } from '../../../core/people/enrolment.ts';
import type { Body, PeopleChange } from '../../../ports/people/people-store.ts';
import type { Mongo } from '../connection.ts';
import { addLinks } from '../click-records.ts';
import { appendJournal } from '../journal-records.ts';
import { isDuplicate } from '../store-errors.ts';
import { dispatchWrite } from './dispatch-documents.ts';
import { enrolmentWrite } from './enrolment-documents.ts';
import { bareLinksOf, forget, whoIsThere, writeTheirs } from './forgetting.ts';
import type { BodyDocument } from './people-collections.ts';
import { applyPending, decide } from './pending-changes.ts';

const next = <T extends Enrolment | Dispatch>({ before, after }: { before: T; after: T }): T => ({
  ...after,
  id: before.id,
  revision: before.revision + 1,
});

export async function change(mongo: Mongo, one: PeopleChange): Promise<boolean> {
  const { enrolment, person, dispatch, entries = [] } = one;
  const of = enrolment?.before.person ?? dispatch?.after.person ?? person?.before.id;
  if (of === undefined) {
    await appendJournal(mongo, entries);
    return true;
  }
  const writes = [
    ...(enrolment ? [enrolmentWrite(next(enrolment), enrolment.before.revision)] : []),
    ...(dispatch ? [writeOf(dispatch)] : []),
  ];
  return decide(mongo, { person: of, change: person, writes, entries });
}

const writeOf = ({ before, after }: NonNullable<PeopleChange['dispatch']>) =>
  before ? dispatchWrite(next({ before, after }), before.revision) : dispatchWrite(after);

/** What was decided about a person is carried out first: the journal has it. */
export async function forgetPerson(mongo: Mongo, id: string): Promise<boolean> {
  for (;;) {
    if (await forget(mongo, id)) return true;
    const one = await mongo.people.findOne({ _id: id });
    if (one?.doc === undefined) return false;
    await applyPending(mongo, [one]);
  }
}

/** The links first: what is on its way always leads somewhere. */
export async function putBody(
  mongo: Mongo,
  body: Body,
  links: readonly StepLink[] = [],
): Promise<void> {
  await writeTheirs(mongo, [body], async ([{ hash, person, bytes } = body]) => {
    await addLinks(mongo, links);
    const document = { _id: `${hash} ${person}`, hash, person, bytes: new Binary(bytes) };
    await mongo.bodies.insertOne(document).catch((error: unknown) => {
      if (!isDuplicate(error)) throw error;
    });
  });
  const isPersonal = links.some(({ bare }) => bare !== undefined);
  if (isPersonal && (await whoIsThere(mongo, [body.person])).size === 0)
    for (const { delivery } of links) await bareLinksOf(mongo, delivery);
}

export const toBody = ({ hash, person, bytes }: BodyDocument): Body => ({
  person,
  hash,
  bytes: new Uint8Array(bytes instanceof Binary ? bytes.value() : bytes),
});

export async function findBody({ bodies }: Mongo, hash: string): Promise<Uint8Array | undefined> {
  const found = await bodies.findOne({ hash });
  return found ? toBody(found).bytes : undefined;
}
