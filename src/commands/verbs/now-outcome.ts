import { setTimeout as delay } from 'node:timers/promises';
import { type Delivery, isOpen, type State } from '../../core/delivery/delivery.ts';
import { plural } from '../../core/plural.ts';
import { formatLocal, type Instant, second } from '../../core/time.ts';
import { readAccount } from '../../flow/facts.ts';
import type { CommandContext, Reply } from '../command.ts';
import { stateName } from '../publishing-words.ts';
import { isRunning, listServices } from '../views/service-facts.ts';

interface Seen {
  deliveries: Delivery[];
  /** For each account that will not be tried while this waits: why. */
  waiting: ReadonlyMap<string, string>;
  isPending: boolean;
}

/** The service publishes; this waits for so many seconds at most, and reports the outcome. */
export async function awaitOutcome(
  context: CommandContext,
  wanted: Delivery[],
  seconds: number,
): Promise<Reply> {
  const ids = wanted.map(({ id }) => id);
  const end = performance.now() + seconds * second;
  const isServed = await isRunning(context);
  let seen = await look(context, ids, end - performance.now());
  while (isServed && seen.isPending && performance.now() < end) {
    await delay(200);
    seen = await look(context, ids, end - performance.now());
  }
  const notes = isServed
    ? [...(seen.isPending ? await tellPending(context, seconds) : []), ...seen.waiting.values()]
    : ['No service is running. If one starts within 15 minutes (npm start), it will publish this.'];
  return {
    text: [...seen.deliveries.map(tellOutcome), ...notes].join('\n'),
    json: seen.deliveries.map(({ id, state, receipts, reason }) => ({
      delivery: id,
      state,
      url: receipts[0]?.url,
      reason,
    })),
    hasFailed: seen.deliveries.some(({ state }) => failures.includes(state)),
  };
}

const failures: readonly State[] = ['failed', 'uncertain', 'missed', 'expired'];

async function look(context: CommandContext, ids: string[], waitFor: number): Promise<Seen> {
  const deliveries = await context.store.listDeliveries({ ids });
  const pending = deliveries.filter(({ state }) => isOpen(state) || state === 'releasing');
  const accounts = new Set(pending.map(({ account }) => account));
  const until = context.clock.now() + Math.max(0, waitFor);
  const waiting = await whyWaiting(context, accounts, until);
  return { deliveries, waiting, isPending: pending.some(({ account }) => !waiting.has(account)) };
}

/** A network that asked for a pause, or cannot be reached, is not tried before its time. */
async function whyWaiting(
  { store, settings }: CommandContext,
  accounts: Set<string>,
  until: Instant,
): Promise<Map<string, string>> {
  const waiting = new Map<string, string>();
  for (const account of accounts) {
    const { backoffUntil = 0, lastError } = await readAccount(store, account);
    if (backoffUntil <= until) continue;
    const cause = lastError === undefined ? '' : `: ${lastError}`;
    const at = formatLocal(backoffUntil, settings.zone);
    waiting.set(account, `Dripline will try ${account} again on ${at}${cause}`);
  }
  return waiting;
}

function tellOutcome({ id, state, receipts: [first], reason }: Delivery): string {
  const url = first ? ` ${first.url}` : '';
  const why = state !== 'released' && reason ? ` (${reason})` : '';
  return `${id}: ${stateName(state)}${url}${why}`;
}

async function tellPending(context: CommandContext, seconds: number): Promise<string[]> {
  const services = await listServices(context);
  return [
    `Not finished after ${plural(seconds, 'second')}. Check again with \`show\`.`,
    ...services.flatMap(({ heldBecause }) =>
      heldBecause ? [`Publishing is on hold: ${heldBecause}`] : [],
    ),
  ];
}
