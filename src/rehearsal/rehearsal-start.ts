import type { Delivery } from '../core/delivery/delivery.ts';
import { plural } from '../core/plural.ts';
import { hasErrors } from '../core/problem.ts';
import type { Settings } from '../core/settings.ts';
import { day, type Instant } from '../core/time.ts';
import { problemsFact, readFact } from '../flow/facts.ts';
import { rescan } from '../flow/ingest/scan.ts';
import { meetAccounts } from '../flow/service.ts';
import type { FolderSource } from '../ports/source.ts';
import type { Store } from '../ports/store.ts';
import { openContext } from './rehearsal-context.ts';
import { fillStore, readSnapshot, resumeAll, type Snapshot } from './snapshot.ts';
import type { Earlier } from './virtual/local-publisher.ts';
import { openVirtualClock } from './virtual/virtual-clock.ts';

export interface Start extends Snapshot {
  /** Releases of the last weeks, by account, oldest first. */
  earlier: Map<string, Earlier[]>;
}

export interface StartInput {
  settings: Settings;
  folder: FolderSource;
  /** Only read; absent: there is none yet. */
  own: Store | undefined;
  /** An empty store in memory. */
  openStore: () => Store;
  now: Instant;
}

/**
 * The store as a service would have it after its start: its own posts and history, and the folder
 * as it is now.
 */
export async function prepareStart(input: StartInput, notes: string[]): Promise<Start> {
  const { own, openStore, now, settings } = input;
  await using store = openStore();
  if (own) {
    const snapshot = await readSnapshot(own, now);
    const resumed = resumeAll(snapshot.facts, now);
    notes.push(...resumed.notes);
    await fillStore(store, { ...snapshot, facts: resumed.facts });
  }
  const context = openContext(input, { store, clock: openVirtualClock(now), notes });
  await meetAccounts(context);
  await rescan(context);
  const snapshot = await readSnapshot(store, now);
  const problems = await readFact(store, problemsFact);
  const broken = Object.values(problems).filter(hasErrors).length;
  if (broken) {
    const files = `${plural(broken, 'file')} of the posts folder`;
    notes.push(`${files} cannot be used: \`dripline check\` says why.`);
  }
  return { ...snapshot, earlier: findEarlier(snapshot, settings, now) };
}

/** Older releases have their final numbers, and no longer tire the audience. */
const earlierFor = 30 * day;

function findEarlier(
  { deliveries, samples }: Snapshot,
  { accounts }: Settings,
  now: Instant,
): Start['earlier'] {
  const newest = new Map(samples.map((sample) => [sample.delivery, sample.counts]));
  const isEarlier = ({ state, startedAt = 0, goneAt, measureAt }: Delivery) =>
    state === 'released' &&
    goneAt === undefined &&
    (startedAt > now - earlierFor || measureAt !== undefined);
  const toEarlier = ({ id, post, receipts, terms, startedAt = 0 }: Delivery): Earlier => ({
    delivery: id,
    post,
    at: startedAt,
    receipts,
    counts: newest.get(id) ?? {},
    isRepost: terms.followUp?.as === 'repost',
  });
  const earlier = deliveries.filter(isEarlier);
  const of = (name: string) => earlier.filter(({ account }) => account === name).map(toEarlier);
  return new Map(accounts.map(({ name }) => [name, of(name).sort((a, b) => a.at - b.at)]));
}
