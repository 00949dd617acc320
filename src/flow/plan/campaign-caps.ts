import { pickDefined } from '../../core/pick-defined.ts';
import type { Delivery } from '../../core/delivery/delivery.ts';
import {
  type Touch,
  type Touches,
  touchesOf,
  usualMostAWeek,
  usualTouches,
} from '../../core/pacing/count-touches.ts';
import type { Schedule, Slot, Unplaced } from '../../core/schedule/slot.ts';
import type { Candidate } from '../../core/schedule/schedule-input.ts';
import { formatLocal } from '../../core/time.ts';
import { type Context, makeEntry } from '../context.ts';
import { readPeople } from '../measure/find-replies.ts';
import { rememberFor } from '../measure/typical-of-account.ts';

type Reading = Pick<Context, 'store' | 'clock' | 'settings'>;

/** How often an account's followers have probably seen a campaign in the last 26 weeks. */
export interface CampaignTouches extends Touches {
  campaign: string;
  account: string;
  releases: number;
  /** Its caps: in all, and in seven days. */
  towards: number;
  perWeek: number;
}

/**
 * For each campaign with a release, by account and name; of one of them alone where it is named.
 */
export async function readTouches(
  context: Reading,
  { campaign, account }: { campaign?: string; account?: string } = {},
): Promise<CampaignTouches[]> {
  const names = context.settings.accounts
    .map(({ name }) => name)
    .filter((name) => account === undefined || name === account);
  const all = await Promise.all(
    names.map((name) => readOf(context, name, (one) => campaign === undefined || one === campaign)),
  );
  return all.flat();
}

async function readOf(
  context: Reading,
  account: string,
  isWanted: (campaign: string) => boolean,
): Promise<CampaignTouches[]> {
  const { store, clock, settings } = context;
  const now = clock.now();
  const [{ followers }, releases] = await Promise.all([
    readPeople({ store }, account),
    listReleases(context, account, isWanted),
  ]);
  const counted = followers.at(-1)?.count;
  return [...releases.keys()].sort().map((campaign) => {
    const { touches: towards = usualTouches, touchesPerWeek: perWeek = usualMostAWeek } =
      settings.campaigns[campaign] ?? {};
    const own = releases.get(campaign) ?? [];
    // Views say nothing where no one knows how many might have seen it: reckoned as one follower in
    // ten then.
    const known =
      counted === undefined
        ? { releases: own.map(({ at }) => ({ at })), followers: 1 }
        : { releases: own, followers: counted };
    return {
      campaign,
      account,
      releases: own.length,
      towards,
      perWeek,
      ...touchesOf({ ...known, now, most: towards, mostAWeek: perWeek }),
    };
  });
}

async function listReleases(
  { store, clock }: Reading,
  account: string,
  isWanted: (campaign: string) => boolean,
): Promise<Map<string, Touch[]>> {
  const since = clock.now() - rememberFor;
  const found = new Map<string, Touch[]>();
  const released = await store.listDeliveries({
    account,
    states: ['released'],
    startedSince: since,
    order: '-startedAt',
  });
  const wanted = released.filter(
    ({ terms, startedAt }) =>
      startedAt !== undefined && terms.campaign !== undefined && isWanted(terms.campaign),
  );
  if (!wanted.length) return found;
  const samples = await store.listSamples({ account, releasedSince: since, isLatest: true });
  const views = new Map(samples.map(({ delivery, counts }) => [delivery, counts.views]));
  for (const { id, startedAt = 0, terms } of wanted) {
    const [campaign, seen] = [terms.campaign ?? '', views.get(id)];
    const touches = found.get(campaign) ?? [];
    touches.push(pickDefined({ at: startedAt, views: seen }));
    found.set(campaign, touches);
  }
  return found;
}

/** Campaigns of an account that are at one of their caps, by name. */
export type Capped = ReadonlyMap<string, CampaignTouches>;

/**
 * Looks at the past of those campaigns alone that these deliveries name; at nothing where they name
 * none.
 */
