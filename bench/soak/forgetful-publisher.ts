import type { Account } from '../../src/core/network/account.ts';
import type { Limits } from '../../src/core/network/limits.ts';
import type { Billing } from '../../src/core/network/x-prices.ts';
import { hour, type Instant } from '../../src/core/time.ts';
import type { Clock } from '../../src/ports/clock.ts';
import type { CostLedger } from '../../src/ports/cost-ledger.ts';
import type { OwnPost, PartRequest, Publisher } from '../../src/ports/publisher.ts';

export interface ForgetfulOptions {
  account: Account;
  clock: Clock;
  limits: Limits;
  billing: Billing | undefined;
  ledger: CostLedger;
}

/** The newest so many stand on the timeline: what a network remembers must not look like a leak. */
const remembered = 100;

/** Whatever it says of a post follows from its id, which holds its instant. */
const instantOf = (id: string): Instant => Number(id.slice(id.lastIndexOf('/') + 1));

/** An account on a network in this process, which takes everything. */
export function openForgetfulPublisher(options: ForgetfulOptions): Publisher {
  const { account, clock, limits, billing, ledger } = options;
  const { name, network } = account;
  const url = `https://${network}.example/${name}`;
  const timeline: OwnPost[] = [];
  return {
    account: name,
    network,
    reconciling: () => ({ repeatFor: Infinity, looks: 1, whenAbsent: 'send' }),
    limits: async () => limits,
    identify: async () => ({ id: name, handle: name, url, skew: 0 }),
    preparesAlone: () => true,
    prepare: async ({ seed, part }: PartRequest) => ({ seed, text: part.text }),
    async publish(payload, { mayOpen }) {
      mayOpen();
      const { seed, text } = payload as { seed: string; text: string };
      if (billing)
        await ledger.reserve(name, 'release', [{ of: billing.chargeOfText(text), count: 1 }]);
      const at = clock.now();
      const id = `${seed}/${at}`;
      timeline.push({ id, url: `${url}/${id}`, at, text });
      if (timeline.length > remembered) timeline.shift();
      return { id, url: `${url}/${id}`, at };
    },
    lookUp: async () => undefined,
    timeline: async ({ limit }) => timeline.toReversed().slice(0, limit),
    async measure(receipts) {
      const likesOf = (id: string) => Math.floor(Math.sqrt((clock.now() - instantOf(id)) / hour));
      const counts = receipts.map(({ id }) => [id, { likes: likesOf(id) }] as const);
      return { counts: new Map(counts), absent: [] };
    },
    // Each look finds one, of the newest post.
    async replies(since) {
      const newest = timeline.at(-1);
      const at = clock.now();
      if (!newest || at <= since) return [];
      const reply = {
        by: 'someone',
        author: { id: 'someone' },
        text: 'A reply.',
        inReplyTo: newest.id,
      };
      return [{ id: `${newest.id}/reply-${at}`, url: `${newest.url}/reply-${at}`, at, ...reply }];
    },
    followers: async () => 1000,
  };
}
