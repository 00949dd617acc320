import type { Delivery } from '../../core/delivery/delivery.ts';
import type { EntryOf, JournalEntry } from '../../core/journal.ts';
import { pickDefined } from '../../core/pick-defined.ts';
import { type Instant, toIso } from '../../core/time.ts';
import { findPostsOf } from '../../flow/ingest/find-post.ts';
import type { CommandContext } from '../command.ts';

export interface RuleRow {
  post: string;
  rule: number;
  /** As written, or `otherwise`; absent if the file no longer has the rule. */
  when?: string;
  fired: number;
}

export interface FollowUpStats {
  fired: number;
  /** They expired before a slot was free. */
  expired: number;
  /** Posts without a matching rule, or that were deleted. */
  none: number;
  rules: RuleRow[];
}

export interface ReplyRow {
  delivery: string;
  account: string;
  from: string;
  at: string;
  url?: string;
  text: string;
}

interface Span {
  since: Instant;
  campaign?: string;
}

/**
 * What the journal has of the audience: follow-ups, posts deleted on the networks, and replies.
 */
export async function readEvents(context: CommandContext, { since, campaign }: Span) {
  const { store } = context;
  const entries = await store.listJournal({
    since,
    types: ['followed', 'expired', 'deleted', 'reply'],
  });
  const ids = [...new Set(entries.flatMap(({ delivery }) => delivery ?? []))];
  const found = ids.length ? await store.listDeliveries({ ids }) : [];
  const deliveries = new Map(
    found
      .filter(({ terms }) => campaign === undefined || terms.campaign === campaign)
      .map((one) => [one.id, one]),
  );
  const own = entries.filter(({ delivery }) => delivery !== undefined && deliveries.has(delivery));
  return {
    followUps: await toFollowUps(context, own, deliveries),
    deleted: own
      .filter(({ type }) => type === 'deleted')
      .map(({ delivery = '', at }) => ({ delivery, at: toIso(at) })),
    replies: own.flatMap((one) => (one.type === 'reply' ? toReply(one) : [])),
  };
}

async function toFollowUps(
  { store }: CommandContext,
  entries: JournalEntry[],
  deliveries: ReadonlyMap<string, Delivery>,
): Promise<FollowUpStats> {
  const decided = entries.flatMap(({ type, post = '', data }) =>
    type === 'followed' && data && !('why' in data) ? [{ post, rule: data.rule }] : [],
  );
  const rules = new Map<string, RuleRow>();
  for (const { post, rule } of decided) {
    if (rule === undefined) continue;
    const row = rules.get(`${post} ${rule}`) ?? { post, rule, fired: 0 };
    rules.set(`${post} ${rule}`, { ...row, fired: row.fired + 1 });
  }
  const rows = [...rules.values()].sort(
    (a, b) => b.fired - a.fired || (a.post < b.post ? -1 : 1) || a.rule - b.rule,
  );
  const found = await findPostsOf(store, [...new Set(rows.map(({ post }) => post))]);
  const posts = new Map(found.map(({ id, post }) => [id, post]));
  const fired = rows.reduce((sum, one) => sum + one.fired, 0);
  return {
    fired,
    expired: entries.filter(
      ({ type, delivery = '' }) =>
        type === 'expired' && deliveries.get(delivery)?.terms.followUp !== undefined,
    ).length,
    none: decided.length - fired,
    rules: rows.map((row) => {
      const rule = posts.get(row.post)?.followUps[row.rule - 1];
      return pickDefined({ ...row, when: rule && (rule.when ?? 'otherwise') });
    }),
  };
}

function toReply(entry: EntryOf<'reply'>): ReplyRow {
  const { delivery = '', account = '', at, url, text = '', data } = entry;
  const from = data?.from ?? '';
  return pickDefined({ delivery, account, from, at: toIso(data?.at ?? at), url, text });
}
