import type { Delivery } from '../../core/delivery/delivery.ts';
import { type Sample, measures, scoreOf } from '../../core/engagement.ts';
import { parseCondition } from '../../core/condition/parse.ts';
import { tellCondition } from '../../core/condition/judge.ts';
import type { FollowUp, Post } from '../../core/post/post.ts';
import { followUpId, withinOf } from '../../core/post/series.ts';
import { formatDuration, formatLocal, toIso } from '../../core/time.ts';
import { openTypical } from '../../flow/measure/typical-of-account.ts';
import type { CommandContext } from '../command.ts';

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

/** The rules of a post and what each has sent so far. */
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
      return {
        post,
        as: rule.as,
        ...(rule.when === undefined
          ? { otherwise: true }
          : { when: rule.when, within: formatDuration(withinOf(rule)) }),
        ...(rule.afterFor === undefined ? {} : { after: formatDuration(rule.afterFor) }),
        deliveries: sent.map((one) => ({ delivery: one.id, state: one.state })),
        ...(rule.followUps?.length
          ? { followUps: await listSeries(context, followUpId(id, i), rule.followUps) }
          : {}),
      };
    }),
  );
}

/** The graph of a post's follow-ups, as lines. */
export function drawSeries(id: string, rows: SeriesRow[]): string[] {
  return rows.length
    ? ['Follow-ups, the first that holds goes out:', `  ${id}`, ...drawRows(rows, '  ')]
    : [];
}

function drawRows(rows: SeriesRow[], indent: string): string[] {
  return rows.flatMap((row, i) => {
    const isLast = i === rows.length - 1;
    const asked = row.otherwise ? 'otherwise' : `when ${row.when}, within ${row.within}`;
    const after = row.after === undefined ? '' : `, not before ${row.after}`;
    const sent = row.deliveries.map(({ delivery, state }) => `${delivery} ${state}`).join(', ');
    return [
      `${indent}${isLast ? '└─' : '├─'} ${asked}${after} → ${row.post}, as ${articled[row.as]}${sent ? ` (${sent})` : ''}`,
      ...drawRows(row.followUps ?? [], `${indent}${isLast ? '   ' : '│  '}`),
    ];
  });
}

const articled: Record<FollowUp['as'], string> = {
  reply: 'a reply',
  quote: 'a quote',
  repost: 'a repost',
  post: 'a post of its own',
};

/** Where one delivery stands in the graph of its post. Empty where nothing follows. */
export async function tellStanding(
  context: CommandContext,
  one: Delivery,
  post: Post | undefined,
  samples: Sample[],
): Promise<string[]> {
  if (!post?.followUps.length || one.state !== 'released') return [];
  if (one.followed)
    return [
      `${one.followed.text}${one.followed.delivery === undefined ? '' : `: ${one.followed.delivery} follows`}`,
    ];
  const last = samples.at(-1);
  const typical = await openTypical(context, one.account);
  const { zone } = context.settings;
  const releasedAt = one.startedAt ?? 0;
  return post.followUps.flatMap((rule, i) => {
    if (rule.when === undefined) return [`rule ${i + 1} waits for all above to end`];
    const parsed = parseCondition(rule.when);
    const now =
      'condition' in parsed && last
        ? tellCondition(parsed.condition, typical.known(one, last))
        : `${rule.when} (not looked at yet)`;
    return [`rule ${i + 1} waits until ${formatLocal(releasedAt + withinOf(rule), zone)}: ${now}`];
  });
}

/** As `show --json` has it: a number that the network does not give is absent. */
export const toSampleRow = ({ at, counts }: Sample) => ({ at: toIso(at), ...counts });

export function tellNumbers(samples: Sample[], one: Delivery): string[] {
  const last = samples.at(-1);
  if (one.goneAt !== undefined) return ['deleted on the network'];
  if (!last) return [];
  const counts = measures
    .flatMap((name) => (last.counts[name] === undefined ? [] : [`${last.counts[name]} ${name}`]))
    .join(', ');
  return [
    `${counts} at the age of ${formatDuration(last.at - last.releasedAt)} (score ${scoreOf(last.counts)})`,
  ];
}
