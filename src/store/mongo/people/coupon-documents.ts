import { type Coupon, keyOfCode } from '../../../core/people/coupons/coupon.ts';
import { chunks } from '../../../core/chunks.ts';
import { pickDefined } from '../../../core/pick-defined.ts';
import type { Mongo } from '../connection.ts';
import { duplicatesOf, isDuplicate } from '../store-errors.ts';
import { whoIsThere, writeTheirs } from './forgetting.ts';
import type { CouponDocument } from './people-collections.ts';

const ownerOf = (file: string, person: string) => `${file} ${person}`;

const toDocument = ({ file, code, person, at }: Coupon): CouponDocument =>
  pickDefined({
    _id: `${file} ${keyOfCode(code)}`,
    file,
    key: keyOfCode(code),
    code,
    person,
    owner: person === undefined ? undefined : ownerOf(file, person),
    at: new Date(at),
  });

const toCoupon = ({ file, code, person, at }: CouponDocument): Coupon =>
  pickDefined({ file, code, person, at: at.getTime() });

/** One write: its id is the code's, and its owner is unique. */
export async function reserveCoupon(
  mongo: Mongo,
  one: Required<Coupon>,
): Promise<string | undefined> {
  const owner = ownerOf(one.file, one.person);
  const own = await mongo.coupons.findOne({ owner });
  if (own) return own.code;
  let code: string | undefined;
  await writeTheirs(mongo, [one], async ([kept = one]) => {
    try {
      await mongo.coupons.insertOne(toDocument(kept));
      code = kept.code;
    } catch (error) {
      if (!isDuplicate(error)) throw error;
      code = (await mongo.coupons.findOne({ owner }))?.code;
    }
  });
  return code;
}

export const listCoupons = async ({ coupons }: Mongo, person: string): Promise<Coupon[]> =>
  (await coupons.find({ person }).sort({ file: 1 }).toArray()).map(toCoupon);

export const listUsedCodes = async (
  { coupons }: Mongo,
  file: string,
  keys: readonly string[],
): Promise<string[]> =>
  (
    await coupons
      .find({ file, key: { $in: [...keys] } })
      .sort({ key: 1 })
      .toArray()
  ).map(({ key }) => key);

export async function listCouponRecords(
  { coupons }: Mongo,
  { after, limit }: { after?: Coupon | undefined; limit: number },
): Promise<Coupon[]> {
  const file = after?.file ?? '';
  const key = keyOfCode(after?.code ?? '');
  const found = coupons
    .find({ file: { $gte: file }, $or: [{ file: { $gt: file } }, { key: { $gt: key } }] })
    .sort({ file: 1, key: 1 })
    .limit(limit);
  return (await found.toArray()).map(toCoupon);
}

/** Of somebody who is not there the code alone is kept. */
export async function addCoupons(mongo: Mongo, all: readonly Coupon[]): Promise<void> {
  for (const chunk of chunks(all)) {
    const there = await whoIsThere(
      mongo,
      chunk.flatMap(({ person }) => person ?? []),
    );
    const documents = chunk.map(({ person, ...rest }) =>
      toDocument(pickDefined({ ...rest, person: there.has(person ?? '') ? person : undefined })),
    );
    await mongo.coupons.insertMany(documents, { ordered: false }).catch(duplicatesOf);
  }
}
