import { openStates } from '../core/delivery/delivery.ts';
import type { Instant } from '../core/time.ts';
import type { CommandContext } from './command.ts';

/** Of the configuration, of the queue, and of what was published since then; sorted. */
export async function listCampaigns(
  { settings, store }: Pick<CommandContext, 'settings' | 'store'>,
  since: Instant,
): Promise<string[]> {
  const states = [...openStates, 'releasing', 'uncertain', 'failed'] as const;
  const found = await Promise.all([
    store.listDeliveries({ states, order: 'at' }),
    store.listDeliveries({ states: ['released'], startedSince: since, order: '-startedAt' }),
  ]);
  const used = found.flat().flatMap(({ terms }) => terms.campaign ?? []);
  return [...new Set([...Object.keys(settings.campaigns), ...used])].sort();
}
