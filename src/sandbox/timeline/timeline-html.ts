import { pickDefined } from '../../core/pick-defined.ts';
import { type Network, networkNames, networks } from '../../core/network/network.ts';
import { traitsOf } from '../../core/network/traits-of.ts';
import { formatLocal, type Instant, tellSpeed, toIso } from '../../core/time.ts';
import { countAudience, type Audience } from '../world/sandbox-audience.ts';
import { isVideo } from '../world/moving-files.ts';
import { findXLinks } from '../world/link-rules.ts';
import { escapeHtml } from '../mastodon/views.ts';
import { personId, rowOf } from '../world/network-rows.ts';
import { type Card, ownIdOf, type Picture, type SandboxPost, type World } from '../world/world.ts';

export interface Context {
  world: World;
  audience: Audience;
}

const pageLength = 50;

/** A post with what its own author wrote below it. */
export interface Thread {
  root: SandboxPost;
  parts: SandboxPost[];
}

export function renderTimeline(context: Context, query: URLSearchParams): string {
  const only = networks.find((network) => network === query.get('network'));
  const threads = (only ? [only] : networks)
    .flatMap((network) => groupThreads(context.world.posts(network)))
    .sort(
      (a, b) =>
        b.root.at - a.root.at ||
        networks.indexOf(a.root.network) - networks.indexOf(b.root.network),
    );
  const from = Math.max(0, Math.floor(Number(query.get('from') ?? 0)) || 0);
  const shown = threads.slice(from, from + pageLength);
  const list = shown.map((thread) => renderThread(context, thread)).join('');
  return renderPage(
    'Sandbox',
    `
    ${tellClock(context.world)}
    <nav aria-label="Networks">${renderFilters(context.world, only)}</nav>
    ${list || '<p class="empty">Nothing has been published yet.</p>'}
    <nav class="pages" aria-label="Pages">${renderSteps(only, from, threads.length)}</nav>`,
  );
}

const tellClock = ({ clock: { speed } }: World) =>
  speed === undefined ? '' : `<p class="quiet">${tellSpeed(speed)}</p>`;

function renderFilters(world: World, only: Network | undefined): string {
  const all = renderFilter('/', 'All', !only);
  const others = networks.map((network) => {
    const label = `${networkNames[network]} <b>${world.posts(network).length}</b>`;
    return renderFilter(`/?network=${network}`, label, only === network);
  });
  const mails = world.mails().length;
  const inboxes = mails > 0 ? [renderFilter('/mail', `Mail <b>${mails}</b>`, false)] : [];
  return [all, ...others, ...inboxes].join('');
}

/** To the pages before and behind this one. */
function renderSteps(only: Network | undefined, from: number, count: number): string {
  const link = (start: number, rel: string, label: string) => {
    const query = new URLSearchParams(pickDefined({ network: only, from: String(start) }));
    return `<a href="/?${query.toString()}" rel="${rel}">${label}</a>`;
  };
  const newer = from > 0 ? link(Math.max(0, from - pageLength), 'prev', 'Newer') : '';
  const older = count > from + pageLength ? link(from + pageLength, 'next', 'Older') : '';
  return `${newer}\n    ${older}`;
}

