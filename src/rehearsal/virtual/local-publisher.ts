import type { Account } from '../../core/network/account.ts';
import type { Counts } from '../../core/engagement.ts';
import { pickDefined } from '../../core/pick-defined.ts';
import type { Limits } from '../../core/network/limits.ts';
import { limitsFor, traitsOf } from '../../core/network/traits-of.ts';
import type { Receipt } from '../../core/post/message.ts';
import type { Identity } from '../../core/network/network.ts';
import type { Billing } from '../../core/network/x-prices.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Charge, CostLedger } from '../../ports/cost-ledger.ts';
import type { Measured, OwnPost, PartRequest, Publisher } from '../../ports/publisher.ts';
import type { PersonReply } from '../../ports/people/person-reply.ts';
import { day, type Instant } from '../../core/time.ts';
import type { Audience } from '../audience/rehearsal-audience.ts';

interface Payload {
  delivery: string;
  index: number;
  text: string;
  /** Alternative texts: some networks bill them. */
  described: number;
  parent?: string;
  quotes?: string;
  reposts?: string;
  isFirst: boolean;
  isCounted: boolean;
}

/** A post on the account's timeline. */
interface Standing extends OwnPost {
  delivery: string;
  /** Our own reactions to it. */
  own: { replies: number; reposts: number; quotes: number };
  isFirst: boolean;
  /** Its link is counted. */
  isCounted: boolean;
}

/** A release from before the rehearsal, with its latest counts. */
export interface Earlier {
  delivery: string;
  post: string;
  at: number;
  receipts: Receipt[];
  counts: Counts;
  isRepost: boolean;
}

export interface LocalPublisherOptions {
  account: Account;
  clock: Clock;
  audience: Audience;
  identity?: Identity | undefined;
  /** As the network last reported them. */
  limits?: Limits | undefined;
  earlier: readonly Earlier[];
  ledger: CostLedger;
}

/** An account on a network inside this process. */
interface Local extends LocalPublisherOptions {
  identity: Identity;
  timeline: Map<string, Standing>;
  /** Counts of earlier releases: they never fall below these. By delivery. */
  least: Map<string, Counts>;
}

/**
 * Accepts what the real network would accept, and has an audience. Nothing leaves the process, and
 * nothing is stored.
 */
export function openLocalPublisher(options: LocalPublisherOptions): Publisher {
  const { account, clock, audience } = options;
  const { name, network } = account;
  const local = openLocal(options);
  const limits = options.limits ?? limitsFor(account);
  const all = () => [...local.timeline.values()];
  return {
    account: name,
    network,
    reconciling: () => ({ repeatFor: Infinity, looks: 1, whenAbsent: 'send' }),
    limits: async () => limits,
    identify: async () => local.identity,
    preparesAlone: () => true,
    prepare: async (request) => toPayload(request),
    async publish(payload, { mayOpen }) {
      mayOpen();
      await charge(local, payload as Payload);
      return post(local, payload as Payload);
    },
    async lookUp(payload) {
      const found = local.timeline.get(idOf(payload as Payload));
      return found && { id: found.id, url: found.url, at: found.at };
    },
    timeline: async ({ limit }) => all().toReversed().slice(0, limit),
    measure: async (receipts) => measure(local, receipts),
    replies: async (since) => all().flatMap((one) => repliesTo(local, one, since)),
    followers: async () => audience.followersOf(name, clock.now()),
  };
}

function openLocal(options: LocalPublisherOptions): Local {
  const { account, earlier } = options;
  const { name, network } = account;
  const url = `https://${network}.invalid/${name}`;
  const standing = earlier.flatMap(({ delivery, at, receipts, counts }) =>
    receipts.map(({ id, url }, i) => {
      const isCounted = counts.clicks !== undefined;
      const own = nothingOwn();
      const one = { id, url, at, text: '', delivery, own, isFirst: i === 0, isCounted };
      return [id, one] as const;
    }),
  );
  return {
    ...options,
    identity: options.identity ?? { id: name, handle: name, url },
    timeline: new Map<string, Standing>(standing),
    least: new Map(earlier.map(({ delivery, counts }) => [delivery, counts])),
  };
}

const nothingOwn = (): Standing['own'] => ({ replies: 0, reposts: 0, quotes: 0 });

