import { compose } from '../../core/post/compose.ts';
import { limitsFor } from '../../core/network/traits-of.ts';
import type { Delivery } from '../../core/delivery/delivery.ts';
import { measureText } from '../../core/text/length.ts';
import { networkNames } from '../../core/network/network.ts';
import { formatLocal } from '../../core/time.ts';
import { type AccountFact, readAccount } from '../../flow/facts.ts';
import { findPostsOf } from '../../flow/ingest/find-post.ts';
import type { StoredPost } from '../../ports/store.ts';
import type { CommandContext, Input, Reply } from '../command.ts';
import { toCount } from '../find.ts';
import { toRow } from './rows.ts';

export interface PreviewPart {
  text: string;
  length: number;
  max: number;
  media: { src: string; alt: string }[];
}

/** The post as its account will show it, by what is known of the network. */
export function preview(
  { settings }: Pick<CommandContext, 'settings'>,
  stored: StoredPost,
  delivery: Delivery,
  fact: AccountFact,
) {
  const account = settings.accounts.find(({ name }) => name === delivery.account) ?? {
    name: delivery.account,
    network: delivery.network,
  };
  const limits = fact.limits ?? limitsFor(account);
  const { message, problems } = compose({
    post: stored.post,
    account,
    limits,
    run: delivery.run,
    campaigns: settings.campaigns,
    isRepost: delivery.terms.followUp?.as === 'repost',
  });
  const frozen = delivery.intent?.message ?? message;
  return {
    parts: frozen.parts.map((part): PreviewPart => ({
      text: part.text,
      length: measureText(part.text, limits.text),
      max: limits.text.max,
      media: part.media.map(({ src, alt }) => ({ src, alt })),
    })),
    problems: delivery.intent ? [] : problems,
    ...(frozen.card === undefined ? {} : { card: frozen.card }),
    ...(frozen.cw === undefined ? {} : { cw: frozen.cw }),
    ...(frozen.visibility === undefined ? {} : { visibility: frozen.visibility }),
  };
}

export async function previewOf(
  context: CommandContext,
  one: Delivery,
  stored: StoredPost | undefined,
) {
  return stored
    ? preview(context, stored, one, await readAccount(context.store, one.account))
    : { parts: [], problems: [] };
}

export async function runNext(context: CommandContext, { args }: Input): Promise<Reply> {
  const { store, settings } = context;
  const limit = args[0] === undefined ? 3 : toCount(args[0], 'next takes a number, such as next 5');
  const planned = await store.listDeliveries({ states: ['planned'], order: 'at', limit });
  const posts = new Map(
    (await findPostsOf(store, [...new Set(planned.map(({ post }) => post))])).map((stored) => [
      stored.id,
      stored,
    ]),
  );
  const shown = await Promise.all(
    planned.map(async (one) => ({
      ...toRow(one),
      ...(await previewOf(context, one, posts.get(one.post))),
    })),
  );
  const text = shown
    .map((one) =>
      [
        `${one.at === undefined ? '' : formatLocal(Date.parse(one.at), settings.zone)}  ${one.delivery} on ${networkNames[one.network]}`,
        ...tellMessage(one),
      ].join('\n'),
    )
    .join('\n\n');
  return {
    text: text || 'Nothing is planned: `dripline queue` tells what each post waits for.',
    json: shown,
  };
}

type Shown = Awaited<ReturnType<typeof previewOf>>;

export function tellMessage(one: Shown): string[] {
  return [
    ...('cw' in one ? [`    content warning: ${one.cw}`] : []),
    ...one.parts.map(tellPart),
    ...('card' in one ? [`    link card: ${one.card}`] : []),
    ...one.problems.map((problem) => `    ! ${problem}`),
  ];
}

function tellPart({ text, length, max, media }: PreviewPart): string {
  const pictures = media.map(({ src, alt }) => `; ${src}: ${alt || 'no alt text'}`).join('');
  return `${text
    .split('\n')
    .map((line) => `    ${line}`.trimEnd())
    .join('\n')}\n    (${length} of ${max} characters${pictures})`;
}
