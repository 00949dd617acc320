import { html } from 'hono/html';
import type { PreviewPart } from '../../commands/views/preview.ts';
import type { ShownDelivery } from '../../commands/verbs/show.ts';
import { findLinks } from '../../core/text/links.ts';
import type { Network } from '../../core/network/network.ts';
import { traitsOf } from '../../core/network/traits-of.ts';
import { drawShare } from '../charts/share.ts';
import { type Html, isWebAddress } from './html.ts';
import { mediaPath, networkOf } from './bits.ts';

export interface Shown {
  delivery: ShownDelivery;
  handle: string;
  /** The post's own pictures, in its order: addresses count them. */
  pictures: string[];
}

/**
 * The post as its network will show it: who, text, pictures with their descriptions, link card, and
 * how much of the length is used.
 */
export function preview({ delivery, handle, pictures }: Shown): Html {
  const { network, parts, post } = delivery;
  const cw = 'cw' in delivery && traitsOf(network).hasWarningField ? delivery.cw : undefined;
  const shown = parts.map((part, i) => {
    const body = html`${text(part.text)} ${media(part, { post, pictures })}
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
      ${used(part)}
    </div>`;
  });
  return html`<article
    class="preview ${network}"
    aria-label="As ${networkOf(network)} will show it"
  >
    ${shown.length ? shown : html`<p class="empty">Its file cannot be read just now.</p>`}
    ${delivery.problems.map((problem) => html`<p class="bad small">${problem}</p>`)}
  </article>`;
}

const author = (network: Network, handle: string): Html =>
  html`<div class="author">
    <span class="face" aria-hidden="true"
      >${handle.replace(/^@/, '').slice(0, 1).toUpperCase()}</span
    >
    <span
      ><b>${handle.replace(/^@/, '').split(/[.@]/)[0] ?? handle}</b>
      <span class="handle">@${handle.replace(/^@/, '')}</span></span
    >
    <span class="on">${networkOf(network)}</span>
  </div>`;

/**
 * As networks set it: links without their scheme and cut short, tags and names in the same colour.
 */
function text(source: string): Html {
  const pieces: Html[] = [];
  let from = 0;
  for (const { start, end, url } of findLinks(source)) {
    pieces.push(tags(source.slice(from, start)));
    const name = shortenLink(url);
    const to = /^https?:/i.test(url) ? url : `https://${url}`;
    pieces.push(isWebAddress(to) ? html`<a href="${to}">${name}</a>` : html`${name}`);
    from = end;
  }
  pieces.push(tags(source.slice(from)));
  return html`<p class="text">${pieces}</p>`;
}

const tags = (source: string): Html =>
  html`${source.split(/((?<![\p{L}\p{N}_/])[#@][\p{L}\p{N}_][\p{L}\p{N}_.@-]*)/u).map((piece, i) => (i % 2 ? html`<span class="tag">${piece}</span>` : piece))}`;

function shortenLink(url: string): string {
  const bare = url.replace(/^https?:\/\/(www\.)?/i, '');
  return bare.length > 34 ? `${bare.slice(0, 33)}…` : bare;
}

function media(
  { media: all }: PreviewPart,
  { post, pictures }: { post: string; pictures: string[] },
): Html {
  if (!all.length) return html``;
  return html`<div class="pictures of-${Math.min(4, all.length)}">
    ${all.map(({ src, alt }) => {
      const index = pictures.indexOf(src);
      return html`<figure>
        ${index < 0 ? html`<span class="missing">${src}</span>` : html`<img src="${mediaPath(post, index)}" alt="${alt || `${src}, without a description`}" loading="lazy" />`}
        <figcaption>
          ${alt ? html`<b>ALT</b> ${alt}` : html`<span class="bad">no alt text</span>`}
        </figcaption>
      </figure>`;
    })}
  </div>`;
}

/** Ours, or the one that the network makes of the first link where there is no picture. */
function linkCard(delivery: ShownDelivery, part: PreviewPart): Html {
  const own = 'card' in delivery ? delivery.card : undefined;
  const isTheirs = traitsOf(delivery.network).cardBy === 'network' && part.media.length === 0;
  const found = isTheirs ? findLinks(part.text)[0]?.url : undefined;
  const url = own ?? found;
  if (url === undefined || !URL.canParse(url)) return html``;
  const { hostname, pathname } = new URL(url);
  return html`<div class="link-card">
    <span class="host">${hostname}</span>
    <span class="small">${pathname === '/' ? 'The page at its root' : decode(pathname)}</span>
    <span class="dim small"
      >${own === undefined ? `${networkOf(delivery.network)} makes the card by itself` : 'Title and picture are read at the release'}</span
    >
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
