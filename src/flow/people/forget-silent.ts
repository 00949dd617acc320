import { everything } from '../../core/people/consent.ts';
import { ownTurn } from '../../ports/own-turn.ts';
import type { PeopleContext } from './people-context.ts';
import { stopPerson } from './stop-person.ts';

const mostAtOnce = 200;

/** Who has given no sign of life for so long is erased; the hash of the address stays. */
export async function forgetSilent(context: PeopleContext, signal: AbortSignal): Promise<void> {
  const { store, clock, settings } = context;
  const since = clock.now() - settings.people.forgetFor;
  for (const id of await store.people.listSilent(since, mostAtOnce)) {
    if (signal.aborted) return;
    await ownTurn();
    const person = await store.people.findPerson(id);
    if (!person) continue;
    const stop = { person, purpose: everything, because: 'forgotten', by: 'dripline' } as const;
    await stopPerson(context, stop);
    await store.people.forgetPerson(id);
  }
}
