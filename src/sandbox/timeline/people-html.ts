import { type Network, networkNames, networks } from '../../core/network/network.ts';
import { escapeHtml } from '../mastodon/views.ts';
import { type AudienceReply, repliesTo } from '../world/audience-replies.ts';
import { rowOf } from '../world/network-rows.ts';
import { ownIdOf, type SandboxPost } from '../world/world.ts';
import {
  type Context,
  groupThreads,
  renderInstant,
  renderPage,
  renderThread,
  renderTimeline,
  renderWords,
  type Thread,
} from './timeline-html.ts';

const back = '<nav class="pages"><a href="/">All posts</a></nav>';

/** A post, or a reply of the audience, at the address that its network gave it. */
export function renderPost(context: Context, path: string): string | undefined {
  const threads = networks.flatMap((network) => groupThreads(context.world.posts(network)));
  const find = (isIt: (post: SandboxPost) => boolean) =>
    threads.find((thread) => partsOf(thread).some(isIt));
  const thread =
    find((post) => isAt(path, post)) ??
    find((post) => repliesOf(context, post).some((reply) => isAt(path, reply)));
  return thread && renderPage(`@${thread.root.handle}`, renderWhole(context, thread) + back);
}

/** What one of the accounts, or one of the audience, has written. */
export function renderPerson(context: Context, path: string): string | undefined {
  const { world } = context;
  for (const network of networks) {
    const isTheirs = ({ handle }: { handle: string }) =>
      rowOf(network).paths.person(handle).toLowerCase() === path.toLowerCase();
    if (world.people.some((one) => one.network === network && isTheirs(one)))
      return renderTimeline(context, new URLSearchParams({ network }));
    const threads = groupThreads(world.posts(network)).filter((thread) =>
      partsOf(thread).some((post) => repliesOf(context, post).some(isTheirs)),
    );
    if (threads.length === 0) continue;
    const html = threads.map((thread) => renderWhole(context, thread)).join('');
    return renderPage(path.slice(path.lastIndexOf('/') + 1), html + back);
  }
  return undefined;
}

const partsOf = ({ root, parts }: Thread): SandboxPost[] => [root, ...parts];

type Reply = AudienceReply & { network: Network };

const repliesOf = ({ world, audience }: Context, post: SandboxPost): Reply[] =>
  repliesTo(world, audience, post).map((reply) => ({ ...reply, network: post.network }));

const isAt = (path: string, { network, handle, id }: Pick<Reply, 'network' | 'handle' | 'id'>) =>
  rowOf(network).paths.post(handle, ownIdOf(id)) === path;

function renderWhole(context: Context, thread: Thread): string {
  const replies = partsOf(thread).flatMap((post) => repliesOf(context, post));
  return renderThread(
    context,
    thread,
    replies.map((reply) => renderReply(context, reply)).join(''),
  );
}

function renderReply({ world }: Context, reply: Reply): string {
  const { network, handle, id, name, text, at } = reply;
  const href = escapeHtml(rowOf(network).paths.post(handle, ownIdOf(id)));
  const time = renderInstant(world, at);
  return `<article class="reply"><header><div>
    <b>${escapeHtml(name)}</b> <span class="network">${networkNames[network]}</span><br>
    <span class="quiet">@${escapeHtml(handle)} · <a href="${href}">${time}</a></span></div></header>
    <div class="text">${renderWords(text)}</div></article>`;
}
