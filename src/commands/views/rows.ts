import { type Delivery, isOpen, openStates, type State } from '../../core/delivery/delivery.ts';
import { planned } from '../../core/delivery/moves.ts';
import { pickDefined } from '../../core/pick-defined.ts';
import type { Network } from '../../core/network/network.ts';
import type { Slot } from '../../core/schedule/slot.ts';
import { day, toIso } from '../../core/time.ts';
import { describeUploads } from '../../flow/uploads/describe-uploads.ts';
import type { CommandContext } from '../command.ts';

const queueStates: readonly State[] = ['releasing', 'uncertain', ...openStates];

export interface QueueRow {
  delivery: string;
  post: string;
  account: string;
  network: Network;
  state: State;
  at?: string;
  why?: string;
  reason?: string;
}

export function toRow(one: Delivery): QueueRow {
  return pickDefined({
    delivery: one.id,
    post: one.post,
    account: one.account,
    network: one.network,
    state: one.state,
    at: one.at === undefined ? undefined : toIso(one.at),
    why: one.why,
    reason: one.reason,
  });
}

/** The table has the day beside it, and `show` has the figures. */
export const inShort = (why: string | undefined) =>
  why
    ?.split(joint)
    .map((one) =>
      one
        .replace(/^(slot \d+ of \d+) on \w+ \d+ \w+/, '$1')
        .replace(/: about ([\d.]+) times .*; (no real difference|confidence \w+).*$/, ': ×$1, $2'),
    )
    .join(joint);

const joint = ' · ';

/** With how far their videos are, where those are under way. */
export const withUploads = (
  { store, clock }: Pick<CommandContext, 'store' | 'clock'>,
  deliveries: readonly Delivery[],
): Promise<Delivery[]> =>
  Promise.all(
    deliveries.map(async (one): Promise<Delivery> => {
      if (one.state !== 'planned') return one;
      const uploads = await describeUploads(store, one, clock.now());
      if (!uploads || uploads.is === 'ahead') return one;
      return { ...one, why: [one.why ?? [], uploads.text].flat().join(joint) };
    }),
  );

export interface QueueOptions {
  account?: string | undefined;
  /** Only what is scheduled within this many days. */
  days?: number | undefined;
}

/** What is in progress or ahead: scheduled ones by their slot, then the rest in queue order. */
export async function listQueue(
  context: CommandContext,
  { account, days }: QueueOptions,
): Promise<Delivery[]> {
  const { store, clock } = context;
  const rows = await store.listDeliveries(
    pickDefined({ states: queueStates, order: 'rank' as const, account }),
  );
  const ahead = days === undefined ? undefined : days * day;
  const slots: ReadonlyMap<string, Slot> =
    ahead === undefined ? new Map() : await slotsBeyond(context, account, ahead);
  const withSlots = rows.map((one): Delivery => {
    const slot = slots.get(one.id);
    return slot && isOpen(one.state) ? planned(one, slot) : one;
  });
  const until = ahead === undefined ? Infinity : clock.now() + ahead;
  return withSlots
    .filter((one) => ahead === undefined || (one.at !== undefined && one.at <= until))
    .sort((a, b) => order(a) - order(b) || (a.at ?? 0) - (b.at ?? 0));
}

function order({ state }: Delivery): number {
  if (state === 'releasing' || state === 'uncertain') return 0;
  return state === 'planned' ? 1 : 2;
}

/** Slots beyond the stored horizon are computed. */
async function slotsBeyond(
  context: CommandContext,
  account: string | undefined,
  ahead: number,
): Promise<ReadonlyMap<string, Slot>> {
  const { horizonFor } = await import('../../flow/plan/own-plan.ts');
  if (ahead <= horizonFor) return new Map();
  const { computePlan } = await import('../../flow/plan/plan.ts');
  const names = context.settings.accounts
    .map(({ name }) => name)
    .filter((name) => account === undefined || name === account);
  const plans = await Promise.all(names.map((name) => computePlan(context, name, { ahead })));
  return new Map(
    plans.flatMap(({ schedule }) => schedule.slots.map((slot) => [slot.delivery, slot])),
  );
}
