import type { Account } from '../core/network/account.ts';
import type { Settings } from '../core/settings.ts';
import type { Instant } from '../core/time.ts';
import { type AccountFact, accountKey } from '../flow/facts.ts';
import { openCostLedger } from '../flow/spend/spend.ts';
import type { CostLedger } from '../ports/cost-ledger.ts';
import type { Crowd } from './audience/crowd.ts';
import { type Audience, openAudience } from './audience/rehearsal-audience.ts';
import { play } from './driver.ts';
import { type Outcome, readOutcome } from './outcome.ts';
import { openContext } from './rehearsal-context.ts';
import type { Start, StartInput } from './rehearsal-start.ts';
import { fillStore } from './snapshot.ts';
import { openLocalPublisher } from './virtual/local-publisher.ts';
import { openVirtualClock, type VirtualClock } from './virtual/virtual-clock.ts';

export interface Stage {
  start: Start;
  crowds: readonly Crowd[];
  seed: number;
  until: Instant;
  /** Called with the instant that has been reached. */
  tell: (at: Instant) => Promise<void>;
  notes: string[];
}

/** Plays the queue until the end, with the pacing of these settings. */
export async function playMode(
  input: Omit<StartInput, 'own'>,
  { start, crowds, seed, until, tell, notes }: Stage,
): Promise<Outcome> {
  const { settings, openStore, now } = input;
  await using store = openStore();
  await fillStore(store, start);
  const clock = openVirtualClock(now);
  const audience = openAudience(seed, crowds);
  const ledger = openCostLedger({ store, clock, settings });
  const publishers = openPublishers(settings, start, { clock, audience, ledger });
  const context = { ...openContext(input, { store, clock, notes }), publishers };
  const dryAt = await play({ context, clock, alarms: context.alarms, until, onDay: tell });
  const settled = start.deliveries.filter(
    ({ state }) => !['waiting', 'queued', 'planned'].includes(state),
  );
  const known = new Set(settled.map(({ id }) => id));
  return readOutcome(store, { audience, from: now, known, dryAt });
}

interface World {
  clock: VirtualClock;
  audience: Audience;
  ledger: CostLedger;
}

/** A publisher for each account; the audience knows what was released before. */
function openPublishers({ accounts }: Settings, start: Start, world: World) {
  const open = (account: Account) => {
    const earlier = start.earlier.get(account.name) ?? [];
    for (const one of earlier) world.audience.hear(account.name, one);
    const fact = start.facts.find(({ key }) => key === accountKey(account.name));
    const { identity, limits } = (fact?.value ?? {}) as Partial<AccountFact>;
    return openLocalPublisher({ account, ...world, earlier, identity, limits });
  };
  return new Map(accounts.map((account) => [account.name, open(account)]));
}
