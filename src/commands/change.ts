import { randomUUID } from 'node:crypto';
import { type Delivery, isOpen } from '../core/delivery/delivery.ts';
import type { CommandType, JournalEntry, Undoable } from '../core/journal.ts';
import { Refusal } from '../core/problem.ts';
import { findPostOf } from '../flow/ingest/find-post.ts';
import { nudge } from '../flow/facts.ts';
import type { CommandContext } from './command.ts';
import { stateClause } from './publishing-words.ts';

interface Done {
  type: CommandType;
  text: string;
  data: Undoable;
  about: Partial<Pick<JournalEntry, 'delivery' | 'post' | 'account' | 'network'>>;
}

export function commandEntry(
  { clock, by }: CommandContext,
  { type, text, data, about }: Done,
): JournalEntry {
  return {
    id: `${data.command}:${about.delivery ?? about.post ?? ''}`,
    at: clock.now(),
    type,
    by,
    text,
    data,
    ...about,
  };
}

interface Wanted {
  verb: string;
  type: CommandType;
  deliveries: Delivery[];
  /** The delivery as it should be. */
  change: (before: Delivery) => Delivery;
  text: (before: Delivery) => string;
}

/**
 * Changes each delivery with one conditional write, journals who asked, and wakes the service.
 */
export async function changeAll(
  context: CommandContext,
  { verb, type, deliveries, change, text }: Wanted,
): Promise<Delivery[]> {
  const { store } = context;
  const command = context.command ?? randomUUID();
  const changed: Delivery[] = [];
  for (const before of deliveries) {
    const data: Undoable = { command, verb, before: [before] };
    const about = {
      delivery: before.id,
      post: before.post,
      account: before.account,
      network: before.network,
    };
    const entry = (seen: Delivery) =>
      commandEntry(context, { type, text: text(seen), data: { ...data, before: [seen] }, about });
    const after = await retried(() => tryChange(context, before, { change, entry }));
    if (!after) throw new Refusal(tellRace(before));
    changed.push(after);
  }
  await nudge(store);
  return changed;
}

const tellRace = ({ id }: Delivery): string =>
  `${id} is being changed by another command. Check it with \`show ${id}\`, then try again`;

async function retried<T>(work: () => Promise<T | undefined>): Promise<T | undefined> {
  for (let tries = 0; tries < 5; tries++) {
    const done = await work();
    if (done !== undefined) return done;
  }
  return undefined;
}

/**
 * The planner writes too: as long as the delivery is in the state that was read, its newer
 * revision will do.
 */
async function tryChange(
  { store }: CommandContext,
  before: Delivery,
  { change, entry }: Pick<Wanted, 'change'> & { entry: (seen: Delivery) => JournalEntry },
): Promise<Delivery | undefined> {
  const seen = await store.findDelivery(before.id);
  if (!seen) return undefined;
  const isSame = seen.state === before.state || (isOpen(seen.state) && isOpen(before.state));
  if (!isSame) throw new Refusal(`${before.id} ${stateClause(seen.state)} by now`);
  const after = change(seen);
  await assertHasFile(store, after);
  return store.changeDelivery(seen, after, [entry(seen)]);
}

/** Nothing of a file that is gone comes back into the queue. */
export async function assertHasFile(
  store: CommandContext['store'],
  { id, post, state }: Delivery,
): Promise<void> {
  const stored = isOpen(state) ? await findPostOf(store, post) : undefined;
  if (stored?.goneAt !== undefined)
    throw new Refusal(`the file of ${id} was deleted. Put it back into the posts folder first`);
}
