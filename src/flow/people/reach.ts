import { permissionFor, type Purpose } from '../../core/people/consent.ts';
import { type Address, keyOfAddress, type Medium, type Person } from '../../core/people/person.ts';
import { traitsOf } from '../../core/network/traits-of.ts';
import type { PeopleContext } from './people-context.ts';

export type Reach =
  | { is: 'reached'; address: Address; addressKey: string }
  /** `later`: not before the person does something. */
  | { is: 'none' | 'stopped' | 'later'; because: string };

export type ReachContext = Pick<PeopleContext, 'store' | 'hashOf'> & {
  transports: { has(medium: Medium): boolean };
  /** Absent: there are none. */
  letters?: object | undefined;
};

/** Letters are printed by somebody, and have no transport. */
const isServed = ({ transports, letters }: ReachContext, medium: Medium): boolean =>
  medium === 'letter' ? letters !== undefined : transports.has(medium);

interface Wanted {
  purpose: Purpose;
  /** The first that can reach the person. */
  by: readonly Medium[];
  /** The dispatch that it is for. */
  dispatch?: string;
}

/** The address that may be written to for this; else why there is none. */
export async function findReach(
  context: ReachContext,
  person: Person,
  { purpose, by, dispatch }: Wanted,
): Promise<Reach> {
  const { store, hashOf } = context;
  const keys = person.addresses.map((address) => ({ address, key: keyOfAddress(address) }));
  const [consents, stops] = await Promise.all([
    store.people.listConsents(person.id),
    store.people.listSuppressions(keys.map(({ key }) => hashOf(key))),
  ]);
  let isStopped = false;
  let isAnswered = false;
  for (const medium of by)
    for (const { address, key } of keys) {
      if (address.medium !== medium || !isServed(context, medium)) continue;
      const own = stops.filter(({ hash }) => hash === hashOf(key));
      const permission = permissionFor({ medium, addressKey: key, purpose }, consents, own);
      if (permission.is === 'given') {
        if (!(await hasAnswered(context, person, { address, dispatch })))
          return { is: 'reached', address, addressKey: key };
        isAnswered = true;
      }
      isStopped ||= permission.is === 'stopped';
    }
  if (isAnswered) return { is: 'later', because: answeredOnce };
  if (isStopped) return { is: 'stopped', because: 'the address was stopped' };
  const ways = by.join(' or ');
  const isSet = by.some((medium) => isServed(context, medium));
  const because = isSet
    ? `there is no address with a consent for ${ways}`
    : `${ways} is not set up`;
  return { is: 'none', because };
}

const answeredOnce = 'what the person wrote is answered: it waits for their next word';
const mostLooked = 50;

/** Where each word of somebody is answered once: whether the newest one was. */
async function hasAnswered(
  { store }: ReachContext,
  { id }: Person,
  { address, dispatch }: { address: Address; dispatch: string | undefined },
): Promise<boolean> {
  if (address.medium !== 'message' || !traitsOf(address.network).answersOnce) return false;
  const newest = address.conversation?.at(-1)?.at ?? 0;
  const key = keyOfAddress(address);
  const medium = 'message' as const;
  const [sent, open] = await Promise.all([
    store.people.listDispatches({ person: id, medium, order: '-sentAt', limit: mostLooked }),
    store.people.listDispatches({
      person: id,
      medium,
      states: ['planned', 'sending', 'uncertain'],
      limit: mostLooked,
    }),
  ]);
  return [...sent, ...open].some(
    ({ id: other, intent, at }) =>
      other !== dispatch &&
      (intent === undefined || intent.addressKey === key) &&
      (intent?.at ?? at) >= newest,
  );
}
