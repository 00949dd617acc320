import { html } from 'hono/html';
import type { CommandContext } from '../../commands/command.ts';
import type { QueuedPost, QueueTab } from '../../commands/posts-view/queue-posts.ts';
import { neighboursOf, type Titled } from '../../commands/views/overview.ts';
import { type Delivery, isOpen } from '../../core/delivery/delivery.ts';
import { account, badge, distance, shortWhy, titleLink, when } from '../parts/bits.ts';
import { choices } from '../parts/form.ts';
import type { Html } from '../parts/html.ts';
import {
  isUnapproved,
  moveChoices,
  optionsOf,
  troubleActions,
  wholeActions,
} from '../parts/post-actions.ts';
import type { PageRequest } from '../parts/page.ts';
import { editPath } from './broken-cards.ts';
import { bulkForm, isAllSelected } from './bulk-form.ts';

export interface PostCard {
  tab: QueueTab;
  one: QueuedPost;
  /** What the page shows, for the neighbours of a slot. */
  rows: readonly Delivery[];
  titles: ReadonlyMap<string, Titled>;
  /** Only this account is shown: what is done concerns it alone. */
  account: string | undefined;
}

/** A post of the queue: its text once, and each account's time and state in it. */
export function postCard(context: CommandContext, request: PageRequest, card: PostCard): Html {
  const { one, titles, tab } = card;
  const [first] = one.deliveries;
  if (!first) return html``;
  const titled = titles.get(one.post);
  const id = card.account === undefined ? one.run : first.id;
  const name = titled?.title ?? one.post;
  const canSelect = tab === 'planned' || tab === 'queued' || tab === 'waiting';
  return html`<li class="post-card" id="post-${one.run}">
    ${canSelect ? box(request, id, name) : ''}
    <div class="post-what">
      <p class="line">
        ${titleLink(first, titles)}
        ${one.deliveries.some(isUnapproved) ? badge('approval', 'needs approval') : ''}
        ${first.terms.campaign ? html`<span class="dim small">${first.terms.campaign}</span>` : ''}
      </p>
      ${titled?.excerpt === undefined ? '' : html`<p class="small">${titled.excerpt}</p>`}
      <ul class="post-on">
        ${one.deliveries.map((delivery) => line(context, request, { ...card, delivery }))}
      </ul>
      ${wholeMenu(context, request, card)}
    </div>
  </li>`;
}

const box = (request: PageRequest, id: string, name: string): Html =>
  html`<label class="pick">
    <input
      type="checkbox"
      name="id"
      value="${id}"
      form="${bulkForm}"
      ${isAllSelected(request) ? html`checked` : ''}
    /><span class="sr">Select ${name}</span>
  </label>`;

interface Line extends PostCard {
  delivery: Delivery;
}

function line(context: CommandContext, request: PageRequest, shown: Line): Html {
  const { delivery, tab } = shown;
  const at = delivery.state === 'planned' ? delivery.at : delivery.startedAt;
  const isPlain = delivery.state === tab || (tab === 'released' && delivery.state === 'released');
  const time =
    at === undefined
      ? ''
      : html`${when(context, at)} <span class="dim small">${distance(context, at)}</span>`;
  const path = editOf(shown);
  return html`<li id="row-${delivery.id}">
    <div>${account(context, delivery.account)}</div>
    <div>
      <p class="line">${time} ${isPlain && time !== '' ? '' : badge(delivery.state)}</p>
      <p class="why">
        ${shortWhy(delivery)} ${path === undefined ? '' : html`<a href="${path}">Edit the file</a>`}
      </p>
    </div>
    <div class="post-do">${lineActions(request, shown)}</div>
  </li>`;
}

/** Where only its file can change what it waits for. */
function editOf({ delivery, titles }: Line): string | undefined {
  const held = delivery.terms.held?.because;
  const path = titles.get(delivery.post)?.path;
  return path !== undefined && (held === 'file-broken' || held === 'draft')
    ? editPath(path)
    : undefined;
}

function lineActions(request: PageRequest, { delivery, one, rows }: Line): Html {
  if (!isOpen(delivery.state))
    return html`<div class="buttons">${troubleActions(request, delivery)}</div>`;
  const options = { ...optionsOf(request), about: delivery.id };
  const some = moveChoices(delivery, neighboursOf(rows, delivery));
  const isOnly = one.deliveries.filter(({ state }) => isOpen(state)).length < 2;
  return html`<details class="more drop" id="change-${delivery.id}">
    <summary>
      ${isOnly ? 'Order' : 'Only here'}<span class="sr">: change ${delivery.id}</span>
    </summary>
    ${choices(delivery.id, some, options)}
  </details>`;
}

/** What is done here concerns every account of the post. */
function wholeMenu(
  context: CommandContext,
  request: PageRequest,
  { one, account: only }: PostCard,
): Html | string {
  const open = one.deliveries.filter(({ state }) => isOpen(state));
  if (!open.length) return '';
  const id = only === undefined ? one.run : (open[0]?.id ?? one.run);
  const actions = wholeActions(context, request, { id, open });
  const label = open.length > 1 ? 'Change on all accounts' : 'Change';
  return html`<details class="more whole" id="change-${one.run}">
    <summary>${label}<span class="sr">: ${id}</span></summary>
    ${actions}
  </details>`;
}
