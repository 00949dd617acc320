import type { Sample } from '../../core/engagement.ts';
import { pickDefined } from '../../core/pick-defined.ts';
import type { Instant } from '../../core/time.ts';
import type { Removal, SampleQuery } from '../../ports/store.ts';
import { nextStep } from '../next-step.ts';
import { chunks } from '../../core/chunks.ts';
import { between, fromDocument, toDocument } from './codec.ts';
import type { Mongo, SampleDocument } from './connection.ts';
import { duplicatesOf } from './store-errors.ts';

const toSampleDocument = (sample: Sample, _id: string) =>
  ({ _id, ...toDocument(sample) }) as SampleDocument;

export async function addSamples(
  { samples: collection, latestSamples }: Mongo,
  samples: readonly Sample[],
): Promise<void> {
  for (const chunk of chunks(samples)) {
    const documents = chunk.map((sample) =>
      toSampleDocument(sample, `${sample.delivery} ${sample.at}`),
    );
    await collection.insertMany(documents, { ordered: false }).catch(duplicatesOf);
    // Only replaces an older one: where a newer one is stored, the upsert fails on its key.
    const rising = chunk.toSorted((a, b) => a.at - b.at);
    const latest = [...new Map(rising.map((sample) => [sample.delivery, sample])).values()];
    await latestSamples
      .bulkWrite(
        latest.map((sample) => ({
          replaceOne: {
            filter: { _id: sample.delivery, at: { $lte: new Date(sample.at) } },
            replacement: toSampleDocument(sample, sample.delivery),
            upsert: true,
          },
        })),
        { ordered: false },
      )
      .catch(duplicatesOf);
  }
}

export async function listSamples(
  { samples, latestSamples }: Mongo,
  query: SampleQuery,
): Promise<Sample[]> {
  const { delivery, account, releasedSince, isLatest = false } = query;
  const filter = pickDefined({
    delivery,
    account,
    releasedAt: between({ from: releasedSince }),
  });
  const found = await (isLatest ? latestSamples : samples)
    .find(filter, { projection: { _id: 0 } })
    .sort({ releasedAt: 1, delivery: 1, at: 1 })
    .toArray();
  return found.map((document) => fromDocument<Sample>(document));
}

export async function removeSamples(
  { samples, latestSamples }: Mongo,
  step: Removal,
): Promise<Instant | undefined> {
  const { from, before, limit } = step;
  const rows = await samples
    .find({ releasedAt: { $gte: new Date(from), $lt: new Date(before) } })
    .project<{ _id: string; delivery: string; at: Date; releasedAt: Date }>({
      delivery: 1,
      at: 1,
      releasedAt: 1,
    })
    .sort({ releasedAt: 1 })
    .limit(limit)
    .toArray();
  const latest = await latestSamples
    .find({ _id: { $in: [...new Set(rows.map(({ delivery }) => delivery))] } })
    .project<{ _id: string; at: Date }>({ at: 1 })
    .toArray();
  const newest = new Map(latest.map(({ _id, at }) => [_id, at.getTime()]));
  const old = rows.filter(({ delivery, at }) => at.getTime() !== newest.get(delivery));
  if (old.length) await samples.deleteMany({ _id: { $in: old.map(({ _id }) => _id) } });
  const looked = rows.map(({ releasedAt }) => releasedAt.getTime());
  return nextStep(step, { looked, removed: old.length });
}
