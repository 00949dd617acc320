import { html } from 'hono/html';
import type { CommandContext } from '../../commands/command.ts';
import type { Html } from './html.ts';
import { address } from './bits.ts';

export interface AccountFilter {
  path: string;
  chosen: string | undefined;
  /** The other filters of the page. */
  query: Record<string, string>;
  /** Whether the page can show all accounts together. */
  hasAll: boolean;
}

/** Links to one account each, and perhaps to all of them. */
export function filterByAccount(
  { settings }: Pick<CommandContext, 'settings'>,
  { path, chosen, query, hasAll }: AccountFilter,
): Html {
  if (settings.accounts.length < 2) return html``;
  const tab = (name: string | undefined, label: string): Html =>
    html`<a
      href="${address(path, { ...query, account: name })}"
      ${name === chosen ? html`aria-current="true"` : ''}
      >${label}</a
    >`;
  return html`<nav class="tabs" aria-label="Accounts">
    ${hasAll ? tab(undefined, 'All accounts') : ''}
    ${settings.accounts.map(({ name }) => tab(name, name))}
  </nav>`;
}

export interface Pager {
  newer: string | undefined;
  older: string | undefined;
  about: string;
  names: [newer: string, older: string];
  /** Where a page has two. */
  label?: string;
}

export function pager({ newer, older, about, names, label = 'More pages' }: Pager): Html {
  if (newer === undefined && older === undefined) return html``;
  const to = (url: string | undefined, rel: string, name: string): Html =>
    url === undefined ? html`<span></span>` : html`<a href="${url}" rel="${rel}">${name}</a>`;
  return html`<nav class="pages" aria-label="${label}">
    ${to(newer, 'prev', names[0])}
    <span class="dim small">${about}</span>
    ${to(older, 'next', names[1])}
  </nav>`;
}
