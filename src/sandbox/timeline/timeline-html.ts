import { networkNames, networks } from '../../core/network/network.ts';
import { traitsOf } from '../../core/network/traits-of.ts';
import { formatLocal, toIso } from '../../core/time.ts';
import { countAudience, type Audience } from '../world/sandbox-audience.ts';
import { findXLinks } from '../world/link-rules.ts';
import { escapeHtml } from '../mastodon/views.ts';
import { personId, rowOf } from '../world/network-rows.ts';
import type { Card, SandboxPost, World } from '../world/world.ts';

interface Context {
  world: World;
  audience: Audience;
}

const pageLength = 50;

/** A post with what its own author wrote below it. */
interface Thread {
  root: SandboxPost;
  parts: SandboxPost[];
}

export function renderTimeline(context: Context, query: URLSearchParams): string {
  const { world } = context;
  const only = networks.find((network) => network === query.get('network'));
  const threads = (only ? [only] : networks)
    .flatMap((network) => groupThreads(world.posts(network)))
    .sort(
      (a, b) =>
        b.root.at - a.root.at ||
        networks.indexOf(a.root.network) - networks.indexOf(b.root.network),
    );
  const from = Math.max(0, Math.floor(Number(query.get('from') ?? 0)) || 0);
  const shown = threads.slice(from, from + pageLength);
  const address = (start: number) =>
    `/?${new URLSearchParams({ ...(only ? { network: only } : {}), from: String(start) }).toString()}`;
  return renderPage(
    'Sandbox',
    `
    <nav aria-label="Networks">${renderFilter('/', 'All', !only)}${networks
      .map((network) =>
        renderFilter(
          `/?network=${network}`,
          `${networkNames[network]} <b>${world.posts(network).length}</b>`,
          only === network,
        ),
      )
      .join('')}</nav>
    ${shown.length > 0 ? shown.map((thread) => renderThread(context, thread)).join('') : '<p class="empty">Nothing has been published yet. What the three networks accept will stand here.</p>'}
    <nav class="pages" aria-label="Pages">${from > 0 ? `<a href="${address(Math.max(0, from - pageLength))}" rel="prev">Newer</a>` : ''}
    ${threads.length > from + pageLength ? `<a href="${address(from + pageLength)}" rel="next">Older</a>` : ''}</nav>`,
  );
}

/** A post at the address that its network gave it. */
export function renderPost(context: Context, handle: string, id: string): string | undefined {
  const post = networks
    .filter((network) => rowOf(network).hasPages)
    .map((network) => context.world.post(network, id))
    .find((one) => one?.handle === handle);
  if (!post) return undefined;
  const thread = groupThreads(context.world.posts(post.network)).find(
    ({ root, parts }) => root.id === id || parts.some((part) => part.id === id),
  );
  return renderPage(
    `@${handle}`,
    `${thread ? renderThread(context, thread) : renderArticle(context, post)}<nav class="pages"><a href="/">All posts</a></nav>`,
  );
}

function groupThreads(posts: SandboxPost[]): Thread[] {
  const byId = new Map(posts.map((post) => [post.id, post]));
  const rootOf = (post: SandboxPost): SandboxPost => {
    const parent = post.inReplyTo ? byId.get(post.inReplyTo) : undefined;
    return parent && parent.author === post.author ? rootOf(parent) : post;
  };
  const threads = new Map<string, Thread>();
  for (const post of [...posts].sort((a, b) => a.at - b.at)) {
    const root = rootOf(post);
    const thread = threads.get(root.id) ?? { root, parts: [] };
    if (post !== root) thread.parts.push(post);
    threads.set(root.id, thread);
  }
  return [...threads.values()];
}

function renderThread(context: Context, { root, parts }: Thread): string {
  return `<section class="thread ${root.network}">${[root, ...parts].map((post) => renderArticle(context, post)).join('')}</section>`;
}

