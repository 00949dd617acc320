import { permissionFor, type Purpose } from '../../core/people/consent.ts';
import { type Address, keyOfAddress, type Medium, type Person } from '../../core/people/person.ts';
import type { PeopleContext } from './people-context.ts';

export type Reach =
  | { is: 'reached'; address: Address; addressKey: string }
  | { is: 'none' | 'stopped'; because: string };

interface Wanted {
  purpose: Purpose;
  /** The first that can reach the person. */
  by: readonly Medium[];
}

/** The address that may be written to for this; else why there is none. */
export async function findReach(
  { store, hashOf, transports }: PeopleContext,
  person: Person,
  { purpose, by }: Wanted,
): Promise<Reach> {
  const keys = person.addresses.map((address) => ({ address, key: keyOfAddress(address) }));
  const [consents, stops] = await Promise.all([
    store.people.listConsents(person.id),
    store.people.listSuppressions(keys.map(({ key }) => hashOf(key))),
  ]);
  let isStopped = false;
  for (const medium of by)
    for (const { address, key } of keys) {
      if (address.medium !== medium || !transports.has(medium)) continue;
      const own = stops.filter(({ hash }) => hash === hashOf(key));
      const permission = permissionFor({ medium, addressKey: key, purpose }, consents, own);
      if (permission.is === 'given') return { is: 'reached', address, addressKey: key };
      isStopped ||= permission.is === 'stopped';
    }
  if (isStopped) return { is: 'stopped', because: 'the address was stopped' };
  const ways = by.join(' or ');
  const isSet = by.some((medium) => transports.has(medium));
  const because = isSet
    ? `there is no address with a consent for ${ways}`
    : `${ways} is not set up`;
  return { is: 'none', because };
}
