import type { Account } from '../../core/network/account.ts';
import type { Counts } from '../../core/engagement.ts';
import type { Limits } from '../../core/network/limits.ts';
import { limitsFor, traitsOf } from '../../core/network/traits-of.ts';
import type { Receipt } from '../../core/post/message.ts';
import type { Identity } from '../../core/network/network.ts';
import type { Billing } from '../../core/network/x-prices.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Charge, CostLedger } from '../../ports/cost-ledger.ts';
import type { OwnPost, PartRequest, PersonReply, Publisher } from '../../ports/publisher.ts';
import { day, type Instant } from '../../core/time.ts';
import type { Audience } from '../rehearsal-audience.ts';

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
}

/** What stands on the account's timeline. */
interface Standing extends OwnPost {
  delivery: string;
  /** What we ourselves did to it. */
  own: { replies: number; reposts: number; quotes: number };
  isFirst: boolean;
}

/** A release from before the rehearsal, with what it had at its last look. */
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
  /** As the network told them last. */
  limits?: Limits | undefined;
  earlier: readonly Earlier[];
  ledger: CostLedger;
}

/**
 * An account on a network inside this process: takes what the real one would take, and has an
 * audience. Nothing leaves, and nothing is kept.
 */
export function openLocalPublisher({
  account,
  clock,
  audience,
  earlier,
  ledger,
  ...known
}: LocalPublisherOptions): Publisher {
  const { name, network } = account;
  const standing = new Map<string, Standing>();
  const least = new Map<string, Counts>();
  for (const { delivery, at, receipts, counts } of earlier) {
    receipts.forEach(({ id, url }, i) =>
      standing.set(id, {
        id,
        url,
        at,
        text: '',
        delivery,
        own: { replies: 0, reposts: 0, quotes: 0 },
        isFirst: i === 0,
      }),
    );
    least.set(delivery, counts);
  }
  const limits = known.limits ?? limitsFor(account);
  const identity = known.identity ?? {
    id: name,
    handle: name,
    url: `https://${network}.invalid/${name}`,
  };
  return {
    account: name,
    network,
    reconciling: () => ({ repeatFor: Infinity, looks: 1, whenAbsent: 'send' }),
    limits: async () => limits,
    identify: async () => identity,
    prepare: async (request) => toPayload(request),
    async publish(payload, { mayOpen }) {
      mayOpen();
      const said = payload as Payload;
      const { billing } = traitsOf(network);
      if (billing)
        await ledger.reserve(
          name,
          said.index === 0 ? 'release' : 'finish',
          chargesOf(said, billing),
        );
      return stand(said);
    },
    async lookUp(payload) {
      const id = idOf(payload as Payload);
      const found = standing.get(id);
      return found && { id, url: found.url, at: found.at };
    },
    timeline: async (limit) => [...standing.values()].toReversed().slice(0, limit),
    async measure(receipts) {
      const found = receipts.flatMap(({ id }) => standing.get(id) ?? []);
      const ids = new Set(found.map(({ id }) => id));
      return {
        counts: new Map(found.map((one) => [one.id, countsOf(one)])),
        absent: receipts.flatMap(({ id }) => (ids.has(id) ? [] : [id])),
      };
    },
    replies: async (since) => [...standing.values()].flatMap((one) => repliesTo(one, since)),
    followers: async () => audience.followersOf(name, clock.now()),
  };

  function idOf({ delivery, index }: Payload): string {
    return `${delivery}/${index}`;
  }

  function stand(said: Payload): Receipt {
    const id = idOf(said);
    const at = clock.now();
    const url = `${identity.url}/${id}`;
    const isRepost = said.reposts !== undefined;
    if (said.isFirst)
      audience.hear(name, { delivery: said.delivery, post: postOf(said.delivery), at, isRepost });
    standing.set(id, {
      id,
      url,
      at,
      text: said.text,
      delivery: said.delivery,
      own: { replies: 0, reposts: 0, quotes: 0 },
      isFirst: said.isFirst,
    });
    for (const [what, of] of [
      ['replies', said.parent],
      ['quotes', said.quotes],
      ['reposts', said.reposts],
    ] as const) {
      const other = of === undefined ? undefined : standing.get(of);
      if (other) other.own[what]++;
    }
    return { id, url, at };
  }

  /** Those that have come since, as they are counted; when exactly is not looked at. */
  function repliesTo({ id, url, at, delivery, isFirst }: Standing, since: Instant): PersonReply[] {
    const now = clock.now();
    if (!isFirst || now - at > answeredFor) return [];
    const [before = 0, after = 0] = [since, now].map(
      (instant) => audience.countsOf(delivery, instant).replies,
    );
    return Array.from({ length: Math.max(0, after - before) }, (_, i) => {
      const own = `${id}/reply-${before + i + 1}`;
      return {
        id: own,
        url: `${url}/${before + i + 1}`,
        at: now,
        by: 'somebody',
        text: 'A reply.',
        inReplyTo: id,
      };
    });
  }

  function countsOf({ delivery, own, isFirst }: Standing): Counts {
    if (!isFirst) return {};
    const [counts, before] = [audience.countsOf(delivery, clock.now()), least.get(delivery) ?? {}];
    const both = Object.keys({ ...counts, ...before }) as (keyof Counts)[];
    return Object.fromEntries(
      both.map((one) => [
        one,
        Math.max(counts[one] ?? 0, before[one] ?? 0) +
          (one in own ? own[one as keyof typeof own] : 0),
      ]),
    );
  }
}

/** Later ones are too few to look for. */
const answeredFor = 8 * day;

/** `hello~2@bsky` is a run of the post `hello`. */
const postOf = (delivery: string): string => delivery.replace(/(~\d+)?@[^@]*$/, '');

function toPayload({ message, index, part, seed, before }: PartRequest): Payload {
  const { relation } = message;
  const parent = before.at(-1)?.id;
  return {
    delivery: seed.slice(0, seed.indexOf('/')),
    index,
    text: part.text,
    described: part.media.filter(({ alt }) => alt !== '').length,
    isFirst: index === 0,
    ...(parent === undefined ? {} : { parent }),
    ...(index === 0 && relation?.as === 'quote' ? { quotes: relation.of.id } : {}),
    ...(index === 0 && relation?.as === 'repost' ? { reposts: relation.of.id } : {}),
  };
}

function chargesOf({ text, described, reposts }: Payload, billing: Billing): Charge[] {
  if (reposts !== undefined) return [{ of: 'repost', count: 1 }];
  return [
    { of: billing.chargeOfText(text), count: 1 },
    ...(described ? [{ of: 'altText' as const, count: described }] : []),
  ];
}
