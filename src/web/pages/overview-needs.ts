import { html } from 'hono/html';
import type { CommandContext } from '../../commands/command.ts';
import { type Resting, tellResting } from '../../commands/people/resting.ts';
import type { Overview } from '../../commands/views/overview.ts';
import type { Delivery } from '../../core/delivery/delivery.ts';
import { plural } from '../../core/plural.ts';
import { account, badge, card, postPath, prose, titleLink } from '../parts/bits.ts';
import type { Html } from '../parts/html.ts';
import type { PageRequest } from '../parts/page.ts';
import { approvalActions, troubleActions } from '../parts/post-actions.ts';

/** What needs a person, with the buttons for it. */
export function needs(context: CommandContext, request: PageRequest, seen: Overview): Html {
  const items = [
    ...heldItems(context, seen),
    ...seen.resting.map((one) => restingItem(context, one)),
    ...seen.troubles.map((one) => troubleItem(context, request, { one, titles: seen.titles })),
    ...approvalItems(context, request, seen),
    ...problemItems(seen),
  ];
  if (!items.length) return html``;
  return card({
    title: 'Needs you',
    body: html`<ul class="needs">
        ${items}
      </ul>
      ${moreTroubles(seen)}`,
    aside: html`<span class="dim small">${plural(items.length, 'item')}</span>`,
  });
}

function heldItems(context: CommandContext, { state, accounts }: Overview): Html[] {
  const held = (what: Html, because: string, more: Html | string = ''): Html =>
    item(
      'held',
      html`<div class="line">${badge('held')} ${what}</div>
        <p>${prose(because)}</p>
        ${more}`,
    );
  const open = (name: string): Html =>
    html`<div class="buttons">
      <a class="button" href="/accounts#about-${name}" aria-label="Open account ${name}">Open</a>
    </div>`;
  return [
    ...state.heldBecause.map((because) => held(html`<b>Dripline</b>`, because)),
    ...accounts.flatMap(({ name, heldBecause }) =>
      heldBecause === undefined ? [] : [held(account(context, name), heldBecause, open(name))],
    ),
  ];
}

const restingItem = ({ settings }: CommandContext, one: Resting): Html =>
  item(
    'held',
    html`<div class="line">${badge('held')} <b>Sequences</b></div>
      <p>${prose(tellResting(one, settings.zone))}</p>`,
  );

function troubleItem(
  context: CommandContext,
  request: PageRequest,
  { one, titles }: { one: Delivery; titles: Overview['titles'] },
): Html {
  return item(
    'trouble',
    html`<div class="line">
        ${badge(one.state)} ${titleLink(one, titles)} ${account(context, one.account)}
        <span class="dim small">${one.id}</span>
      </div>
      <p>${prose(one.reason ?? '')}</p>
      <div class="buttons">${troubleActions(request, one)}</div>`,
    one.id,
  );
}

/** Once for all accounts: a person approves a post, not each of its deliveries. */
function approvalItems(
  context: CommandContext,
  request: PageRequest,
  { approvals, titles }: Overview,
): Html[] {
  return [...Map.groupBy(approvals, ({ post }) => post)].flatMap(([post, some]) => {
    const [first, ...others] = some;
    if (!first) return [];
    const body = html`<div class="line">
        ${badge('approval', 'needs approval')} ${titleLink(first, titles)}
        ${some.map((one) => html`${account(context, one.account)} `)}
      </div>
      <p class="why">${titles.get(post)?.excerpt ?? ''}</p>
      <div class="buttons">
        ${approvalActions(request, others.length ? post : first.id)}
        <a class="button" href="${postPath(post)}">Open</a>
      </div>`;
    return [item('approval', body, post)];
  });
}

const mostProblems = 5;

function problemItems({ problems }: Overview): Html[] {
  if (!problems.length) return [];
  const lines = problems
    .slice(0, mostProblems)
    .map(({ where, what }) => html`<p><code>${where}</code> ${what}</p>`);
  const isCut = problems.length > mostProblems;
  const body = html`<div class="line">
      ${badge('problem')} <b>${plural(problems.length, 'problem')} in the posts folder</b>
    </div>
    ${lines}
    ${isCut ? html`<p><a href="/queue#to-correct">See and correct all of them</a></p>` : ''}`;
  return [item('trouble', body)];
}

function moreTroubles({ troubleCount, troubles }: Overview): Html | string {
  const more = troubleCount - troubles.length;
  if (more <= 0) return '';
  return html`<p class="dim">${more} more in the <a href="/queue?show=ended">queue</a>.</p>`;
}

const item = (look: string, body: Html, id?: string): Html =>
  html`<li class="${look}" ${id === undefined ? '' : html`id="needs-${id}"`}>${body}</li>`;