const idOf = ({ delivery, index }: Payload): string => `${delivery}/${index}`;

async function charge({ account, ledger }: Local, payload: Payload): Promise<void> {
  const { billing } = traitsOf(account.network);
  if (!billing) return;
  const purpose = payload.index === 0 ? 'release' : 'finish';
  await ledger.reserve(account.name, purpose, chargesOf(payload, billing));
}

function post({ account, clock, audience, identity, timeline }: Local, payload: Payload): Receipt {
  const { delivery, text, isFirst, isCounted, parent, quotes, reposts } = payload;
  const id = idOf(payload);
  const at = clock.now();
  const url = `${identity.url}/${id}`;
  const isRepost = reposts !== undefined;
  if (isFirst) audience.hear(account.name, { delivery, post: postOf(delivery), at, isRepost });
  timeline.set(id, { id, url, at, text, delivery, own: nothingOwn(), isFirst, isCounted });
  for (const [what, of] of [
    ['replies', parent],
    ['quotes', quotes],
    ['reposts', reposts],
  ] as const) {
    const other = of === undefined ? undefined : timeline.get(of);
    if (other) other.own[what]++;
  }
  return { id, url, at };
}

function measure(local: Local, receipts: Receipt[]): Measured {
  const found = receipts.flatMap(({ id }) => local.timeline.get(id) ?? []);
  const ids = new Set(found.map(({ id }) => id));
  return {
    counts: new Map(found.map((one) => [one.id, countsOf(local, one)])),
    absent: receipts.flatMap(({ id }) => (ids.has(id) ? [] : [id])),
  };
}

/** Replies since an instant, from the audience's counts; they all get the present instant. */
function repliesTo({ clock, audience }: Local, standing: Standing, since: Instant): PersonReply[] {
  const { id, url, at, delivery, isFirst } = standing;
  const now = clock.now();
  if (!isFirst || now - at > answeredFor) return [];
  const [before = 0, after = 0] = [since, now].map(
    (instant) => audience.countsOf(delivery, instant).replies,
  );
  return Array.from({ length: Math.max(0, after - before) }, (_, i) => {
    const number = before + i + 1;
    const reply = { at: now, by: 'someone', text: 'A reply.', inReplyTo: id };
    const author = { id: `someone ${number}` };
    return { id: `${id}/reply-${number}`, url: `${url}/${number}`, author, ...reply };
  });
}

function countsOf({ clock, audience, least }: Local, standing: Standing): Counts {
  const { delivery, own, isFirst, isCounted } = standing;
  if (!isFirst) return {};
  const { clicks, ...told } = audience.countsOf(delivery, clock.now());
  const counts: Counts = isCounted ? pickDefined({ ...told, clicks }) : told;
  const before = least.get(delivery) ?? {};
  const names = Object.keys({ ...counts, ...before }) as (keyof Counts)[];
  const ownOf = (one: keyof Counts) => (one in own ? own[one as keyof typeof own] : 0);
  return Object.fromEntries(
    names.map((one) => [one, Math.max(counts[one] ?? 0, before[one] ?? 0) + ownOf(one)]),
  );
}

/** Later replies are too few to matter. */
const answeredFor = 8 * day;

/** `hello~2@bsky` is a run of the post `hello`. */
const postOf = (delivery: string): string => delivery.replace(/(~\d+)?@[^@]*$/, '');

function toPayload({ message, index, part, seed, before }: PartRequest): Payload {
  const { relation } = message;
  const isFirst = index === 0;
  return pickDefined({
    delivery: seed.slice(0, seed.indexOf('/')),
    index,
    text: part.text,
    described: part.media.filter(({ alt }) => alt !== '').length,
    isFirst,
    isCounted: message.counted !== undefined,
    parent: before.at(-1)?.id,
    quotes: isFirst && relation?.as === 'quote' ? relation.of.id : undefined,
    reposts: isFirst && relation?.as === 'repost' ? relation.of.id : undefined,
  });
}

function chargesOf({ text, described, reposts }: Payload, billing: Billing): Charge[] {
  if (reposts !== undefined) return [{ of: 'repost', count: 1 }];
  const charges: Charge[] = [{ of: billing.chargeOfText(text), count: 1 }];
  if (described) charges.push({ of: 'altText', count: described });
  return charges;
}
