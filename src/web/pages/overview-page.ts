import { entrySentence } from '../../commands/journal-words.ts';
import { html } from 'hono/html';
import type { CommandContext } from '../../commands/command.ts';
import { type Overview, readOverview } from '../../commands/views/overview.ts';
import { formatLocal } from '../../core/time.ts';
import { type Html, isWebAddress } from '../parts/html.ts';
import {
  account,
  badge,
  byPost,
  card,
  empty,
  head,
  link,
  networkOf,
  noAccounts,
  postPath,
  shortWhy,
  titleLink,
  when,
  withoutAddress,
} from '../parts/bits.ts';
import type { PageRequest, PageResult } from '../parts/page.ts';
import { sourceOf } from '../parts/words.ts';
import { hero } from './overview-hero.ts';
import { needs } from './overview-needs.ts';

/** The state of the service, what needs a person, what is published next, and what happened. */
export async function overview(context: CommandContext, request: PageRequest): Promise<PageResult> {
  const seen = await readOverview(context);
  return {
    title: 'Overview',
    body: html`${head('Overview')} ${hero(context, request, seen)} ${needs(context, request, seen)}
      <div class="split">
        <div>${nextPosts(context, seen)} ${accounts(context, seen)}</div>
        <div>${people(context, seen)} ${happened(context, seen)}</div>
      </div>`,
  };
}

function nextPosts(context: CommandContext, { upcoming, titles }: Overview): Html {
  const rows = byPost(upcoming).map((some) => {
    const [first] = some;
    if (first?.at === undefined) return '';
    const places = some.map(
      (one) =>
        html`<a class="plain" href="${postPath(one.post)}#on-${one.id}"
          >${account(context, one.account)}</a
        > `,
    );
    return html`<li id="next-${first.id}">
      <div>${when(context, first.at)}</div>
      <div>
        ${titleLink(first, titles)}
        <p class="line">${places}</p>
        <p class="why">${shortWhy(first)}</p>
      </div>
    </li>`;
  });
  return card({
    title: 'Next posts',
    body: rows.length
      ? html`<ol class="rows timed">
          ${rows}
        </ol>`
      : empty(nothingScheduled),
    aside: html`<a href="/calendar">Calendar</a>`,
  });
}

const nothingScheduled =
  'Nothing is scheduled. Put a Markdown file into the posts folder, or see what is waiting.';

function accounts(context: CommandContext, { accounts: all }: Overview): Html {
  if (!all.length) return card({ title: 'Accounts', body: noAccounts() });
  return card({
    title: 'Accounts',
    body: html`<table class="stack">
      <thead>
        <tr>
          <th>Account</th>
          <th>Handle</th>
          <th>Next</th>
          <th class="num">In the queue</th>
        </tr>
      </thead>
      <tbody>
        ${all.map((one) => accountRow(context, one))}
      </tbody>
    </table>`,
    aside: html`<a href="/accounts">Details</a>`,
  });
}

type AccountStatus = Overview['accounts'][number];

const accountRow = (context: CommandContext, one: AccountStatus): Html =>
  html`<tr id="account-${one.name}">
    <td>
      ${account(context, one.name)}<br /><span class="dim small">${networkOf(one.network)}</span>
    </td>
    <td>${link(one.url, one.handle ?? 'not logged in yet')}${accountTrouble(context, one)}</td>
    <td data-label="Next">${one.next ? when(context, Date.parse(one.next.at)) : '–'}</td>
    <td class="num" data-label="In the queue">${one.queued.toLocaleString('en')}</td>
  </tr>`;

function accountTrouble({ settings }: CommandContext, one: AccountStatus): Html | string {
  const tell = (at: string) => formatLocal(Date.parse(at), settings.zone);
  if (one.heldBecause !== undefined) return html` ${badge('held')}`;
  if (one.paused !== undefined) {
    const until = one.paused === true ? '' : ` until ${tell(one.paused)}`;
    return html` ${badge('waiting', `paused${until}`)}`;
  }
  if (one.lastError === undefined) return '';
  const retry = one.retryAt === undefined ? '' : ` Next try: ${tell(one.retryAt)}.`;
  return html`<br /><span class="bad small">${one.lastError}.${retry}</span>`;
}

function people(context: CommandContext, { replies }: Overview): Html {
  if (!replies.length) return html``;
  const rows = replies.map(
    (one) =>
      html`<li>
        <p>${withoutAddress(one.text ?? '', one.url)}</p>
        <span class="dim small"
          >${when(context, one.at)}
          ${isWebAddress(one.url) ? html`· <a href="${one.url}">Answer</a>` : ''}</span
        >
      </li>`,
  );
  return card({
    title: 'Replies',
    body: html`<ul class="rows">
      ${rows}
    </ul>`,
    aside: html`<a href="/journal?type=reply">All</a>`,
  });
}

function happened(context: CommandContext, { entries }: Overview): Html {
  const rows = entries.map(
    (one) =>
      html`<li>
        <p>${link(one.url, withoutAddress(entrySentence(one), one.url))}</p>
        <span class="dim small">${when(context, one.at)} · ${sourceOf(one.by)}</span>
      </li>`,
  );
  return card({
    title: 'Recent activity',
    body: rows.length
      ? html`<ul class="rows">
          ${rows}
        </ul>`
      : empty('Nothing yet.'),
    aside: html`<a href="/journal">Journal</a>`,
  });
}
