import { chunks } from '../../../core/chunks.ts';
import type { Act } from '../../../core/people/act.ts';
import type { Consent, Suppression } from '../../../core/people/consent.ts';
import { pickDefined } from '../../../core/pick-defined.ts';
import type { Instant } from '../../../core/time.ts';
import type { ActQuery } from '../../../ports/people/people-store.ts';
import { consentAt } from '../../people-rows.ts';
import { between } from '../codec.ts';
import type { Mongo } from '../connection.ts';
import { duplicatesOf } from '../store-errors.ts';
import { writeTheirs } from './forgetting.ts';
import type { SaidDocument, SuppressionDocument } from './people-collections.ts';

const toConsentDocument = (consent: Consent): SaidDocument => ({
  _id: consent.id,
  person: consent.person,
  at: new Date(consent.at),
  doc: JSON.stringify(consent),
  ...(consent.confirmedAt !== undefined && { confirmedAt: new Date(consent.confirmedAt) }),
});

const noteAlive = (mongo: Mongo, all: readonly { person: string; at: Instant }[]) =>
  mongo.people.bulkWrite(
    all.map(({ person, at }) => ({
      updateOne: {
        filter: { _id: person, doc: { $exists: true } },
        update: { $max: { aliveAt: new Date(at) } },
      },
    })),
    { ordered: false },
  );

/** The sign of life first: a death in between lets nobody be forgotten too soon. */
export async function addConsents(mongo: Mongo, consents: readonly Consent[]): Promise<void> {
  for (const chunk of chunks(consents))
    await writeTheirs(mongo, chunk, async (kept) => {
      await noteAlive(
        mongo,
        kept.map((one) => ({ person: one.person, at: consentAt(one) })),
      );
      await mongo.consents
        .insertMany(kept.map(toConsentDocument), { ordered: false })
        .catch(duplicatesOf);
    });
}

export async function confirmConsent(
  mongo: Mongo,
  id: string,
  { at, from }: { at: Instant; from?: string },
): Promise<boolean> {
  const before = await findConsent(mongo, id);
  if (!before || before.confirmedAt !== undefined) return false;
  const after: Consent = {
    ...before,
    confirmedAt: at,
    ...(from !== undefined && { confirmedFrom: from }),
  };
  await noteAlive(mongo, [{ person: before.person, at: consentAt(after) }]);
  const { matchedCount } = await mongo.consents.updateOne(
    { _id: id, confirmedAt: { $exists: false } },
    { $set: { confirmedAt: new Date(at), doc: JSON.stringify(after) } },
  );
  return matchedCount === 1;
}

const toConsent = ({ doc }: SaidDocument) => JSON.parse(doc) as Consent;

export async function findConsent({ consents }: Mongo, id: string): Promise<Consent | undefined> {
  const found = await consents.findOne({ _id: id });
  return found ? toConsent(found) : undefined;
}

export const listConsents = async ({ consents }: Mongo, person: string): Promise<Consent[]> =>
  (await consents.find({ person }).sort({ at: 1, _id: 1 }).toArray()).map(toConsent);

export async function addSuppressions(
  { suppressions }: Mongo,
  stops: readonly Suppression[],
): Promise<void> {
  for (const chunk of chunks(stops)) {
    await suppressions
      .insertMany(chunk.map(toSuppressionDocument), { ordered: false })
      .catch(duplicatesOf);
    await suppressions.bulkWrite(
      chunk.map((stop) => {
        const { _id, ...rest } = toSuppressionDocument(stop);
        return { updateOne: { filter: { _id, at: { $lt: rest.at } }, update: { $set: rest } } };
      }),
    );
  }
}

const toSuppressionDocument = ({ at, ...stop }: Suppression): SuppressionDocument => ({
  _id: `${stop.hash} ${stop.purpose}`,
  ...stop,
  at: new Date(at),
});

export const toSuppression = ({ _id, at, ...stop }: SuppressionDocument) =>
  ({ ...stop, at: at.getTime() }) as Suppression;

export const listSuppressions = async (
  { suppressions }: Mongo,
  hashes: readonly string[],
): Promise<Suppression[]> =>
  (
    await suppressions
      .find({ hash: { $in: [...hashes] } })
      .sort({ hash: 1, purpose: 1 })
      .toArray()
  ).map(toSuppression);

const toActDocument = (act: Act): SaidDocument => ({
  _id: act.id,
  person: act.person,
  at: new Date(act.at),
  kind: act.kind,
  doc: JSON.stringify(act),
});

export async function addActs(mongo: Mongo, acts: readonly Act[]): Promise<string[]> {
  const added: string[] = [];
  for (const chunk of chunks(acts))
    await writeTheirs(mongo, chunk, async (kept) => {
      const present = await mongo.acts
        .insertMany(kept.map(toActDocument), { ordered: false })
        .then(() => new Set<number>(), duplicatesOf);
      added.push(...kept.filter((_, index) => !present.has(index)).map(({ id }) => id));
    });
  return added;
}

export async function listActs(
  { acts }: Mongo,
  { person, kinds, since, limit }: ActQuery,
): Promise<Act[]> {
  if (limit === 0) return [];
  const filter = pickDefined({
    person,
    kind: kinds && { $in: [...kinds] },
    at: between({ from: since }),
  });
  const found = acts.find(filter).sort({ at: -1, _id: 1 });
  if (limit !== undefined) found.limit(limit);
  return (await found.toArray()).map(({ doc }) => JSON.parse(doc) as Act);
}

export async function removeSuppressions(
  { suppressions }: Mongo,
  stops: readonly Suppression[],
): Promise<void> {
  for (const stop of stops) {
    const { _id, at, because } = toSuppressionDocument(stop);
    await suppressions.deleteOne({ _id, at, because });
  }
}
