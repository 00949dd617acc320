import type { Enrolment } from '../../core/people/enrolment.ts';
import type { Instant } from '../../core/time.ts';
import type { Store } from '../../ports/store.ts';

const page = 500;

async function* pagesOf(own: Store, sequence: string): AsyncGenerator<Enrolment[]> {
  let after: string | undefined;
  for (;;) {
    const some = await own.people.listEnrolments({
      sequence,
      limit: page,
      ...(after === undefined ? {} : { after }),
    });
    yield some;
    after = some.at(-1)?.id;
    if (some.length < page) return;
  }
}

/** How many have entered since then. */
export async function countEntered(own: Store, sequence: string, since: Instant): Promise<number> {
  let count = 0;
  for await (const some of pagesOf(own, sequence))
    count += some.filter(({ enteredAt }) => enteredAt >= since).length;
  return count;
}

/** Who is on the way through a sequence, with all that is known of them. Returns how many. */
export async function copyLive(
  own: Store,
  store: Store,
  { sequences, most }: { sequences: readonly string[]; most: number },
): Promise<{ copied: number; left: number }> {
  const ids = new Set<string>();
  for (const sequence of sequences)
    for await (const some of pagesOf(own, sequence))
      for (const { person, state } of some)
        if (state === 'active' || state === 'waiting') ids.add(person);
  const chosen = [...ids].slice(0, most);
  for (const id of chosen) await copyOne(own, store, id);
  return { copied: chosen.length, left: ids.size - chosen.length };
}

async function copyOne({ people: own }: Store, { people }: Store, person: string): Promise<void> {
  const found = await own.findPerson(person);
  if (!found) return;
  await people.addRecords('person', [found]);
  const [consents, acts, enrolments, dispatches, coupons] = await Promise.all([
    own.listConsents(person),
    own.listActs({ person }),
    own.listEnrolments({ person }),
    own.listDispatches({ person }),
    own.listCoupons(person),
  ]);
  await people.addRecords('consent', consents);
  await people.addRecords('act', acts);
  await people.addRecords('enrolment', enrolments);
  await people.addRecords('dispatch', dispatches);
  await people.addRecords('coupon', coupons);
}
