import { html } from 'hono/html';
import type { CommandContext } from '../../commands/command.ts';
import { localDate } from '../../core/time.ts';
import { address } from '../parts/bits.ts';
import type { Html } from '../parts/html.ts';
import { backTo } from '../parts/post-actions.ts';
import type { PageRequest } from '../parts/page.ts';

/** The form to which the boxes of the page belong. */
export const bulkForm = 'bulk';

/** The page with all its boxes ticked, for browsers without a script. */
const selectAll = 'select';

export const isAllSelected = ({ query }: PageRequest): boolean => query.get(selectAll) === 'all';

/** One form for whatever is ticked: it works without a script. */
export function bulkBar(context: CommandContext, request: PageRequest, count: number): Html {
  const here = new URLSearchParams(request.query);
  here.delete(selectAll);
  const back = backTo({ ...request, query: here });
  const isAll = isAllSelected(request);
  const names = [`Select all ${count} on this page`, 'Select none'];
  const words = Object.fromEntries(here);
  const toggle = address(request.path, { ...words, [selectAll]: isAll ? undefined : 'all' });
  return html`<form class="bulk" id="${bulkForm}" method="post" action="/do/skip">
    <input type="hidden" name="csrf" value="${request.csrf}" />
    <input type="hidden" name="back" value="${back}" />
    <input type="hidden" name="many" value="true" />
    <a
      class="button quiet"
      href="${toggle}"
      data-select="${isAll ? 'none' : 'all'}"
      data-other="${names[isAll ? 0 : 1]}"
      >${names[isAll ? 1 : 0]}</a
    >
    <details class="more" id="bulk-more">
      <summary>Change the selected posts</summary>
      <div class="bulk-body">
        <div class="buttons">
          ${press('move', 'To the top', 'top')} ${press('move', 'To the bottom', 'bottom')}
          ${press('skip', 'Skip')} ${press('approve', 'Approve')} ${press('withdraw', 'Withdraw')}
        </div>
        ${timeField(context)} ${campaignField(context)}
      </div>
    </details>
  </form>`;
}

const press = (verb: string, label: string, arg?: string): Html =>
  html`<button
    class="button"
    formaction="/do/${verb}"
    ${arg === undefined ? '' : html`name="arg" value="${arg}"`}
    aria-label="${label}: the selected posts"
  >
    ${label}
  </button>`;

/** `with`: the field whose value the verb takes. */
const pressWith = (verb: string, label: string, field: string): Html =>
  html`<button
    class="button"
    formaction="/do/${verb}"
    name="with"
    value="${field}"
    aria-label="${label}: the selected posts"
  >
    ${label}
  </button>`;

const timeField = ({ settings, clock }: CommandContext): Html =>
  html`<div class="buttons">
    <label class="field">
      <span>Move to (${settings.zone})</span>
      <input
        type="datetime-local"
        name="when"
        min="${localDate(clock.now(), settings.zone)}T00:00"
        autocomplete="off"
      />
      <small
        >The first post gets this time. The others follow, one minimum gap after the other.</small
      >
    </label>
    ${pressWith('move', 'Move', 'when')}
  </div>`;

const campaignField = ({ settings }: CommandContext): Html =>
  html`<div class="buttons">
    <label class="field">
      <span>Campaign</span>
      <input name="campaign" list="campaigns" autocomplete="off" />
      <small>Written into the posts’ files. <code>none</code> takes them out.</small>
    </label>
    <label class="check"
      ><input type="checkbox" name="opt-new" value="true" autocomplete="off" />
      <span>It is a new campaign</span></label
    >
    <datalist id="campaigns">
      ${Object.keys(settings.campaigns).map((name) => html`<option value="${name}"></option>`)}
    </datalist>
    ${pressWith('campaign', 'Put into campaign', 'campaign')}
  </div>`;
