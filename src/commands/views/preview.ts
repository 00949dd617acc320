import type { LinkCounting } from '../../core/clicks/counted-link.ts';
import { compose } from '../../core/post/compose.ts';
import type { Limits } from '../../core/network/limits.ts';
import type { Message, Part } from '../../core/post/message.ts';
import type { Moves } from '../../core/post/post.ts';
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
  media: PreviewMedium[];
}

export interface PreviewMedium {
  src: string;
  alt: string;
  /** Absent: a still picture. */
  moves?: Moves;
  /** Milliseconds. */
  runsFor?: number;
}

type Previewing = Awaited<ReturnType<typeof preview>>;
type Preview = Pick<Previewing, 'parts' | 'problems'> & Partial<Previewing>;

interface Previewed {
  stored: StoredPost;
  delivery: Delivery;
  fact: AccountFact;
  links: LinkCounting | undefined;
}

/** The post as its account will show it, by the known limits of the network. */
async function preview(context: CommandContext, { stored, delivery, fact, links }: Previewed) {
  const { settings } = context;
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
  return previewMessage(context, delivery.intent?.message ?? message, {
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
export async function previewMessage(
  context: Pick<CommandContext, 'lengthOf'>,
  { parts, card, cw, visibility, counted }: Message,
  { limits, problems, beyond }: Of,
) {
  const shown: PreviewPart[] = [];
  for (const { text, media } of parts)
    shown.push({
      text,
      length: measureText(text, limits.text),
      max: limits.text.max,
      media: await Promise.all(media.map((one) => previewMedium(context, one))),
    });
  const leadsTo = counted?.target;
  return pickDefined({ parts: shown, beyond, problems, card, leadsTo, cw, visibility });
}

async function previewMedium(
  { lengthOf }: Pick<CommandContext, 'lengthOf'>,
  medium: Part['media'][number],
): Promise<PreviewMedium> {
  const { src, alt, moves, rendition } = medium;
  const runsFor = moves && (rendition?.runsFor ?? (await lengthOf?.(medium)));
  return { src, alt, ...pickDefined({ moves, runsFor }) };
}

/** `video, 0:12`, `animated GIF, 0:02`; undefined: it stands still. */
export function tellMoving({ moves, runsFor }: PreviewMedium): string | undefined {
  if (moves === undefined) return undefined;
  const seconds = Math.max(1, Math.round((runsFor ?? 0) / 1000));
  const length = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
  const what = moves === 'video' ? 'video' : 'animated GIF';
  return runsFor === undefined ? what : `${what}, ${length}`;
}

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

export function tellMessage({ cw, parts, card, leadsTo, problems }: Preview): string[] {
  return [
    ...(cw === undefined ? [] : [`    content warning: ${cw}`]),
    ...parts.map(tellPart),
    ...(card === undefined ? [] : [`    link card: ${card}`]),
    ...(leadsTo === undefined ? [] : [`    its link leads to ${leadsTo}`]),
    ...problems.map((problem) => `    ! ${problem}`),
  ];
}

function tellPart({ text, length, max, media }: PreviewPart): string {
  const lines = text.split('\n').map((line) => `    ${line}`.trimEnd());
  const pictures = media
    .map((one) => {
      const moving = tellMoving(one);
      const what = moving === undefined ? one.src : `${one.src} (${moving})`;
      return `; ${what}: ${one.alt || 'no alt text'}`;
    })
    .join('');
  return [...lines, `    (${length} of ${max} characters${pictures})`].join('\n');
}
