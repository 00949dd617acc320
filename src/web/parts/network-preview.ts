import { html } from 'hono/html';
import { type PreviewMedium, type PreviewPart, tellMoving } from '../../commands/views/preview.ts';
import type { ShownDelivery } from '../../commands/views/show-post.ts';
import { findLinks } from '../../core/text/links.ts';
import type { Network } from '../../core/network/network.ts';
import { traitsOf } from '../../core/network/traits-of.ts';
import { drawShare } from '../charts/share.ts';
import { type Html, isWebAddress } from './html.ts';
import { networkOf, player } from './bits.ts';
import { actRow, glyphOf } from './glyphs.ts';

export interface Shown {
  delivery: Pick<ShownDelivery, 'network' | 'parts' | 'problems'> & {
    card?: string;
    leadsTo?: string;
    cw?: string;
    beyond?: number;
  };
  handle: string;
  /** Where a picture is shown; absent: the post no longer has it. */
  pathOf(src: string): string | undefined;
}

/**
 * The post as its network will show it: author, text, images with their descriptions, link card,
 * and the used length.
 */
export function preview({ delivery, handle, pathOf }: Shown): Html {
  const { network, parts } = delivery;
  const cw = traitsOf(network).hasWarningField ? delivery.cw : undefined;
  const more = Math.max(0, parts.length - mostShown) + (delivery.beyond ?? 0);
  const shown = parts.slice(0, mostShown).map((part, i) => {
    const body = html`${text(part.text, network)} ${media(part, pathOf)}
    ${i === 0 ? linkCard(delivery, part) : ''}`;
    return html`<div class="part">
      ${author(network, handle)}
      ${
        cw === undefined || i > 0
          ? body
          : html`<details class="cw">
              <summary>${cw}</summary>
              ${body}
            </details>`
      }
      ${actRow()} ${used(part)}
    </div>`;
  });
  return html`<article
    class="preview ${network}"
    aria-label="As ${networkOf(network)} will show it"
  >
    ${shown.length ? shown : html`<p class="empty">Its file cannot be read at the moment.</p>`}
    ${more > 0 ? html`<p class="dim small">${tellMore(more)}</p>` : ''}
    ${delivery.problems.map((problem) => html`<p class="bad small">${problem}</p>`)}
  </article>`;
}

/** A page of more takes long to make and to show. */
const mostShown = 50;

const tellMore = (more: number): string =>
  `These are the first ${mostShown} parts. ${more.toLocaleString('en')} more ` +
  `${more === 1 ? 'is' : 'are'} not shown.`;

const author = (network: Network, handle: string): Html =>
  html`<div class="author">
    <span class="face" aria-hidden="true"
      >${handle.replace(/^@/, '').slice(0, 1).toUpperCase()}</span
    >
    <span
      ><b>${handle.replace(/^@/, '').split(/[.@]/)[0] ?? handle}</b>
      <span class="handle">@${handle.replace(/^@/, '')}</span></span
    >
    <span class="on">${glyphOf(network)}<span class="sr">${networkOf(network)}</span></span>
  </div>`;

/** As networks do it: short links without a scheme, tags and names in the same colour. */
function text(source: string, network: Network): Html {
  const pieces: Html[] = [];
  let from = 0;
  for (const { start, end, url } of findLinks(source, traitsOf(network).limits.text)) {
    pieces.push(tags(source.slice(from, start)));
    const name = shortenLink(url);
    const to = /^https?:/i.test(url) ? url : `https://${url}`;
    pieces.push(isWebAddress(to) ? html`<a href="${to}">${name}</a>` : html`${name}`);
    from = end;
  }
  pieces.push(tags(source.slice(from)));
  return html`<p class="text">${pieces}</p>`;
}

const tagOrName = /((?<![\p{L}\p{N}_/])[#@][\p{L}\p{N}_][\p{L}\p{N}_.@-]*)/u;

const tags = (source: string): Html =>
  html`${source
    .split(tagOrName)
    .map((piece, i) => (i % 2 ? html`<span class="tag">${piece}</span>` : piece))}`;

function shortenLink(url: string): string {
  const bare = url.replace(/^https?:\/\/(www\.)?/i, '');
  return bare.length > 34 ? `${bare.slice(0, 33)}…` : bare;
}

function media({ media: all }: PreviewPart, pathOf: Shown['pathOf']): Html {
  if (!all.length) return html``;
  return html`<div class="pictures of-${Math.min(4, all.length)}">
    ${all.map(
      (one) =>
        html`<figure>
          ${medium(one, pathOf(one.src))}
          <figcaption>
            ${lengthMark(one)}
            ${one.alt ? html`<b>ALT</b> ${one.alt}` : html`<span class="bad">no alt text</span>`}
          </figcaption>
        </figure>`,
    )}
  </div>`;
}

function lengthMark(one: PreviewMedium): Html | string {
  const text = tellMoving(one);
  if (text === undefined) return '';
  return html`<span class="moving">${text.slice(0, 1).toUpperCase()}${text.slice(1)}</span>`;
}

/** Without a path the post no longer has it. */
function medium({ src, alt, moves }: PreviewMedium, path: string | undefined): Html {
  const about = alt || `${src}, without a description`;
  if (path === undefined) return html`<span class="missing">${src}</span>`;
  return moves === 'video'
    ? player(path, about)
    : html`<img src="${path}" alt="${about}" loading="lazy" />`;
}

/** Ours, or the one that the network makes of the first link if there is no image. */
function linkCard(delivery: Shown['delivery'], part: PreviewPart): Html {
  const own = delivery.card;
  const { cardBy, limits } = traitsOf(delivery.network);
  const isTheirs = cardBy === 'network' && part.media.length === 0;
  const found = isTheirs ? findLinks(part.text, limits.text)[0]?.url : undefined;
  // A counted link's card is the one of the page behind it.
  const counted = own ?? found;
  const url = counted === undefined ? undefined : (delivery.leadsTo ?? counted);
  if (url === undefined || !URL.canParse(url)) return html``;
  const { hostname, pathname } = new URL(url);
  const source =
    own === undefined
      ? `${networkOf(delivery.network)} makes this card`
      : 'Title and image are read when the post is published';
  return html`<div class="link-card">
    <span class="host">${hostname}</span>
    <span class="small">${pathname === '/' ? 'Home page' : decode(pathname)}</span>
    <span class="dim small">${source}</span>
  </div>`;
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

const used = ({ length, max }: PreviewPart): Html =>
  drawShare(
    length,
    max,
    html`<span class="${length > max ? 'bad' : 'dim'}">${length} of ${max} characters</span>`,
  );
