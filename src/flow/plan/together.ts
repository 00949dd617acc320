import { type Delivery, deliveryId, openStates } from '../../core/delivery/delivery.ts';
import { pinnedInstant } from '../../core/delivery/terms.ts';
import type { PauseState } from '../../core/pause-state.ts';
import { type Company, commonSlots, type Member } from '../../core/schedule/common-slot.ts';
import { graceOf } from '../../core/schedule/openings.ts';
import type { Candidate } from '../../core/schedule/schedule-input.ts';
import type { Slot } from '../../core/schedule/slot.ts';
import type { Settings } from '../../core/settings.ts';
import type { Instant } from '../../core/time.ts';
import { readAccount, readPause } from '../facts.ts';
import {
  type AccountPlan,
  type OwnQueue,
  type Planning,
  type PlanOptions,
  planOwn,
  readOwnQueue,
} from './own-plan.ts';

/** What an account's plan shares with the others. */
export interface Common {
  /** By delivery of this account. */
  slots: ReadonlyMap<string, { at: Instant; why: string }>;
  /** By delivery of this account: why it is published by itself. */
  alone: ReadonlyMap<string, string>;
  /** Accounts whose stored slots are no longer those. */
  partners: string[];
}

const none: Common = { slots: new Map(), alone: new Map(), partners: [] };

/**
 * The slots that the posts of this account share with their other accounts. Whichever account is
 * planned, all of them are looked at in the same way, and it comes to the same.
 */
export async function findCommon(
  context: Planning,
  own: OwnQueue,
  options: PlanOptions,
): Promise<Common> {
  const { settings } = context;
  const mine = own.deliveries.filter((one) => isTogether(one, settings));
  if (!mine.length || settings.accounts.length < 2) return none;
  const sides = await readSides(context, own, options);
  const companies = companiesOf(sides);
  const siblings = await readSiblings(context, companies, mine);
  const open = companies.filter(({ run }) => !(siblings.get(run) ?? []).some(isOut));
  const shared = commonSlots(
    new Map(sides.map(({ queue }) => [queue.account, queue.input])),
    open.filter(({ members }) => members.length > 1),
  );
  return tellCommon(mine, {
    since: own.input.now - graceOf(own.input),
    account: own.account,
    sides,
    companies: new Map(open.map((one) => [one.run, one])),
    siblings,
    shared,
  });
}

export const withCommon = (one: Candidate, { slots }: Common): Candidate => {
  const common = slots.get(one.delivery);
  return common ? { ...one, common } : one;
};

/** Why it goes by itself stands behind the reason of its slot. */
export function tellAlone(plan: AccountPlan, { alone }: Common): AccountPlan {
  if (!alone.size) return plan;
  const slots = plan.schedule.slots.map((slot): Slot => {
    const why = alone.get(slot.delivery);
    return why === undefined ? slot : { ...slot, why: `${slot.why}; ${why}` };
  });
  return { ...plan, schedule: { ...plan.schedule, slots } };
}

/** A date and time is one already; a retry and a follow-up have a time of their own. */
function isTogether(one: Delivery, { cadences }: Pick<Settings, 'cadences'>): boolean {
  const { terms, account, pinnedAt, retryAt } = one;
  return (
    (terms.together ?? cadences[account]?.together ?? false) &&
    terms.followUp === undefined &&
    pinnedAt === undefined &&
    pinnedInstant(terms.pin) === undefined &&
    retryAt === undefined
  );
}

/** An account, as the others see it. */
interface Side {
  queue: OwnQueue;
  plan: AccountPlan;
  together: Delivery[];
  aside: Aside | undefined;
}

/** It holds nobody up: until when, and why. */
interface Aside {
  until: Instant;
  why: string;
}

async function readSides(context: Planning, own: OwnQueue, options: PlanOptions): Promise<Side[]> {
  const { settings, store } = context;
  const pauses = await readPause(store);
  const sides: Side[] = [];
  for (const { name } of settings.accounts) {
    const queue = name === own.account ? own : await readOwnQueue(context, name, options);
    const together = queue?.deliveries.filter((one) => isTogether(one, settings)) ?? [];
    if (!queue || !together.length) continue;
    const plan = await planOwn(context, queue, options);
    const aside = await findAside(context, name, pauses);
    sides.push({ queue, plan, together, aside });
  }
  return sides;
}

/** What stops one account alone. A pause of everything stops them all, and separates nothing. */
async function findAside(
  { store, clock }: Planning,
  name: string,
  { paused }: PauseState,
): Promise<Aside | undefined> {
  const own = paused[name];
  const now = clock.now();
  const until = own && (own.until ?? Infinity);
  if (until !== undefined && until > now) return { until, why: 'is paused' };
  const { backoffUntil = 0 } = await readAccount(store, name);
  return backoffUntil > now ? { until: backoffUntil, why: 'cannot be reached' } : undefined;
}

const runOf = ({ post, run }: Delivery): string => (run === 1 ? post : `${post}~${run}`);