export function groupThreads(posts: SandboxPost[]): Thread[] {
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

/** `below`: articles of others, in the same section. */
export function renderThread(context: Context, { root, parts }: Thread, below = ''): string {
  const articles = [root, ...parts].map((post) => renderArticle(context, post));
  return `<section class="thread ${root.network}">${articles.join('')}${below}</section>`;
}

function renderArticle(context: Context, post: SandboxPost): string {
  const body = renderBody(context, post);
  const warning = post.cw && `<summary>${escapeHtml(post.cw)}</summary>`;
  return `<article>
    ${renderHeader(context.world, post)}
    ${warning ? `<details>${warning}${body}</details>` : body}
    ${renderCounts(context, post)}
  </article>`;
}

function renderHeader(world: World, post: SandboxPost): string {
  const { network, author, handle, visibility, language } = post;
  const own = world.people.find((one) => one.network === network && personId(one) === author);
  const name = post.visitor ?? own?.name;
  const marks = [visibility === 'public' ? undefined : visibility, language].filter(Boolean);
  const line = [
    `@${escapeHtml(handle)}`,
    renderTime(world, post),
    ...marks.map(String).map(escapeHtml),
  ];
  return `<header><img src="/avatar.svg" alt="" width="40" height="40"><div>
    <b>${escapeHtml(name ?? handle)}</b> <span class="network">${networkNames[network]}</span><br>
    <span class="quiet">${line.join(' · ')}</span></div></header>`;
}

export function renderInstant({ zone }: World, at: Instant): string {
  const shown = `${formatLocal(at, zone)}${zone === 'UTC' ? ' UTC' : ''}`;
  return `<time datetime="${toIso(at)}">${escapeHtml(shown)}</time>`;
}

function renderTime(world: World, post: SandboxPost): string {
  const time = renderInstant(world, post.at);
  const { network, handle, id } = post;
  const path = rowOf(network).paths.post(handle, ownIdOf(id));
  return `<a href="${escapeHtml(path)}">${time}</a>`;
}

function renderBody({ world }: Context, post: SandboxPost): string {
  const quoted = post.quotes ? world.post(post.network, post.quotes) : undefined;
  const card = post.pictures.length > 0 ? undefined : (post.card ?? guessCard(post));
  const lang = post.language ? ` lang="${escapeHtml(post.language)}"` : '';
  return `<div class="text"${lang}>${linkify(post)}</div>
    ${post.pictures.length > 0 ? renderPictures(post.pictures) : ''}
    ${quoted ? `<blockquote>${linkify(quoted)}</blockquote>` : ''}
    ${card ? renderCard(card) : ''}`;
}

function renderPictures(pictures: Picture[]): string {
  const figures = pictures.map((picture) => {
    const { alt, captions = [] } = picture;
    const spoken = captions.length > 0 ? `Captions: ${captions.join(', ')}` : '';
    const words = [alt, spoken].filter(Boolean).map(escapeHtml).join('<br>');
    const caption = words && `<figcaption>${words}</figcaption>`;
    return `<figure>${renderMedium(picture)}${caption}</figure>`;
  });
  return `<div class="pictures n${pictures.length}">${figures.join('')}</div>`;
}

/** What is presented as an animation goes round and round, without a sound. */
function renderMedium({ file, alt, mime, moves }: Picture): string {
  const [address, words] = [`/media/${file}`, escapeHtml(alt)];
  if (!isVideo(mime)) return `<img src="${address}" alt="${words}" loading="lazy">`;
  const how = moves === 'gif' ? 'loop muted controls' : 'controls';
  return `<video src="${address}" aria-label="${words}" preload="metadata" ${how}></video>`;
}

function linkify({ text, network }: SandboxPost): string {
  let html = '';
  let at = 0;
  for (const { start, end, url } of rowOf(network).findLinks(text)) {
    const shown = escapeHtml(text.slice(start, end));
    html += renderWords(text.slice(at, start));
    html += `<a href="${escapeHtml(url)}" rel="noreferrer nofollow">${shown}</a>`;
    at = end;
  }
  return html + renderWords(text.slice(at));
}

export function renderWords(text: string): string {
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
  const url = traitsOf(network).cardBy === 'us' ? undefined : findXLinks(text)[0]?.url;
  if (url === undefined || !URL.canParse(url)) return undefined;
  const { hostname, pathname } = new URL(url);
  return { url, title: hostname, description: pathname === '/' ? '' : pathname };
}

function renderCard({ url, title, description, image }: Card): string {
  const href = /^https?:/i.test(url) ? escapeHtml(url) : '#';
  const picture = image ? `<img src="/media/${image}" alt="">` : '';
  const quiet = description && `<br><span class="quiet">${escapeHtml(description)}</span>`;
  return `<a class="card" href="${href}" rel="noreferrer nofollow">${picture}<span>
    <b>${escapeHtml(title)}</b>${quiet}</span></a>`;
}

function renderCounts({ world, audience }: Context, post: SandboxPost): string {
  const counts = countAudience(world, audience, post);
  const items = rowOf(post.network).shown.map(([count, words]) => {
    const word = counts[count] === 1 ? words.replace(/ies$/, 'y').replace(/s$/, '') : words;
    return `<li><b>${counts[count]}</b> ${word}</li>`;
  });
  return `<ul class="counts">${items.join('')}</ul>`;
}

function renderFilter(href: string, html: string, isCurrent: boolean): string {
  return `<a href="${href}"${isCurrent ? ' aria-current="page"' : ''}>${html}</a>`;
}

/** `about`: what link cards are made of. */
export function renderPage(
  title: string,
  body: string,
  about: readonly (readonly [property: string, content: string])[] = [],
): string {
  const metas = about.map(
    ([property, content]) => `<meta property="${property}" content="${escapeHtml(content)}">`,
  );
  return `<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="light dark">
  <title>${escapeHtml(title)} · Dripline</title>
  ${metas.join('\n  ')}
  <link rel="stylesheet" href="/style.css">
  <link rel="icon" href="/avatar.svg">
</head>
<body>
  <header class="top"><h1><a href="/">Sandbox</a></h1>
    <p>Networks on this machine. Nothing has left it, and the audience is simulated.</p></header>
  <main>${body}</main>
</body>
</html>
`;
}
