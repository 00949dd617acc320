import type { Instant } from '../../core/time.ts';
import { beatEvery, type ServiceFact, servicePrefix } from '../../flow/service-fact.ts';
import type { CommandContext } from '../command.ts';

/** Four heartbeats of a service. */
export const silentAfter = 4 * beatEvery;

type Asking = Pick<CommandContext, 'store' | 'clock' | 'isServing'>;

const ageAt = ({ beatAt }: ServiceFact, now: Instant) => Math.abs(now - beatAt);

async function readServices({ store }: Asking): Promise<ServiceFact[]> {
  return (await store.listFacts<ServiceFact>(servicePrefix)).map(({ value }) => value);
}

/**
 * The services with a recent heartbeat. If only one can hold the store: that one, while it does,
 * however long it has been silent.
 */
export async function listServices(context: Asking): Promise<ServiceFact[]> {
  const { clock, isServing } = context;
  if (isServing && !(await isServing())) return [];
  const facts = await readServices(context);
  if (isServing) return facts.sort((a, b) => b.startedAt - a.startedAt).slice(0, 1);
  return facts.filter((fact) => ageAt(fact, clock.now()) < silentAfter);
}

/** Since the newest heartbeat of any service, in milliseconds; undefined: there was none. */
export async function ageOfServices(context: Asking): Promise<number | undefined> {
  const ages = (await readServices(context)).map((fact) => ageAt(fact, context.clock.now()));
  return ages.length > 0 ? Math.min(...ages) : undefined;
}

/** A service that holds the store counts even before its first heartbeat. */
export async function isRunning(context: Asking): Promise<boolean> {
  return context.isServing ? context.isServing() : (await listServices(context)).length > 0;
}
