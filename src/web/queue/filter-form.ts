import { html } from 'hono/html';
import type { CommandContext } from '../../commands/command.ts';
import type { PostFilter } from '../../commands/posts-view/post-filter.ts';
import { address } from '../parts/bits.ts';
import type { Html } from '../parts/html.ts';

export interface FilterForm {
  path: string;
  filter: PostFilter;
  /** What else the address of the page says. */
  keep: Record<string, string>;
}

/** A form that sends its choice by GET: it works without a script, and its address can be kept. */
export function filterForm(
  { settings }: Pick<CommandContext, 'settings'>,
  { path, filter, keep }: FilterForm,
): Html {
  const names = settings.accounts.map(({ name }) => name);
  const isUsed = Object.keys(filter).length > 0;
  return html`<form class="filter" method="get" action="${path}" role="search">
    ${Object.entries(keep).map(
      ([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`,
    )}
    <label class="field">
      <span>Text</span>
      <input
        type="search"
        name="text"
        value="${filter.text ?? ''}"
        maxlength="100"
        placeholder="In title or text"
        autocomplete="off"
      />
    </label>
    ${select('Account', { name: 'account', options: names, chosen: filter.account })}
    ${select('Campaign', {
      name: 'campaign',
      options: [...new Set([...Object.keys(settings.campaigns), filter.campaign ?? ''])],
      chosen: filter.campaign,
    })}
    ${select('Queue', {
      name: 'queue',
      options: [...Object.keys(settings.queues), ...(filter.queue === 'none' ? ['none'] : [])],
      chosen: filter.queue,
    })}
    <div class="buttons">
      <button class="button">Filter</button>
      ${isUsed ? html`<a class="button quiet" href="${address(path, keep)}">Clear</a>` : ''}
    </div>
  </form>`;
}

interface Select {
  name: string;
  options: string[];
  chosen: string | undefined;
}

/** Nothing to choose from: no field. */
function select(label: string, { name, options, chosen }: Select): Html | string {
  const all = options.filter(Boolean);
  if (!all.length) return '';
  return html`<label class="field">
    <span>${label}</span>
    <select name="${name}">
      <option value="">All</option>
      ${all.map(
        (one) =>
          html`<option value="${one}" ${one === chosen ? html`selected` : ''}>${one}</option>`,
      )}
    </select>
  </label>`;
}
