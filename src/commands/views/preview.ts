import type { LinkCounting } from '../../core/clicks/counted-link.ts';
import { compose } from '../../core/post/compose.ts';
import type { Limits } from '../../core/network/limits.ts';
import type { Message } from '../../core/post/message.ts';
import { limitsFor } from '../../core/network/traits-of.ts';
import type { Delivery } from '../../core/delivery/delivery.ts';
import { measureText } from '../../core/text/length.ts';
import { pickDefined } from '../../core/pick-defined.ts';
import { type AccountFact, readAccount } from '../../flow/facts.ts';
import { readCounting } from '../../flow/links/counted-links.ts';
import type { StoredPost } from '../../ports/store.ts';
import type { CommandContext } from '../command.ts';

export interface PreviewPart {
  text: string;
  length: number;
  max: number;
  media: { src: string; alt: string }[];
}

type Preview = Pick<ReturnType<typeof preview>, 'parts' | 'problems'> &
  Partial<ReturnType<typeof preview>>;

interface Previewed {
  stored: StoredPost;
  delivery: Delivery;
  fact: AccountFact;
  links: LinkCounting | undefined;
}

/** The post as its account will show it, by the known limits of the network. */
function preview({ settings }: CommandContext, { stored, delivery, fact, links }: Previewed) {
  const account = settings.accounts.find(({ name }) => name === delivery.account) ?? {
    name: delivery.account,
    network: delivery.network,
  };
  const limits = fact.limits ?? limitsFor(account);
  const { message, problems, beyond } = compose({
    post: stored.post,
    account,
    limits,
    run: delivery.run,
    campaigns: settings.campaigns,
    mentions: settings.mentions,
    isRepost: delivery.terms.followUp?.as === 'repost',
    links,
  });
  return previewMessage(delivery.intent?.message ?? message, {
    limits,
    problems: delivery.intent ? [] : problems,
    beyond: delivery.intent ? undefined : beyond,
  });
}

interface Of {
  limits: Limits;
  problems: string[];
  beyond?: number | undefined;
}

/** A message with the length of its parts, as its network counts them. */
export const previewMessage = (
  { parts, card, cw, visibility }: Message,
  { limits, problems, beyond }: Of,
) =>
  pickDefined({
    parts: parts.map((part): PreviewPart => ({
      text: part.text,
      length: measureText(part.text, limits.text),
      max: limits.text.max,
      media: part.media.map(({ src, alt }) => ({ src, alt })),
    })),
    beyond,
    problems,
    card,
    cw,
    visibility,
  });

export async function previewOf(
  context: CommandContext,
  delivery: Delivery,
  stored: StoredPost | undefined,
): Promise<Preview> {
  if (!stored) return { parts: [], problems: [] };
  const fact = await readAccount(context.store, delivery.account);
  const links = await readCounting(context);
  return preview(context, { stored, delivery, fact, links });
}

export function tellMessage({ cw, parts, card, problems }: Preview): string[] {
  return [
    ...(cw === undefined ? [] : [`    content warning: ${cw}`]),
    ...parts.map(tellPart),
    ...(card === undefined ? [] : [`    link card: ${card}`]),
    ...problems.map((problem) => `    ! ${problem}`),
  ];
}

function tellPart({ text, length, max, media }: PreviewPart): string {
  const lines = text.split('\n').map((line) => `    ${line}`.trimEnd());
  const pictures = media.map(({ src, alt }) => `; ${src}: ${alt || 'no alt text'}`).join('');
  return [...lines, `    (${length} of ${max} characters${pictures})`].join('\n');
}
