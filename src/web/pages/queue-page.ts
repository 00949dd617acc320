import { html } from 'hono/html';
import type { CommandContext } from '../../commands/command.ts';
import {
  hasMore,
  neighboursOf,
  type QueuePage,
  type QueueTab,
  queueTabNames,
  readQueuePage,
} from '../../commands/views/overview.ts';
import { type Delivery, isOpen } from '../../core/delivery/delivery.ts';
import { pickDefined } from '../../core/pick-defined.ts';
import { plural } from '../../core/plural.ts';
import { choices } from '../parts/form.ts';
import type { Html } from '../parts/html.ts';
import {
  approvalActions,
  isUnapproved,
  moveChoices,
  optionsOf,
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

interface Tab {
  name: string;
  about: string;
}

const tabs: Record<QueueTab, Tab> = {
  planned: { name: 'Scheduled', about: 'These posts have a time. The next one is first.' },
  queued: {
    name: 'Queued',
    about: 'These posts are next in line. Dripline schedules them two weeks ahead.',
  },
  waiting: { name: 'Waiting', about: 'These posts wait for something. Each one says for what.' },
  'under way': {
    name: 'In progress',
    about: 'These posts are being published, or it is not known whether they were published.',
  },
  released: { name: 'Published', about: 'These posts are published. The newest one is first.' },
  ended: { name: 'Ended', about: 'These posts were not published, or will not be published.' },
};

/** What is published, when, where, and why then. */
export async function queue(context: CommandContext, request: PageRequest): Promise<PageResult> {
  const { query } = request;
  const tab = queueTabNames.find((name) => name === query.get('show')) ?? 'planned';
  const chosen = context.settings.accounts.find(({ name }) => name === query.get('account'))?.name;
  const wanted = toNumber(query.get('from')) ?? 0;
  const page = await readQueuePage(
    context,
    pickDefined({ tab, account: chosen, skip: wanted, limit: perPage }),
  );
  const { skip } = page;
  const to = (words: { show?: string; from?: number }) =>
    address('/queue', { show: tab, account: chosen, ...words });
  return {
    title: 'Queue',
    body: html`${head('Queue', 'What is published, when, where, and why then.')}
      <nav class="tabs" aria-label="Parts of the queue">
        ${queueTabNames.map((name) => tabLink(page, name, { to, isCurrent: name === tab }))}
      </nav>
      ${filterByAccount(context, { path: '/queue', chosen, query: { show: tab }, hasAll: true })}
      <section class="card" aria-label="Posts">
        <p class="dim">${tabs[tab].about}</p>
        ${page.rows.length ? table(context, request, { ...page, tab }) : empty(emptyTab(tab))}
      </section>
      ${pager({
        newer: skip > 0 ? to({ from: Math.max(0, skip - perPage) }) : undefined,
        older: skip + perPage < page.listed ? to({ from: skip + perPage }) : undefined,
        about: tellRange({ ...page, isCut: hasMore(tab, page.counts[tab]) }),
        names: ['Previous', 'Next'],
      })}`,
  };
}

const tabLink = (
  page: QueuePage,
  name: QueueTab,
  { to, isCurrent }: { to: (words: { show: string }) => string; isCurrent: boolean },
): Html =>
  html`<a href="${to({ show: name })}" ${isCurrent ? html`aria-current="true"` : ''}
    >${tabs[name].name} <span class="num">${tellCount(page, name)}</span></a
  >`;

const tellCount = ({ counts }: QueuePage, name: QueueTab): string =>
  hasMore(name, counts[name])
    ? `${(counts[name] - 1).toLocaleString('en')}+`
    : counts[name].toLocaleString('en');

function tellRange({ listed, skip, isCut }: QueuePage & { isCut: boolean }): string {
  if (!listed) return '';
  const all = `${isCut ? 'more than ' : ''}${plural(listed, 'post')}`;
  const range = `${skip + 1} to ${Math.min(listed, skip + perPage)} of ${all}`;
  if (skip + perPage < listed || !isCut) return range;
  return `${range}. The list ends here: the journal tells of the others`;
}

const emptyTab = (tab: QueueTab): string =>
  tab === 'planned'
    ? 'Nothing is scheduled. Put a Markdown file into the posts folder, or see what is waiting.'
    : 'There is nothing here.';

function table(
  context: CommandContext,
  request: PageRequest,
  page: QueuePage & { tab: QueueTab },
): Html {
  return html`<table class="stack">
    <thead>
      <tr>
        <th>When</th>
        <th>Post</th>
        <th>Account</th>
        <th><span class="sr">Actions</span></th>
      </tr>
    </thead>
    <tbody>
      ${page.rows.map((one) => row(context, request, { ...page, one }))}
    </tbody>
  </table>`;
}

function row(
  context: CommandContext,
  request: PageRequest,
  { one, rows, titles, tab }: QueuePage & { one: Delivery; tab: QueueTab },
): Html {
  const at = one.state === 'planned' ? one.at : one.startedAt;
  const time =
    at === undefined
      ? html`<span class="dim">–</span>`
      : html`${when(context, at)}<br /><span class="dim small">${distance(context, at)}</span>`;
  const excerpt = titles.get(one.post)?.excerpt;
  return html`<tr id="row-${one.id}">
    <td class="nowrap">${time}</td>
    <td>
      ${titleLink(one, titles)} ${tab === 'ended' || tab === 'under way' ? badge(one.state) : ''}
      ${isUnapproved(one) ? badge('approval', 'needs approval') : ''}
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
  const options = { ...optionsOf(request), about: one.id };
  return html`<details class="more drop" id="change-${one.id}">
    <summary aria-label="Change ${one.id}">Change</summary>
    ${choices(one.id, moveChoices(one, neighboursOf(rows, one)), options)}
  </details>`;
}
