import type { Delivery } from '../core/delivery/delivery.ts';
import type { Sample } from '../core/engagement.ts';
import type { JournalEntry } from '../core/journal.ts';
import type { PauseState } from '../core/pause-state.ts';
import { day, type Instant } from '../core/time.ts';
import { pickDefined } from '../core/pick-defined.ts';
import { type AccountFact, accountOfKey, pauseFact } from '../flow/facts.ts';
import type { Fact, Store, StoredPost } from '../ports/store.ts';

/** Everything that decides what is released, read once. */
export interface Snapshot {
  posts: StoredPost[];
  deliveries: Delivery[];
  samples: Sample[];
  facts: Fact[];
  entries: JournalEntry[];
}

/** Older entries no longer decide anything. */
const recentFor = 15 * day;

export async function readSnapshot(store: Store, now: Instant): Promise<Snapshot> {
  const ids = (await store.listPostMarks()).map(({ id }) => id);
  const [posts, deliveries, samples, facts, entries] = await Promise.all([
    store.findPosts(ids),
    store.listDeliveries({}),
    store.listSamples({}),
    store.listFacts<unknown>(''),
    store.listJournal({ since: now - recentFor }),
  ]);
  return { posts, deliveries, samples, facts, entries };
}

export async function fillStore(
  store: Store,
  { posts, deliveries, samples, facts, entries }: Snapshot,
): Promise<void> {
  await store.savePosts(posts);
  await store.addDeliveries(deliveries);
  await store.addSamples(samples);
  await store.appendJournal(entries);
  for (const { key, value } of facts) await store.putFact(key, value, 0);
}

/**
 * Resumes what waits for a person: pauses without an end, the first start, held accounts. The notes
 * say so.
 */
export function resumeAll(
  facts: readonly Fact[],
  now: Instant,
): { facts: Fact[]; notes: string[] } {
  const notes: string[] = [];
  const resumed = facts.flatMap((fact): Fact[] => {
    if (fact.key === pauseFact.key)
      return [{ ...fact, value: withoutPauses(fact.value as PauseState, now, notes) }];
    if (accountOfKey(fact.key) !== undefined) return [{ ...fact, value: withoutHold(fact, notes) }];
    return /^(service:|nudge$)/.test(fact.key) ? [] : [fact];
  });
  return { facts: resumed, notes };
}

function withoutPauses(state: PauseState, now: Instant, notes: string[]): PauseState {
  const endless = Object.entries(state.paused).filter(([, pause]) => pause.until === undefined);
  if (state.isFirstStart)
    notes.push('The first start waits for `resume`: the rehearsal assumes it now.');
  else if (endless.length) {
    const what = endless.map(([scope]) => (scope === '*' ? 'everything' : scope)).join(', ');
    notes.push(`Paused until resumed (${what}): the rehearsal assumes \`resume\` now.`);
  }
  const ending = Object.entries(state.paused).filter(([, pause]) => pause.until !== undefined);
  const resumed = Object.fromEntries(endless.map(([scope]) => [scope, now]));
  return {
    ...state,
    paused: Object.fromEntries(ending),
    resumedAt: { ...state.resumedAt, ...resumed },
    isFirstStart: false,
  };
}

function withoutHold({ key, value }: Fact, notes: string[]): AccountFact {
  const { identity, limits, heldBecause } = value as AccountFact;
  const name = accountOfKey(key) ?? key;
  if (heldBecause !== undefined)
    notes.push(`${name} is held (${heldBecause}): the rehearsal assumes that it is not.`);
  return pickDefined({ failures: 0, identity, limits });
}
