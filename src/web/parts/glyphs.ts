import { html, raw } from 'hono/html';
import { type Network, networks } from '../../core/network/network.ts';
import { traitsOf } from '../../core/network/traits-of.ts';
import type { Html } from './html.ts';

/** What stands below a post on every network: answer, pass on, like. */
const acts: Record<string, string> = {
  reply: 'M4 11a7 6.5 0 0 1 7-6.5h2a7 6.5 0 0 1 0 13h-1.5L7 20.5v-3.6A6.6 6.6 0 0 1 4 11z',
  repost: 'M7 8h9a2 2 0 0 1 2 2v7M7 8l2.6-2.8M7 8l2.6 2.8M17 17H8a2 2 0 0 1-2-2v-2',
  like: 'M12 19.5C6.5 15.6 4 12.9 4 9.6A4.1 4.1 0 0 1 12 8a4.1 4.1 0 0 1 8 1.6c0 3.3-2.5 6-8 9.9z',
};

const symbol = (id: string, path: string, isFilled: boolean): string =>
  `<symbol id="${id}" viewBox="0 0 24 24"><path d="${path}" ` +
  `fill="${isFilled ? 'currentColor' : 'none'}" stroke="currentColor" ` +
  `stroke-width="${isFilled ? 0 : 1.9}" stroke-linecap="round" stroke-linejoin="round"/></symbol>`;

/** Once on each page; the marks refer to it. */
export const glyphs = raw(
  `<svg class="sr" aria-hidden="true">${[
    ...networks.map((network) => {
      const { path, isFilled = false } = traitsOf(network).look.glyph;
      return symbol(`on-${network}`, path, isFilled);
    }),
    ...Object.entries(acts).map(([name, path]) => symbol(`act-${name}`, path, false)),
  ].join('')}</svg>`,
);

const use = (id: string): Html =>
  html`<svg class="glyph" aria-hidden="true"><use href="#${id}" /></svg>`;

export const glyphOf = (network: Network): Html => use(`on-${network}`);

export const actRow = (): Html =>
  html`<div class="acts" aria-hidden="true">
    ${Object.keys(acts).map((name) => use(`act-${name}`))}
  </div>`;