export async function readCapped(
  context: Reading,
  account: string,
  deliveries: readonly Delivery[],
): Promise<Capped> {
  const named = new Set(deliveries.flatMap(({ terms }) => terms.campaign ?? []));
  if (!named.size) return new Map();
  const all = await readOf(context, account, (campaign) => named.has(campaign));
  return new Map(
    all.filter(({ heldBecause }) => heldBecause !== undefined).map((one) => [one.campaign, one]),
  );
}

export const cappedFor = ({ terms }: Delivery, capped: Capped): CampaignTouches | undefined =>
  terms.campaign === undefined ? undefined : capped.get(terms.campaign);

const isPinned = ({ pinnedAt, pinnedDate }: Candidate) =>
  pinnedAt !== undefined || pinnedDate !== undefined;

/**
 * At the week's cap it goes no earlier than the week allows; at the cap in total it waits. A pin
 * is kept anyway.
 */
export function capCandidate(candidate: Candidate, capped: CampaignTouches | undefined): Candidate {
  if (!capped || isPinned(candidate)) return candidate;
  const { campaign, heldUntil, heldBecause } = capped;
  if (heldUntil !== undefined)
    return { ...candidate, notBefore: Math.max(candidate.notBefore ?? 0, heldUntil) };
  return {
    ...candidate,
    held: candidate.held ?? {
      because: 'campaign-cap',
      text: `${heldBecause}: raise campaigns.${campaign}.touches, or withdraw it`,
    },
  };
}

interface Telling {
  deliveries: ReadonlyMap<string, Delivery>;
  capped: Capped;
  zone: string;
}

/**
 * Says it of pins, of the next release of a campaign, which waits for its week, and of follow-ups
 * whose time ran out meanwhile.
 */
export function tellCaps(
  { slots, unplaced }: Schedule,
  { deliveries, capped, zone }: Telling,
): Schedule {
  if (!capped.size) return { slots, unplaced };
  const told = new Set<string>();
  const find = (id: string) => {
    const delivery = deliveries.get(id);
    const found = delivery && cappedFor(delivery, capped);
    return found && { delivery, ...found };
  };
  const tellSlot = (slot: Slot): Slot => {
    const found = find(slot.delivery);
    if (!found) return slot;
    const { delivery, campaign, heldBecause, heldUntil } = found;
    if (delivery.pinnedAt !== undefined || delivery.terms.pin)
      return { ...slot, why: `${slot.why} (obeyed, though ${heldBecause})` };
    if (heldUntil === undefined || told.has(campaign)) return slot;
    told.add(campaign);
    return {
      ...slot,
      why: `${slot.why}; not before ${formatLocal(heldUntil, zone)}, since ${heldBecause}`,
    };
  };
  const tellUnplaced = (one: Unplaced): Unplaced => {
    const found = one.state === 'expired' ? find(one.delivery) : undefined;
    return found?.delivery.terms.followUp
      ? { ...one, reason: `${one.reason}; ${found.heldBecause}` }
      : one;
  };
  return { slots: slots.map(tellSlot), unplaced: unplaced.map(tellUnplaced) };
}

/**
 * A campaign that has come to its cap is reported once; the entry's id is the same however often it
 * is written.
 */
export async function tellFull(
  context: Pick<Context, 'store' | 'clock'>,
  capped: Capped,
): Promise<void> {
  const full = [...capped.values()].filter(({ heldUntil }) => heldUntil === undefined);
  if (!full.length) return;
  await context.store.appendJournal(
    full.map(({ campaign, account, towards, heldBecause }) =>
      makeEntry(context, 'notice', {
        id: `touches:${account}:${campaign}:${towards}`,
        account,
        text: [
          `the campaign ${campaign} is over on ${account}: ${heldBecause}.`,
          `The rest of it waits. Raise campaigns.${campaign}.touches, or withdraw it`,
        ].join(' '),
      }),
    ),
  );
}
