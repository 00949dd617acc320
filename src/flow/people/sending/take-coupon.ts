import { chunks } from '../../../core/chunks.ts';
import { keyOfCode } from '../../../core/people/coupons/coupon.ts';
import type { Step } from '../../../core/people/sequence.ts';
import { Refusal } from '../../../core/problem.ts';
import type { CouponFile } from '../../../ports/people/coupons.ts';
import { makeEntry } from '../../context.ts';
import type { PeopleContext } from '../people-context.ts';

/** How many codes at the beginning of a file are known to be given out. */
const usedUpTo = new WeakMap<CouponFile, number>();

/**
 * The code that this person has of the step's file, for good: reserved before anything is made of
 * it, once for each file and person and once for each code, whatever dies in between. Throws
 * Refusal where there is none: that holds the message.
 */
export async function takeCoupon(
  context: PeopleContext,
  { coupon: file }: Step,
  person: string,
): Promise<string | undefined> {
  if (file === undefined) return undefined;
  const { store, clock, coupons } = context;
  const own = (await store.people.listCoupons(person)).find((one) => one.file === file);
  if (own) return own.code;
  const found = await coupons?.read(file);
  if (!found) {
    const name = coupons?.nameOf(file) ?? `${file}.csv`;
    throw new Refusal(`there is no ${name}: write one code a line into it`);
  }
  const from = usedUpTo.get(found) ?? 0;
  let behind = from;
  for (const chunk of chunks(found.codes.slice(from))) {
    const used = new Set(await store.people.listUsedCodes(file, chunk.map(keyOfCode)));
    for (const code of chunk) {
      if (!used.has(keyOfCode(code))) {
        const got = await store.people.reserveCoupon({ file, code, person, at: clock.now() });
        if (got !== undefined) return got;
      }
      behind += 1;
      usedUpTo.set(found, behind);
    }
  }
  await tellDry(context, found);
  throw new Refusal(`${found.file} has no code left: add codes to it`);
}

/** Once for each content of the file, however many wait for a code. */
async function tellDry(context: PeopleContext, { file, version }: CouponFile): Promise<void> {
  const text = `${file} has no code left. Messages that need one wait: add codes to it`;
  await context.store.appendJournal([
    makeEntry(context, 'notice', { id: `coupons-dry:${file}:${version}`, text }),
  ]);
}
