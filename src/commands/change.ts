import { randomUUID } from 'node:crypto';
import type { Delivery } from '../core/delivery/delivery.ts';
import type { EntryType, JournalEntry } from '../core/journal.ts';
import type { PauseState } from '../core/pause.ts';
import { Refusal } from '../core/problem.ts';
import { nudge } from '../flow/facts.ts';
import type { CommandContext } from './command.ts';

/** What `undo` needs of a command: what was there before. */
export interface Undoable {
  command: string;
  verb: string;
  before: Delivery[];
  pause?: PauseState;
  /** What was paused or resumed: `*`, or names of accounts. */
  scopes?: string[];
}

export function commandEntry(
  { clock, by }: CommandContext,
  type: EntryType,
  text: string,
  data: Undoable,
  about: Partial<JournalEntry> = {},
): JournalEntry {
  return {
    id: `${data.command}:${about.delivery ?? ''}`,
    at: clock.now(),
    type,
    by,
    text,
    data: { ...data },
    ...about,
  };
}

interface Wanted {
  verb: string;
  type: EntryType;
  deliveries: Delivery[];
  /** The delivery as it should be. */
  change: (before: Delivery) => Delivery;
  text: (before: Delivery) => string;
}

/**
 * Changes each delivery with one conditional write, journals who said it, and wakes the service.
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
    const after = await retried(() =>
      tryChange(context, before, change, (seen) =>
        commandEntry(context, type, text(seen), { ...data, before: [seen] }, about),
      ),
    );
    if (!after)
      throw new Refusal(
        `${before.id} is being changed by somebody else just now: look at it with \`show ${before.id}\` and say it again`,
      );
    changed.push(after);
  }
  await nudge(store);
  return changed;
}

async function retried<T>(work: () => Promise<T | undefined>): Promise<T | undefined> {
  for (let tries = 0; tries < 5; tries++) {
    const done = await work();
    if (done !== undefined) return done;
  }
  return undefined;
}

/**
 * The planner writes too: as long as the delivery is in the state that was looked at, its newer
 * revision will do.
 */
async function tryChange(
  { store }: CommandContext,
  before: Delivery,
  change: Wanted['change'],
  entry: (seen: Delivery) => JournalEntry,
): Promise<Delivery | undefined> {
  const seen = await store.findDelivery(before.id);
  if (!seen) return undefined;
  const isSame =
    seen.state === before.state || (isPlanners(seen.state) && isPlanners(before.state));
  if (!isSame) throw new Refusal(`${before.id} is ${seen.state} by now`);
  return store.changeDelivery(seen, change(seen), [entry(seen)]);
}

const isPlanners = (state: Delivery['state']) =>
  state === 'queued' || state === 'planned' || state === 'waiting';
