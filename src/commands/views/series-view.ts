import type { Delivery } from '../../core/delivery/delivery.ts';
import { type Measure, measures, type Sample, scoreOf } from '../../core/engagement.ts';
import { parseCondition } from '../../core/condition/parse.ts';
import { type Known, tellCondition } from '../../core/condition/judge.ts';
import { pickDefined } from '../../core/pick-defined.ts';
import { plural } from '../../core/plural.ts';
import type { FollowUp, Post } from '../../core/post/post.ts';
import { followUpId, withinOf } from '../../core/post/series.ts';
import { formatDuration, formatLocal, toIso } from '../../core/time.ts';
import { openTypical } from '../../flow/measure/typical-of-account.ts';
import type { CommandContext } from '../command.ts';
import { stateName } from '../publishing-words.ts';

export interface SeriesRow {
  /** `hello.f1`, or the id of another file's post. */
  post: string;
  when?: string;
  otherwise?: true;
  as: FollowUp['as'];
  after?: string;
  within?: string;
  deliveries: { delivery: string; state: Delivery['state'] }[];
  followUps?: SeriesRow[];
}

/** The rules of a post and the deliveries of each so far. */
export async function listSeries(
  context: CommandContext,
  id: string,
  rules: FollowUp[],
): Promise<SeriesRow[]> {
  return Promise.all(
    rules.map(async (rule, i): Promise<SeriesRow> => {
      const post = rule.post ?? followUpId(id, i);
      const sent = (await context.store.listDeliveries({ post })).filter(
        (one) => rule.post === undefined || one.terms.followUp,
      );
      const { when, afterFor, followUps = [] } = rule;
      const inner = await listSeries(context, followUpId(id, i), followUps);
      return pickDefined({
        post,
        as: rule.as,
        otherwise: when === undefined ? (true as const) : undefined,
        when,
        within: when === undefined ? undefined : formatDuration(withinOf(rule)),
        after: afterFor === undefined ? undefined : formatDuration(afterFor),
        deliveries: sent.map((one) => ({ delivery: one.id, state: one.state })),
        followUps: inner.length ? inner : undefined,
      });
    }),
  );
}

/** The graph of a post's follow-ups, as lines. */
export function drawSeries(id: string, rows: SeriesRow[]): string[] {
  return rows.length
    ? ['Follow-ups (the first rule that matches is published):', `  ${id}`, ...drawRows(rows, '  ')]
    : [];
}

function drawRows(rows: SeriesRow[], indent: string): string[] {
  return rows.flatMap((row, i) => {
    const isLast = i === rows.length - 1;
    return [
      `${indent}${isLast ? '└─' : '├─'} ${tellRule(row)}`,
      ...drawRows(row.followUps ?? [], `${indent}${isLast ? '   ' : '│  '}`),
    ];
  });
}

function tellRule({ otherwise, when, within, after, post, as, deliveries }: SeriesRow): string {
  const condition = otherwise ? 'otherwise' : `when ${when}, within ${within}`;
  const notBefore = after === undefined ? '' : `, not before ${after}`;
  const sent = deliveries
    .map(({ delivery, state }) => `${delivery} ${stateName(state)}`)
    .join(', ');
  const list = sent === '' ? '' : ` (${sent})`;
  return `${condition}${notBefore} → ${post}, as ${articled[as]}${list}`;
}

const articled: Record<FollowUp['as'], string> = {
  reply: 'a reply',
  quote: 'a quote',
  repost: 'a repost',
  post: 'a post of its own',
};

interface Followed {
  post: Post | undefined;
  samples: Sample[];
}

/** What each rule of the post is waiting for. Empty if it has no follow-ups. */
export async function tellStanding(
  context: CommandContext,
  one: Delivery,
  { post, samples }: Followed,
): Promise<string[]> {
  if (!post?.followUps.length || one.state !== 'released') return [];
  if (one.followed) return [tellFollowed(one.followed)];
  const last = samples.at(-1);
  const typical = await openTypical(context, one.account);
  const known = last && typical.known(one, last);
  const releasedAt = one.startedAt ?? 0;
  return post.followUps.map((rule, i) => {
    if (rule.when === undefined) return `rule ${i + 1} waits until all rules above are decided`;
    const until = formatLocal(releasedAt + withinOf(rule), context.settings.zone);
    return `rule ${i + 1} waits until ${until}: ${tellWhen(rule.when, known)}`;
  });
}

const tellFollowed = ({ text, delivery }: NonNullable<Delivery['followed']>): string =>
  delivery === undefined ? text : `${text}: ${delivery} follows`;

function tellWhen(when: string, known: Known | undefined): string {
  const parsed = parseCondition(when);
  if (!('condition' in parsed) || !known) return `${when} (no numbers yet)`;
  return tellCondition(parsed.condition, known);
}

/** A row of `show --json`: a number that the network does not report is absent. */
export const toSampleRow = ({ at, counts }: Sample) => ({ at: toIso(at), ...counts });

const countOf = (count: number, name: Measure) =>
  plural(count, name === 'replies' ? 'reply' : name.slice(0, -1), name);

export function tellNumbers(samples: Sample[], one: Delivery): string[] {
  const last = samples.at(-1);
  if (one.goneAt !== undefined) return ['deleted on the network'];
  if (!last) return [];
  const { counts, at, releasedAt } = last;
  const known = measures
    .flatMap((name) => (counts[name] === undefined ? [] : [countOf(counts[name], name)]))
    .join(', ');
  const age = formatDuration(at - releasedAt);
  return [`${known} after ${age} (score ${scoreOf(counts)})`];
}
