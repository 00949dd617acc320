import { keys } from '../flow/facts.ts';
import { beatEvery, type ServiceFact } from '../flow/service.ts';
import type { CommandContext } from './command.ts';

/** The services that said something lately. */
export async function listServices({ store, clock }: Pick<CommandContext, 'store' | 'clock'>): Promise<ServiceFact[]> {
  const facts = await store.listFacts<ServiceFact>(keys.service(''));
  return facts.map(({ value }) => value).filter(({ beatAt }) => Math.abs(clock.now() - beatAt) < 4 * beatEvery);
}