function renderArticle(context: Context, post: SandboxPost): string {
  const name =
    context.world.people.find(
      (person) => person.network === post.network && personId(person) === post.author,
    )?.name ?? post.handle;
  const warned = post.cw
    ? `<details><summary>${escapeHtml(post.cw)}</summary>${renderBody(context, post)}</details>`
    : renderBody(context, post);
  const marks = [
    post.visibility && post.visibility !== 'public' ? post.visibility : '',
    post.language ?? '',
  ].filter(Boolean);
  return `<article>
    <header><img src="/avatar.svg" alt="" width="40" height="40"><div><b>${escapeHtml(name)}</b> <span class="network">${networkNames[post.network]}</span><br>
    <span class="quiet">@${escapeHtml(post.handle)} · ${renderTime(post)}${marks.map((mark) => ` · ${escapeHtml(mark)}`).join('')}</span></div></header>
    ${warned}
    ${renderCounts(context, post)}
  </article>`;
}

function renderTime(post: SandboxPost): string {
  const time = `<time datetime="${toIso(post.at)}">${escapeHtml(formatLocal(post.at, 'UTC'))} UTC</time>`;
  return rowOf(post.network).hasPages
    ? `<a href="${escapeHtml(new URL(post.url).pathname)}">${time}</a>`
    : time;
}

function renderBody({ world }: Context, post: SandboxPost): string {
  const quoted = post.quotes ? world.post(post.network, post.quotes) : undefined;
  const card = post.pictures.length > 0 ? undefined : (post.card ?? guessCard(post));
  return `<div class="text"${post.language ? ` lang="${escapeHtml(post.language)}"` : ''}>${linkify(post)}</div>
    ${post.pictures.length > 0 ? `<div class="pictures n${post.pictures.length}">${post.pictures.map(({ file, alt }) => `<figure><img src="/media/${file}" alt="${escapeHtml(alt)}" loading="lazy">${alt ? `<figcaption>${escapeHtml(alt)}</figcaption>` : ''}</figure>`).join('')}</div>` : ''}
    ${quoted ? `<blockquote>${linkify(quoted)}</blockquote>` : ''}
    ${card ? renderCard(card) : ''}`;
}

function linkify({ text, network }: SandboxPost): string {
  let html = '';
  let at = 0;
  for (const { start, end, url } of rowOf(network).findLinks(text)) {
    html += `${renderWords(text.slice(at, start))}<a href="${escapeHtml(url)}" rel="noreferrer nofollow">${escapeHtml(text.slice(start, end))}</a>`;
    at = end;
  }
  return html + renderWords(text.slice(at));
}

function renderWords(text: string): string {
  return escapeHtml(text).replace(
    /(?<![\w&/])([#@][\p{L}\p{N}_][\p{L}\p{N}_.-]*)/gu,
    '<span class="tag">$1</span>',
  );
}

/**
 * Some networks make the card themselves. Here nothing is fetched, so it only tells where the link
 * leads.
 */
function guessCard({ text, network }: SandboxPost): Card | undefined {
  const link =
    traitsOf(network).cardBy === 'us' || !URL.canParse(findXLinks(text)[0]?.url ?? '')
      ? undefined
      : findXLinks(text)[0];
  if (!link) return undefined;
  const { hostname, pathname } = new URL(link.url);
  return { url: link.url, title: hostname, description: pathname === '/' ? '' : pathname };
}

function renderCard({ url, title, description, image }: Card): string {
  return `<a class="card" href="${/^https?:/i.test(url) ? escapeHtml(url) : '#'}" rel="noreferrer nofollow">${image ? `<img src="/media/${image}" alt="">` : ''}<span>
    <b>${escapeHtml(title)}</b>${description ? `<br><span class="quiet">${escapeHtml(description)}</span>` : ''}</span></a>`;
}

function renderCounts({ world, audience }: Context, post: SandboxPost): string {
  const counts = countAudience(world, audience, post);
  const items = rowOf(post.network).shown.map(
    ([count, word]) => `<li><b>${counts[count]}</b> ${word}</li>`,
  );
  return `<ul class="counts">${items.join('')}</ul>`;
}

function renderFilter(href: string, html: string, isCurrent: boolean): string {
  return `<a href="${href}"${isCurrent ? ' aria-current="page"' : ''}>${html}</a>`;
}

function renderPage(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="light dark">
  <title>${escapeHtml(title)} · Dripline</title>
  <link rel="stylesheet" href="/style.css">
  <link rel="icon" href="/avatar.svg">
</head>
<body>
  <header class="top"><h1><a href="/">Sandbox</a></h1><p>Three networks on this machine. Nothing here has left it, and the audience is simulated.</p></header>
  <main>${body}</main>
</body>
</html>
`;
}
