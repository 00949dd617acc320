import { second } from '../../core/time.ts';
import { type ServiceFact, servicePrefix } from '../../flow/service.ts';
import type { CommandContext } from '../command.ts';

/** Four heartbeats of a service. */
const silentAfter = 40 * second;

type Asking = Pick<CommandContext, 'store' | 'clock' | 'isServing'>;

/**
 * The services with a recent heartbeat. If only one can hold the store: that one, while it does.
 */
export async function listServices({ store, clock, isServing }: Asking): Promise<ServiceFact[]> {
  if (isServing && !(await isServing())) return [];
  const facts = (await store.listFacts<ServiceFact>(servicePrefix))
    .map(({ value }) => value)
    .filter(({ beatAt }) => Math.abs(clock.now() - beatAt) < silentAfter);
  return isServing ? facts.sort((a, b) => b.startedAt - a.startedAt).slice(0, 1) : facts;
}

/** A service that holds the store counts even before its first heartbeat. */
export async function isRunning(context: Asking): Promise<boolean> {
  return context.isServing ? context.isServing() : (await listServices(context)).length > 0;
}
