import type { ClickCount, Link } from '../../core/clicks/click.ts';
import { chunks } from '../../core/chunks.ts';
import { pickDefined } from '../../core/pick-defined.ts';
import type { ClickSum, LinkQuery } from '../../ports/store.ts';
import { fromDocument, toDocument } from './codec.ts';
import type { LinkDocument, Mongo } from './connection.ts';
import { duplicatesOf } from './store-errors.ts';

export async function addLinks({ links }: Mongo, all: readonly Link[]): Promise<void> {
  for (const chunk of chunks(all)) {
    const documents = chunk.map(
      ({ code, ...link }) => ({ _id: code, ...toDocument(link) }) as LinkDocument,
    );
    await links.insertMany(documents, { ordered: false }).catch(duplicatesOf);
  }
}

const toLink = ({ _id: code, ...rest }: LinkDocument): Link => ({
  code,
  ...fromDocument<Omit<Link, 'code'>>(rest),
});

export async function findLink({ links }: Mongo, code: string): Promise<Link | undefined> {
  const document = await links.findOne({ _id: code });
  return document ? toLink(document) : undefined;
}

const amongThese = (deliveries: readonly string[] | undefined) =>
  pickDefined({ delivery: deliveries && { $in: [...deliveries] } });

export async function listLinks(
  { links }: Mongo,
  { deliveries, newest, page }: LinkQuery,
): Promise<Link[]> {
  if (page) {
    const behind = links.find({ _id: { $gt: page.after } }).sort({ _id: 1 });
    return (await behind.limit(page.limit).toArray()).map(toLink);
  }
  const found = links.find(amongThese(deliveries));
  const sorted =
    newest === undefined
      ? found.sort({ _id: 1 })
      : found.sort({ createdAt: -1, _id: 1 }).limit(newest);
  return (await sorted.toArray()).map(toLink);
}

export async function putClicks({ clicks }: Mongo, all: readonly ClickCount[]): Promise<void> {
  for (const chunk of chunks(all)) {
    await clicks.bulkWrite(
      chunk.map(({ count, ...key }) => {
        const { delivery, at, kind, counter } = key;
        return {
          updateOne: {
            filter: { _id: [delivery, at, kind, counter].join(' ') },
            update: { $max: { count }, $setOnInsert: toDocument(key) },
            upsert: true,
          },
        };
      }),
      { ordered: false },
    );
  }
}

export async function listClicks(
  { clicks }: Mongo,
  deliveries?: readonly string[],
): Promise<ClickCount[]> {
  const found = await clicks
    .find(amongThese(deliveries), { projection: { _id: 0 } })
    .sort({ delivery: 1, at: 1, kind: 1, counter: 1 })
    .toArray();
  return found.map((one) => fromDocument<ClickCount>(one));
}

export async function sumClicks(
  { clicks }: Mongo,
  deliveries?: readonly string[],
): Promise<ClickSum[]> {
  const found = await clicks
    .aggregate<{ _id: Omit<ClickSum, 'count'>; count: number }>([
      { $match: { ...amongThese(deliveries), kind: { $ne: 'unique' } } },
      { $group: { _id: { delivery: '$delivery', kind: '$kind' }, count: { $sum: '$count' } } },
    ])
    .toArray();
  const keyOf = ({ delivery, kind }: ClickSum) => `${delivery} ${kind}`;
  return found
    .map(({ _id, count }) => ({ ..._id, count }))
    .sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}
