import { z } from 'zod';
import type { CommandContext } from '../../commands/command.ts';
import { findDeliveries, whyNothingGoesOut } from '../../commands/find.ts';
import { findBrokenFile } from '../../commands/posts-view/broken-files.ts';
import { stateClause } from '../../commands/publishing-words.ts';
import { toRow } from '../../commands/views/rows.ts';
import { isRunning } from '../../commands/views/service-facts.ts';
import { readPost, type ShownDelivery } from '../../commands/views/show-post.ts';
import { type Delivery, isOpen } from '../../core/delivery/delivery.ts';
import { pickDefined } from '../../core/pick-defined.ts';
import { formatProblem, Refusal } from '../../core/problem.ts';
import { formatLocal } from '../../core/time.ts';
import { fromMessage, untrusted } from '../untrusted.ts';
import { type Answer, defineTool } from './tool.ts';

const id = z
  .string()
  .min(1)
  .max(300)
  .describe(
    'The ID of a post (hello), of one of its runs (hello~2), or on one account (hello@bsky)',
  );

export const post = defineTool({
  name: 'post',
  title: 'Post',
  description:
    'One post: its text as each account shows it, its state there, its numbers and follow-ups.',
  input: z.strictObject({ id }),
  output: z.looseObject({ id: z.string() }),
  async run(context, { id: wanted }) {
    const {
      stored,
      found: _found,
      deliveries,
      title,
      file,
      ...rest
    } = await readPost(context, wanted);
    const isFromFeed = stored !== undefined && stored.source !== 'folder';
    const toText = (text: string) => (isFromFeed ? untrusted('feed', text) : text);
    return pickDefined({
      ...rest,
      isFromFeed,
      title: title === undefined ? undefined : toText(title),
      // Of a feed's item: its link.
      file: file === undefined ? undefined : toText(file),
      deliveries: deliveries.map((one) => toDelivery(one, toText)),
    });
  },
});

function toDelivery(delivery: ShownDelivery, toText: (text: string) => unknown): Answer {
  const { numbers: _numbers, samples, parts, reason, cw, card, problems, ...one } = delivery;
  return pickDefined({
    ...one,
    reason: fromMessage(reason),
    cw: cw === undefined ? undefined : toText(cw),
    card: card === undefined ? undefined : toText(card),
    problems: problems.map(toText),
    sample: samples.at(-1),
    parts: parts.map(({ text, media, ...part }) => ({
      ...part,
      text: toText(text),
      media: media.map(({ src, alt }) => ({ src, alt: toText(alt) })),
    })),
  });
}

export const explain = defineTool({
  name: 'explain',
  title: 'Explain',
  description: 'Why a post goes out when it does on each account, or what it waits for.',
  input: z.strictObject({ id }),
  output: z.object({
    isServiceRunning: z.boolean().describe('Nothing is published while no service runs'),
    items: z.array(z.looseObject({})),
  }),
  async run(context, { id: wanted }) {
    const found = await findOrSayWhy(context, wanted);
    const blocked = await whyNothingGoesOut(context, found);
    return {
      isServiceRunning: await isRunning(context),
      items: found.map((one) => explainOne(context, one, blocked.get(one.account))),
    };
  },
});

async function findOrSayWhy(context: CommandContext, wanted: string): Promise<Delivery[]> {
  try {
    return await findDeliveries(context, wanted);
  } catch (error) {
    const broken = error instanceof Refusal ? await findBrokenFile(context, wanted) : undefined;
    if (!broken) throw error;
    const problems = broken.problems.map(formatProblem).join('; ');
    throw new Refusal(`${wanted} is not in the queue, since its file has errors. ${problems}`);
  }
}

function explainOne(
  { settings: { zone } }: CommandContext,
  one: Delivery,
  blocked: string | undefined,
): Answer {
  const { why, reason, at, ...row } = toRow(one);
  const when = at === undefined ? '' : ` for ${formatLocal(Date.parse(at), zone)} (${zone})`;
  return pickDefined({
    ...row,
    at,
    summary: `${one.id} ${stateClause(one.state)}${isOpen(one.state) ? when : ''}.`,
    slotBecause: why,
    waitsBecause: fromMessage(reason),
    blockedBecause: isOpen(one.state) ? fromMessage(blocked) : undefined,
  });
}
