import type { JournalEntry } from '../../../core/journal.ts';
import { hour, type Instant, minute, second } from '../../../core/time.ts';
import { within } from '../../../ports/deadline.ts';
import { isRefusedForGood } from '../../../ports/notice-channel.ts';
import { makeEntry } from '../../context.ts';
import { changeFact, factKey } from '../../facts.ts';
import type { PeopleContext } from '../people-context.ts';
import { handsOver, readLead } from './read-lead.ts';

/** Older ones are told; of what is younger, `told` says which. */
interface Telling {
  from: Instant;
  told: Record<string, Instant>;
  failures: number;
  nextAt: Instant;
}

const fact = factKey<Telling | undefined>('leads:hook', undefined);

/** Entries of other processes may come so late. */
const overlap = 10 * minute;
const sendFor = 20 * second;
const retryFor = (failures: number) => Math.min(hour, 15 * second * 2 ** failures);
const tellAfter = 3;

/** Every hand-over, until the other side has it: each under the same id, however often. */
export async function tellLeads(context: PeopleContext, signal: AbortSignal): Promise<void> {
  const { store, clock, leadHook } = context;
  if (!leadHook) return;
  const now = clock.now();
  // Whoever was handed over before this was set is not told.
  const state = await changeFact(store, fact, (before) =>
    before ? undefined : { from: now, told: {}, failures: 0, nextAt: now },
  );
  if (!state || (state.nextAt > now && state.nextAt <= now + hour)) return;
  const found = await store.listJournal({ since: state.from, types: ['handed-over'] });
  const waiting = found.filter((entry) => handsOver(entry) && state.told[entry.id] === undefined);
  for (const entry of waiting) {
    if (signal.aborted || !(await tellOne(context, entry, signal))) return;
  }
  await changeFact(store, fact, (before) => before && tidied(before, clock.now()));
}

/** What is older than the overlap needs no name any more. */
function tidied(before: Telling, now: Instant): Telling | undefined {
  const from = Math.max(before.from, now - overlap);
  const kept = Object.entries(before.told).filter(([, at]) => at >= from);
  if (kept.length === Object.keys(before.told).length) return undefined;
  return { ...before, from, told: Object.fromEntries(kept) };
}

/** False: it is tried again later, and so is what comes behind it. */
async function tellOne(
  context: PeopleContext,
  entry: JournalEntry,
  signal: AbortSignal,
): Promise<boolean> {
  const { store, clock, leadHook } = context;
  try {
    const lead = await readLead(store, entry, clock.now());
    if (lead)
      await within({ signal, limitFor: sendFor }, async (inTime) => leadHook?.send(lead, inTime));
  } catch (error) {
    if (signal.aborted) return false;
    const why = error instanceof Error ? error.message : String(error);
    if (!isRefusedForGood(error)) return putOff(context, entry, why);
    await tell(context, `leads:refused:${entry.id}`, `${entry.person} was not told: ${why}`);
  }
  await changeFact(store, fact, (before) => {
    if (!before) return undefined;
    return { ...before, failures: 0, told: { ...before.told, [entry.id]: entry.at } };
  });
  return true;
}

async function putOff(context: PeopleContext, { id, person }: JournalEntry, why: string) {
  const { store, clock } = context;
  const now = clock.now();
  const state = await changeFact(store, fact, (before) => {
    if (!before) return undefined;
    const failures = before.failures + 1;
    return { ...before, failures, nextAt: now + retryFor(failures) };
  });
  if (state?.failures === tellAfter) {
    const text = `leads.webhook cannot be reached: ${why}. ${person} is told as soon as it can`;
    await tell(context, `leads:down:${id}`, text);
  }
  return false;
}

const tell = (context: PeopleContext, id: string, text: string): Promise<unknown> =>
  context.store.appendJournal([makeEntry(context, 'notice', { id, text })]);
