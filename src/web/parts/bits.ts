import { html } from 'hono/html';
import type { CommandContext } from '../../commands/command.ts';
import { stateName } from '../../commands/publishing-words.ts';
import type { Titled } from '../../commands/views/overview.ts';
import { inShort } from '../../commands/views/rows.ts';
import type { Delivery, State } from '../../core/delivery/delivery.ts';
import { type Network, networkNames } from '../../core/network/network.ts';
import {
  formatDuration,
  formatLocal,
  type Instant,
  localDate,
  minute,
  toIso,
} from '../../core/time.ts';
import { glyphOf } from './glyphs.ts';
import { type Html, isWebAddress } from './html.ts';

type Asking = Pick<CommandContext, 'settings' | 'clock'>;

export interface Card {
  /** A title that is not plain text needs an id. */
  title: string | Html;
  body: Html;
  /** Beside the title. */
  aside?: Html | string;
  id?: string;
  look?: string;
}

export function card({ title, body, aside = '', id, look = '' }: Card): Html {
  const name = id ?? (typeof title === 'string' ? title.toLowerCase().replaceAll(/\W+/g, '-') : '');
  return html`<section class="card ${look}" id="${name}" aria-labelledby="${name}-title">
    <header>
      <h2 id="${name}-title">${title}</h2>
      ${aside}
    </header>
    ${body}
  </section>`;
}

export const head = (title: string, about: Html | string = '', aside: Html | string = ''): Html =>
  html`<div class="head">
    <div>
      <h1>${title}</h1>
      ${about === '' ? '' : html`<p>${about}</p>`}
    </div>
    ${aside}
  </div>`;

export const empty = (text: Html | string): Html => html`<p class="empty">${text}</p>`;

export const link = (url: string | undefined, text: string): Html | string =>
  isWebAddress(url) ? html`<a href="${url}">${text}</a>` : text;

/** `Tue 24 Nov 08:30`, or `Today 08:30`. */
export function when({ settings, clock }: Asking, at: Instant): Html {
  return html`<time datetime="${toIso(at)}">${tellWhen({ settings, clock }, at)}</time>`;
}

export function tellWhen({ settings: { zone }, clock }: Asking, at: Instant): string {
  const now = clock.now();
  const text = formatLocal(at, zone);
  const date = localDate(at, zone);
  if (date === localDate(now, zone)) return `Today ${text.slice(-5)}`;
  return Math.abs(at - now) < 300 * 86_400_000 ? text : `${date} ${text.slice(-5)}`;
}

/** `in 3h 20m`, `12m ago`. */
export function distance({ clock }: Pick<CommandContext, 'clock'>, at: Instant): string {
  const apart = at - clock.now();
  if (Math.abs(apart) < minute) return apart < 0 ? 'just now' : 'within a minute';
  const text = formatDuration(Math.floor(Math.abs(apart) / minute) * minute);
  return apart < 0 ? `${text} ago` : `in ${text}`;
}

/** The colour is only an addition: the name is beside it. */
export function account(
  { settings }: Pick<CommandContext, 'settings'>,
  name: string,
  text = name,
): Html {
  const i = settings.accounts.findIndex((one) => one.name === name);
  const network = settings.accounts[i]?.network;
  const mark = network === undefined ? html`<i class="dot"></i>` : glyphOf(network);
  return html`<span class="account acc-${i < 0 ? 'none' : i % 6}"
    >${mark}<span>${text}</span></span
  >`;
}

export const badge = (
  look: State | 'approval' | 'held' | 'problem' | 'brake' | 'paused',
  label: string = stateName(look as State),
): Html => html`<span class="badge ${look}">${label}</span>`;

export const noAccounts = (): Html =>
  empty(html`There are no accounts yet. <a href="/accounts/connect">Connect an account</a>`);

/** The post of a delivery by its title, linked to its page. */
export function titleLink(
  one: Pick<Delivery, 'post' | 'id'>,
  titles: ReadonlyMap<string, Titled>,
): Html {
  return html`<a class="title" href="${postPath(one.post)}"
      >${titles.get(one.post)?.title ?? one.post}</a
    >${movingMark(titles.get(one.post))}`;
}

/** Beside a title, where the post itself is not shown. */
export const movingMark = ({ moves }: Partial<Titled> = {}): Html | string =>
  moves === undefined
    ? ''
    : html` <span class="moving">${moves === 'video' ? 'Video' : 'GIF'}</span>`;

export const postPath = (post: string): string => `/posts/${encodeURIComponent(post)}`;
export const mediaPath = (post: string, index: number): string =>
  `/media/${encodeURIComponent(post)}/${index}`;

export const networkOf = (network: Network): string => networkNames[network];

/** It begins when a person says so. */
export const player = (path: string, about: string): Html =>
  html`<video src="${path}" aria-label="${about}" controls playsinline preload="metadata"></video>`;

/** A number in a query, whole and not below zero. */
export function toNumber(text: string | null): number | undefined {
  const value = text === null || text === '' ? NaN : Number(text);
  return Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

/** The path of a page with a query. Empty values are left out. */
export function address(path: string, query: Record<string, string | number | undefined>): string {
  const words = new URLSearchParams();
  for (const [key, value] of Object.entries(query))
    if (value !== undefined && value !== '') words.set(key, String(value));
  return words.size ? `${path}?${words.toString()}` : path;
}

/** Groups neighbours of the same post. */
export function byPost<T extends Pick<Delivery, 'post'>>(all: readonly T[]): T[][] {
  const groups: T[][] = [];
  for (const one of all) {
    const last = groups.at(-1);
    if (last?.[0]?.post === one.post) last.push(one);
    else groups.push([one]);
  }
  return groups;
}

/** The reason in a few words. The page of the post has the figures. */
export const shortWhy = ({ why, reason }: Pick<Delivery, 'why' | 'reason'>): string =>
  inShort(why) ?? reason ?? '';

/** The text of an entry without the URL that it links to. */
export const withoutAddress = (text: string, url: string | undefined): string =>
  url === undefined
    ? text
    : [`: ${url}`, ` (${url})`, url].reduce((left, one) => left.replace(one, ''), text).trim();

/** Text between backticks is code. */
export const prose = (text: string): Html =>
  html`${text.split(/`([^`]+)`/).map((piece, i) => (i % 2 ? html`<code>${piece}</code>` : piece))}`;

/** Content that is wider than a phone. It scrolls sideways, with the keyboard too. */
export const wide = (name: string, body: Html): Html =>
  html`<div class="scroll" tabindex="0" role="group" aria-label="${name}">${body}</div>`;
