import { second } from '../../core/time.ts';
import type { PeopleDoor } from '../../door/people/people-door.ts';
import { nudge } from '../../flow/facts.ts';
import type { PeopleContext } from '../../flow/people/people-context.ts';
import { stopPerson } from '../../flow/people/stop-person.ts';
import { openTokens } from '../../io/secrets/sealed-tokens.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Store } from '../../ports/store.ts';
import { openHandsOf, type PeopleConfig, tokenKeyFile } from './open-people.ts';

const readEvery = 10 * second;

interface Around {
  store: Store;
  clock: Clock;
  warn(text: string): void;
}

/** What strangers do at the door is written to the store; the service does what follows. */
export async function openPeopleDoor(
  config: PeopleConfig,
  { store, clock, warn }: Around,
): Promise<PeopleDoor> {
  const hands = await openHandsOf(config, store);
  const tokens = await openTokens(tokenKeyFile(config));
  let titles = new Map<string, string>();
  let readAt = -Infinity;
  const context: PeopleContext = {
    store,
    clock,
    alarms: { set: async () => undefined },
    settings: { zone: config.zone, people: hands.settings },
    sequences: new Map(),
    transports: new Map(),
    hashOf: hands.hashOf,
    claimFor: 0,
    worker: 'door',
    log: { warn },
  };
  return {
    store,
    tokens,
    async titleOf(sequence) {
      if (clock.monotonic() - readAt > readEvery) {
        readAt = clock.monotonic();
        const { sequences } = await hands.sequences.read();
        titles = new Map(sequences.map(({ id, title }) => [id, title]));
      }
      return titles.get(sequence);
    },
    async unsubscribe(person, purpose) {
      await stopPerson(context, { person, purpose, because: 'unsubscribed', by: person.id });
      await nudge(store);
    },
  };
}
