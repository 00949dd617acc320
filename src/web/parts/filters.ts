import { html } from 'hono/html';
import type { CommandContext } from '../../commands/command.ts';
import type { Html } from './html.ts';
import { address } from './bits.ts';

/** One account, or all: links, so that nothing has to be sent. */
export function filterByAccount(
  { settings }: Pick<CommandContext, 'settings'>,
  path: string,
  chosen: string | undefined,
  query: Record<string, string>,
  all = 'All accounts',
): Html {
  const options = [
    ...(all === '' ? [] : [{ name: undefined, label: all }]),
    ...settings.accounts.map(({ name }) => ({ name, label: name })),
  ];
  if (settings.accounts.length < 2) return html``;
  return html`<nav class="tabs" aria-label="Accounts">
    ${options.map(({ name, label }) => html`<a href="${address(path, { ...query, account: name })}" ${name === chosen ? html`aria-current="true"` : ''}>${label}</a>`)}
  </nav>`;
}

export interface Pager {
  newer: string | undefined;
  older: string | undefined;
  about: string;
  names: [newer: string, older: string];
}

export function pager({ newer, older, about, names }: Pager): Html {
  if (newer === undefined && older === undefined) return html``;
  return html`<nav class="pages" aria-label="More of this">
    ${newer === undefined ? html`<span></span>` : html`<a href="${newer}" rel="prev">${names[0]}</a>`}
    <span class="dim small">${about}</span>
    ${older === undefined ? html`<span></span>` : html`<a href="${older}" rel="next">${names[1]}</a>`}
  </nav>`;
}