function companiesOf(sides: readonly Side[]): Company[] {
  const byRun = new Map<string, Member[]>();
  for (const { queue, plan, together, aside } of sides) {
    const slots = new Map(plan.schedule.slots.map((slot) => [slot.delivery, slot]));
    const candidates = new Map(queue.candidates.map((one) => [one.delivery, one]));
    for (const one of together) {
      const [slot, candidate] = [slots.get(one.id), candidates.get(one.id)];
      // What is due later than that is not held up by it.
      const isAside = aside !== undefined && (one.at ?? slot?.at ?? 0) <= aside.until;
      if (!slot || !candidate || isAside) continue;
      const kept = one.state === 'planned' && one.openingAt === undefined ? { keptAt: one.at } : {};
      const member = { account: queue.account, candidate, at: slot.at, ...kept };
      byRun.set(runOf(one), [...(byRun.get(runOf(one)) ?? []), member]);
    }
  }
  return [...byRun].map(([run, members]) => ({ run, members }));
}

/** The posts' deliveries on all accounts, by run. */
async function readSiblings(
  { store, settings }: Planning,
  companies: readonly Company[],
  mine: readonly Delivery[],
): Promise<Map<string, Delivery[]>> {
  const runs = new Set(companies.map(({ run }) => run));
  for (const one of mine) runs.add(runOf(one));
  const ids = [...runs].flatMap((run) => {
    const [post = '', number = '1'] = run.split('~');
    return settings.accounts.map(({ name }) => deliveryId(post, name, Number(number)));
  });
  return Map.groupBy(await store.listDeliveries({ ids }), runOf);
}

const isOut = ({ state, startedAt }: Delivery): boolean =>
  startedAt !== undefined &&
  (state === 'releasing' || state === 'released' || state === 'uncertain');

interface Found {
  /** What was published later is a moment ago. */
  since: Instant;
  account: string;
  sides: readonly Side[];
  companies: ReadonlyMap<string, Company>;
  siblings: ReadonlyMap<string, Delivery[]>;
  /** By run. */
  shared: ReadonlyMap<string, Instant>;
}

function tellCommon(mine: readonly Delivery[], found: Found): Common {
  const slots = new Map<string, { at: Instant; why: string }>();
  const alone = new Map<string, string>();
  const partners = new Set<string>();
  for (const one of mine) {
    const others = (found.siblings.get(runOf(one)) ?? []).filter(({ id }) => id !== one.id);
    if (!others.length) continue;
    const at = sharedAt(one, others, found);
    if (at === undefined) alone.set(one.id, whyAlone(one, others, found));
    else slots.set(one.id, { at, why: tellShared(one, others, found) });
    for (const other of at === undefined ? [] : others)
      if (isMember(other, found) && other.at !== at) partners.add(other.account);
  }
  return { slots, alone, partners: [...partners] };
}

const isMember = (one: Delivery, { companies }: Found): boolean =>
  companies.get(runOf(one))?.members.some(({ account }) => account === one.account) ?? false;

/** The others' release of a moment ago is joined; one of long ago is not. */
function sharedAt(one: Delivery, others: readonly Delivery[], found: Found): Instant | undefined {
  const side = found.sides.find(({ queue }) => queue.account === one.account);
  const out = others.find(isOut);
  if (!out) return isMember(one, found) ? found.shared.get(runOf(one)) : undefined;
  const at = out.at ?? out.startedAt ?? 0;
  const isNear = at > found.since && at >= (side?.aside?.until ?? 0);
  return isNear && one.state === 'planned' && one.at === at ? at : undefined;
}

const names = (some: readonly { account: string }[]): string =>
  some.map(({ account }) => account).join(' and ');

function tellShared(one: Delivery, others: readonly Delivery[], found: Found): string {
  const out = others.filter(isOut);
  if (out.length) return `together with ${names(out)}, which began a moment ago`;
  const members = others.filter((other) => isMember(other, found));
  const missing = others.filter((other) => !members.includes(other));
  const left = missing.map((other) => `; not with ${other.account}: ${whyMissing(other, found)}`);
  const rule = 'the earliest time that all of them allow';
  return `together with ${names(members)}, ${rule}${left.join('')}`;
}

function whyMissing(other: Delivery, { sides }: Found): string {
  const side = sides.find(({ queue }) => queue.account === other.account);
  if (side?.aside) return `it ${side.aside.why}`;
  const unplaced = side?.plan.schedule.unplaced.find(({ delivery }) => delivery === other.id);
  if (unplaced) return unplaced.reason;
  if (other.terms.held) return other.terms.held.text;
  return openStates.some((state) => state === other.state)
    ? 'it has a time of its own'
    : `it is ${other.state}`;
}

function whyAlone(one: Delivery, others: readonly Delivery[], found: Found): string {
  const own = found.sides.find(({ queue }) => queue.account === one.account)?.aside;
  if (own) return `not together with the others, since ${one.account} ${own.why}`;
  const out = others.filter(isOut);
  if (out.length) return `not together with ${names(out)}, where it was published before`;
  const members = others.filter((other) => isMember(other, found));
  if (members.length && isMember(one, found))
    return `not together with ${names(members)}: no time within the plan suits all of them`;
  const missing = others.map((other) => `${other.account}: ${whyMissing(other, found)}`);
  return `not together with ${missing.join('; ')}`;
}
