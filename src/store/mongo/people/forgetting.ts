import { day } from '../../../core/time.ts';
import type { Mongo } from '../connection.ts';

/** All that is theirs. Any number of times: it may be interrupted, and come late. */
export async function sweep(mongo: Mongo, persons: readonly string[]): Promise<void> {
  const { consents, acts, enrolments, dispatches, coupons, bodies } = mongo;
  const theirs = { person: { $in: [...persons] } };
  await bodies.deleteMany(theirs);
  await bareLinks(mongo, persons);
  await dispatches.deleteMany(theirs);
  await enrolments.deleteMany(theirs);
  await acts.deleteMany(theirs);
  await consents.deleteMany(theirs);
  await coupons.updateMany(theirs, { $unset: { person: true, owner: true } });
}

/** They lead on, and nothing of the person is in them any more: of dispatches that are there. */
async function bareLinks(mongo: Mongo, persons: readonly string[]): Promise<void> {
  const theirs = mongo.dispatches.find({ person: { $in: [...persons] } });
  for await (const { _id } of theirs.project<{ _id: string }>({ _id: 1 }))
    await bareLinksOf(mongo, _id);
}

export async function bareLinksOf({ links }: Mongo, delivery: string): Promise<void> {
  for (const { _id, bare } of await links.find({ delivery }).toArray())
    if (bare !== undefined)
      await links.updateOne({ _id }, { $set: { target: bare }, $unset: { bare: true } });
}

/** What a person is known by; the id stays for a while, so that what comes late finds it. */
const personal = {
  doc: true,
  revision: true,
  status: true,
  createdAt: true,
  aliveAt: true,
  addressKeys: true,
  terms: true,
  sequences: true,
} as const;

/** Of somebody without a pending change; false: there is nobody to forget. */
export async function forget(mongo: Mongo, _id: string): Promise<boolean> {
  const { matchedCount } = await mongo.people.updateOne(
    { _id, doc: { $exists: true }, isPending: { $exists: false } },
    { $set: { forgottenAt: new Date(), isForgetting: true }, $unset: personal },
  );
  const isHalf = matchedCount === 1 || (await mongo.people.findOne({ _id, isForgetting: true }));
  if (!isHalf) return false;
  await sweep(mongo, [_id]);
  await mongo.people.updateOne({ _id }, { $unset: { isForgetting: true } });
  return true;
}

export const listHalfForgotten = async ({ people }: Mongo): Promise<string[]> =>
  (
    await people
      .find({ forgottenAt: { $exists: true }, isForgetting: true }, { projection: { _id: 1 } })
      .sort({ _id: 1 })
      .toArray()
  ).map(({ _id }) => _id);

/** What came late is swept up at a start; after a day nothing is on its way any more. */
export async function sweepForgotten(mongo: Mongo): Promise<void> {
  const all = await mongo.people.find({ forgottenAt: { $exists: true } }).toArray();
  const done = all.filter(({ isForgetting }) => !isForgetting).map(({ _id }) => _id);
  if (done.length === 0) return;
  await sweep(mongo, done);
  await mongo.people.deleteMany({
    _id: { $in: done },
    forgottenAt: { $lt: new Date(Date.now() - day) },
  });
}

/** Which of them are there; of the others nothing is kept. */
export async function whoIsThere(
  { people }: Mongo,
  persons: readonly string[],
): Promise<Set<string>> {
  const found = await people
    .find({ _id: { $in: [...new Set(persons)] }, doc: { $exists: true } })
    .project<{ _id: string }>({ _id: 1 })
    .toArray();
  return new Set(found.map(({ _id }) => _id));
}

/** Writes what is of those who are there, and takes it back of who was forgotten meanwhile. */
export async function writeTheirs<T extends { person: string }>(
  mongo: Mongo,
  all: readonly T[],
  write: (kept: T[]) => Promise<void>,
): Promise<void> {
  const there = await whoIsThere(
    mongo,
    all.map(({ person }) => person),
  );
  const kept = all.filter(({ person }) => there.has(person));
  if (kept.length === 0) return;
  await write(kept);
  const still = await whoIsThere(mongo, [...there]);
  const gone = [...there].filter((person) => !still.has(person));
  if (gone.length) await sweep(mongo, gone);
}
