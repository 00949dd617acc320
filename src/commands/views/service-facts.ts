import { beatEvery, type ServiceFact, servicePrefix } from '../../flow/service-fact.ts';
import { type Clock, reallyFor } from '../../ports/clock.ts';
import { plural } from '../../core/plural.ts';
import type { CommandContext, ConfigNow } from '../command.ts';

/** Four heartbeats of a service. */
export const silentAfter = 4 * beatEvery;

/** How the configuration has changed since a service started; undefined: it has not. */
export function readConfigChange(
  { config }: Pick<ServiceFact, 'config'>,
  { configNow }: Pick<CommandContext, 'configNow'>,
): ConfigChange | undefined {
  const now = config === undefined ? undefined : configNow?.();
  if (now === undefined || now.mark === config) return undefined;
  // Only where: what is written there may be a secret.
  return { faults: now.faults.length, firstFault: now.faults[0]?.where ?? '' };
}

export interface ConfigChange {
  faults: ConfigNow['faults']['length'];
  firstFault: string;
}

export function tellConfigChange({ faults, firstFault }: ConfigChange): string {
  const changed = 'The configuration has changed since the start';
  if (!faults) return `${changed}. It is valid: restart Dripline to use it`;
  const what = `${changed}, and it has ${plural(faults, 'error')}, the first at ${firstFault}`;
  const todo = 'To list the errors: `dripline check`. Correct them before the next start';
  return `${what.replace(/:$/, '')}. Dripline works with the one that it started with. ${todo}`;
}

type Asking = Pick<CommandContext, 'store' | 'clock' | 'isServing'>;

const ageOn = (clock: Clock, { beatAt }: ServiceFact) =>
  Math.abs(reallyFor(clock, clock.now() - beatAt));

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
  return facts.filter((fact) => ageOn(clock, fact) < silentAfter);
}

/** Since the newest heartbeat of any service, in milliseconds; undefined: there was none. */
export async function ageOfServices(context: Asking): Promise<number | undefined> {
  const ages = (await readServices(context)).map((fact) => ageOn(context.clock, fact));
  return ages.length > 0 ? Math.min(...ages) : undefined;
}

/** A service that holds the store counts even before its first heartbeat. */
export async function isRunning(context: Asking): Promise<boolean> {
  return context.isServing ? context.isServing() : (await listServices(context)).length > 0;
}
