import { html } from 'hono/html';
import type { CommandContext } from '../../commands/command.ts';
import {
  neighboursOf,
  type QueuePage,
  type QueueTab,
  queueTabNames,
  readQueuePage,
} from '../../commands/views/overview.ts';
import { type Delivery, isOpen } from '../../core/delivery/delivery.ts';
import { plural } from '../../core/plural.ts';
import { choices } from '../parts/form.ts';
import type { Html } from '../parts/html.ts';
import {
  approvalActions,
  backTo,
  isUnapproved,
  moveChoices,
  troubleActions,
} from '../parts/post-actions.ts';
import { filterByAccount, pager } from '../parts/filters.ts';
import {
  account,
  address,
  badge,
  distance,
  empty,
  head,
  shortWhy,
  titleLink,
  toNumber,
  when,
} from '../parts/bits.ts';
import type { PageRequest, PageResult } from '../parts/page.ts';

const perPage = 25;

const tellTab: Record<QueueTab, string> = {
  planned: 'These have a slot, the next one first.',
  queued: 'These are next in line: they get a slot as it comes near, two weeks ahead.',
  waiting: 'These wait for something; each says for what.',
  'under way': 'These are being released, or what became of them is not known.',
  released: 'These are out, the newest first.',
  ended: 'These did not go out, or will not.',
};

/** What goes out, when, where, and why then. */
export async function queue(context: CommandContext, request: PageRequest): Promise<PageResult> {
  const { query } = request;
  const tab = queueTabNames.find((name) => name === query.get('show')) ?? 'planned';
  const wanted = context.settings.accounts.find(({ name }) => name === query.get('account'))?.name;
  const skip = toNumber(query.get('from')) ?? 0;
  const page = await readQueuePage(context, {
    tab,
    ...(wanted === undefined ? {} : { account: wanted }),
    skip,
    limit: perPage,
  });
  const to = (words: { show?: string; from?: number }) =>
    address('/queue', { show: tab, account: wanted, ...words });
  return {
    title: 'Queue',
    body: html`${head('Queue', 'What goes out, when, where, and why then.')}
      <nav class="tabs" aria-label="Parts of the queue">
        ${queueTabNames.map(
          (name) =>
            html`<a href="${to({ show: name })}" ${name === tab ? html`aria-current="true"` : ''}
              >${name} <span class="num">${page.counts[name].toLocaleString('en')}</span></a
            >`,
        )}
      </nav>
      ${filterByAccount(context, '/queue', wanted, { show: tab })}
      <section class="card" aria-label="Deliveries">
        <p class="dim">${tellTab[tab]}</p>
        ${page.rows.length ? table(context, request, { ...page, tab, skip }) : empty(emptyTab(tab))}
      </section>
      ${pager({
        newer: skip > 0 ? to({ from: Math.max(0, skip - perPage) }) : undefined,
        older: skip + perPage < page.total ? to({ from: skip + perPage }) : undefined,
        about: page.total
          ? `${skip + 1} to ${Math.min(page.total, skip + perPage)} of ${plural(page.total, 'delivery', 'deliveries')}`
          : '',
        names: ['Before', 'Further'],
      })}`,
  };
}

const emptyTab = (tab: QueueTab): string =>
  tab === 'planned'
    ? 'Nothing is planned: put a Markdown file into the posts folder, or look at what waits.'
    : 'There is nothing here.';

function table(
  context: CommandContext,
  request: PageRequest,
  page: QueuePage & { tab: QueueTab; skip: number },
): Html {
  return html`<table class="stack">
    <thead>
      <tr>
        <th>When</th>
        <th>What</th>
        <th>Where</th>
        <th><span class="sr">What to do</span></th>
      </tr>
    </thead>
    <tbody>
      ${page.rows.map((one) => row(context, request, one, page))}
    </tbody>
  </table>`;
}

function row(
  context: CommandContext,
  request: PageRequest,
  one: Delivery,
  { rows, titles, tab }: QueuePage & { tab: QueueTab },
): Html {
  const at = one.state === 'planned' ? one.at : one.startedAt;
  const excerpt = titles.get(one.post)?.excerpt;
  return html`<tr id="row-${one.id}">
    <td class="nowrap">
      ${at === undefined ? html`<span class="dim">–</span>` : html`${when(context, at)}<br /><span class="dim small">${distance(context, at)}</span>`}
    </td>
    <td>
      ${titleLink(one, titles)} ${tab === 'ended' || tab === 'under way' ? badge(one.state) : ''}
      ${isUnapproved(one) ? badge('approval', 'wants approval') : ''}
      ${excerpt === undefined ? '' : html`<p class="small">${excerpt}</p>`}
      <p class="why">${shortWhy(one)}</p>
    </td>
    <td>${account(context, one.account)}</td>
    <td>${rowActions(request, one, rows)}</td>
  </tr>`;
}

function rowActions(request: PageRequest, one: Delivery, rows: readonly Delivery[]): Html {
  if (isUnapproved(one))
    return html`<div class="buttons">${approvalActions(request, one.id)}</div>`;
  if (!isOpen(one.state)) return html`<div class="buttons">${troubleActions(request, one)}</div>`;
  const said = { csrf: request.csrf, back: backTo(request), about: one.id };
  return html`<details class="more drop" id="change-${one.id}">
    <summary aria-label="Change ${one.id}">Change</summary>
    ${choices(one.id, moveChoices(one, neighboursOf(rows, one)), said)}
  </details>`;
}
