import { setTimeout as delay } from 'node:timers/promises';
import { type Delivery, isOpen } from '../../core/delivery/delivery.ts';
import { urged } from '../../core/delivery/moves.ts';
import { formatLocal, second } from '../../core/time.ts';
import { readAccount } from '../../flow/facts.ts';
import { approvalMissing } from '../../flow/plan/candidates.ts';
import { changeAll } from '../change.ts';
import { type Command, type CommandContext, type Reply, WrongUsage } from '../command.ts';
import { busy, findDeliveries, pickApplicable, whyNothingGoesOut } from '../find.ts';
import { isRunning, listServices } from '../views/service-facts.ts';

export const now: Command = {
  name: 'now',
  args: '<id>',
  help: 'release at once (asks first)',
  examples: ['now hello@bsky', 'now hello --yes'],
  options: [
    { name: '--yes', help: 'do not ask' },
    { name: '--wait', value: '<seconds>', help: 'how long to wait for the outcome (60)' },
  ],
  confirm: ({ args }) => `Release ${args[0]} at once?`,
  async run(context, { args, options }) {
    const { clock } = context;
    const seconds = Number(options['wait'] ?? 60);
    if (!(seconds >= 0 && seconds <= 86_400))
      throw new WrongUsage('--wait takes a number of seconds, such as 60');
    const found = await findDeliveries(context, args[0]);
    const held = await whyNothingGoesOut(context, found);
    const deliveries = pickApplicable(found, 'release now', (one) => whyNot(one, held));
    const changed = await changeAll(context, {
      verb: 'now',
      type: 'now',
      deliveries,
      text: (one) => `${one.id} is to be published at once`,
      change: (one) => urged(one, { now: clock.now(), why: `now, said by ${context.by}` }),
    });
    return tellOutcome(context, changed, seconds);
  },
};

function whyNot(one: Delivery, held: ReadonlyMap<string, string>): string | undefined {
  const { id, receipts, terms } = one;
  const parts = receipts.length === 1 ? '1 part' : `${receipts.length} parts`;
  return (
    busy(one) ??
    (one.state === 'released' ? 'is released' : undefined) ??
    held.get(one.account) ??
    (terms.held && `is held: ${terms.held.text}`) ??
    approvalMissing(one)?.text ??
    (receipts.length ? `has ${parts} out: say \`retry ${id}\`` : undefined)
  );
}

/** The service does it; this waits and tells what came of it. */
async function tellOutcome(
  context: CommandContext,
  wanted: Delivery[],
  seconds: number,
): Promise<Reply> {
  const ids = wanted.map(({ id }) => id);
  const end = performance.now() + seconds * second;
  const isRunningNow = await isRunning(context);
  const look = async () => {
    const seen = await context.store.listDeliveries({ ids });
    const pending = seen.filter(({ state }) => isOpen(state) || state === 'releasing');
    const left = await whyLeftAlone(
      context,
      new Set(pending.map(({ account }) => account)),
      end - performance.now(),
    );
    return { seen, left, isPending: pending.some(({ account }) => !left.has(account)) };
  };
  let { seen, left, isPending } = await look();
  while (isRunningNow && isPending && performance.now() < end) {
    await delay(200);
    ({ seen, left, isPending } = await look());
  }
  const lines = seen.map(
    (one) =>
      `${one.id}: ${one.state}${one.receipts[0] ? ` ${one.receipts[0].url}` : ''}${one.state !== 'released' && one.reason ? ` (${one.reason})` : ''}`,
  );
  if (!isRunningNow)
    lines.push('No service is running: it goes out when one starts within 15 minutes (npm start).');
  else if (isPending)
    lines.push(
      `Not finished after ${seconds} s: look again with \`show\`.`,
      ...(await listServices(context)).flatMap(({ heldBecause }) =>
        heldBecause ? [`The service holds: ${heldBecause}`] : [],
      ),
    );
  if (isRunningNow) lines.push(...left.values());
  return {
    text: lines.join('\n'),
    json: seen.map((one) => ({
      delivery: one.id,
      state: one.state,
      url: one.receipts[0]?.url,
      reason: one.reason,
    })),
    hasFailed: seen.some(({ state }) =>
      ['failed', 'uncertain', 'missed', 'expired'].includes(state),
    ),
  };
}

/**
 * A network that asked us to wait, or cannot be reached, is not asked before its time: where that
 * is longer than anybody waits here, why.
 */
async function whyLeftAlone(
  { store, clock, settings }: CommandContext,
  accounts: Set<string>,
  waitFor: number,
): Promise<Map<string, string>> {
  const left = new Map<string, string>();
  for (const account of accounts) {
    const { backoffUntil = 0, lastError } = await readAccount(store, account);
    if (backoffUntil > clock.now() + Math.max(0, waitFor))
      left.set(
        account,
        `${account} is asked again ${formatLocal(backoffUntil, settings.zone)}${lastError === undefined ? '' : `: ${lastError}`}`,
      );
  }
  return left;
}
