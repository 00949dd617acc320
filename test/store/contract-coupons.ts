import { expect, test } from 'vitest';
import type { MakePlace } from './contract.ts';
import { makePerson, start } from './people-kit.ts';

export function couponContract(makePlace: MakePlace): void {
  test('a code has one person and a person has one code of each file, however many ask at once', async () => {
    await using place = await makePlace();
    await using one = await place.open();
    await using two = await place.open('beside');
    const persons = Array.from({ length: 12 }, (_, i) => `p-${i}`);
    for (const id of persons) await one.people.addPerson(makePerson(id));
    const got = await Promise.all(
      persons.flatMap((person) =>
        ['A1', 'a1', 'B2', 'C3'].map((code, i) =>
          (i % 2 ? two : one).people.reserveCoupon({ file: 'spring', code, person, at: start }),
        ),
      ),
    );
    expect(got.some((code) => code !== undefined)).toBe(true);
    const all = await one.people.listRecords({ kind: 'coupon', limit: 99 });
    expect(all).toHaveLength(3);
    expect(new Set(all.map(({ person }) => person)).size).toBe(3);
    expect(new Set(all.map(({ code }) => code.toLowerCase()))).toEqual(new Set(['a1', 'b2', 'c3']));
    for (const { code, person = '' } of all) {
      const other = { file: 'spring', code: 'D4', person, at: start };
      expect(await two.people.reserveCoupon(other)).toBe(code);
      expect(await two.people.listCoupons(person)).toEqual([
        { file: 'spring', code, person, at: start },
      ]);
    }
    const used = await two.people.listUsedCodes('spring', ['a1', 'b2', 'c3', 'd4']);
    expect(used).toEqual(['a1', 'b2', 'c3']);
    expect(await two.people.listUsedCodes('autumn', ['a1'])).toEqual([]);
    expect(await two.people.listUsedCodes('spring', [])).toEqual([]);
  });

  test('a stop is removed only while it is exactly as it was written', async () => {
    await using place = await makePlace();
    await using store = await place.open();
    const { people } = store;
    const stop = { hash: 'h', purpose: '*', at: 5, because: 'operator' } as const;
    await people.addSuppressions([stop, { ...stop, purpose: 'welcome' }]);
    await people.removeSuppressions([
      { ...stop, at: 4 },
      { ...stop, because: 'reply' },
    ]);
    expect(await people.listSuppressions(['h'])).toHaveLength(2);
    await people.addSuppressions([{ ...stop, at: 6, because: 'unsubscribed' }]);
    await people.removeSuppressions([stop, { ...stop, purpose: 'welcome' }]);
    expect(await people.listSuppressions(['h'])).toEqual([
      { ...stop, at: 6, because: 'unsubscribed' },
    ]);
  });

  test('of another file a person gets another code, and nobody who is not there gets one', async () => {
    await using place = await makePlace();
    await using store = await place.open();
    const { people } = store;
    await people.addPerson(makePerson('p-a'));
    const ask = (file: string, code: string, person = 'p-a') =>
      people.reserveCoupon({ file, code, person, at: start });
    expect(await ask('spring', 'A')).toBe('A');
    expect(await ask('autumn', 'A')).toBe('A');
    expect((await people.listCoupons('p-a')).map(({ file }) => file)).toEqual(['autumn', 'spring']);
    expect(await ask('spring', 'B', 'p-none')).toBeUndefined();
    expect(await people.listUsedCodes('spring', ['b'])).toEqual([]);
    expect(await people.listCoupons('p-none')).toEqual([]);
  });
}
