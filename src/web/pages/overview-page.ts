import { html } from 'hono/html';
import type { CommandContext } from '../../commands/command.ts';
import { type Overview, readOverview } from '../../commands/views/overview.ts';
import type { Delivery } from '../../core/delivery/delivery.ts';
import { plural } from '../../core/plural.ts';
import { formatLocal } from '../../core/time.ts';
import { button, fieldForm } from '../parts/form.ts';
import { type Html, isWebAddress } from '../parts/html.ts';
import { approvalActions, troubleActions } from '../parts/post-actions.ts';
import {
  account,
  badge,
  byPost,
  card,
  distance,
  empty,
  head,
  link,
  networkOf,
  postPath,
  prose,
  shortWhy,
  titleLink,
  when,
  withoutAddress,
} from '../parts/bits.ts';
import type { PageRequest, PageResult } from '../parts/page.ts';

/**
 * Everything at a glance: whether it runs, what needs a person, what goes out next, what happened.
 */
export async function overview(context: CommandContext, request: PageRequest): Promise<PageResult> {
  const seen = await readOverview(context);
  return {
    title: 'Overview',
    body: html`${head('Overview')} ${hero(context, request, seen)} ${needs(context, request, seen)}
      <div class="split">
        <div>${nextReleases(context, seen)} ${accounts(context, seen)}</div>
        <div>${people(context, seen)} ${happened(context, seen)}</div>
      </div>`,
  };
}

function hero(
  context: CommandContext,
  request: PageRequest,
  { state, upcoming, titles }: Overview,
): Html {
  const { zone } = context.settings;
  const said = { csrf: request.csrf, back: '/' };
  const [next] = upcoming;
  const ahead =
    next?.at === undefined
      ? html`Nothing is planned: put a Markdown file into the posts folder.`
      : html`Next: ${titleLink(next, titles)} on ${account(context, next.account)}
        ${when(context, next.at)}, ${distance(context, next.at)}`;
  if (state.isFirstStart)
    return heroCard(
      'The first start waits for your word',
      html`Nothing has gone out. Look at the <a href="/queue">queue</a> and the
        <a href="/calendar">calendar</a>, then let it go. ${ahead}`,
      button('resume', [], 'Resume', { ...said, look: 'main', name: 'Resume: let the queue go' }),
    );
  if (state.pause) {
    const until =
      state.pause.until === undefined
        ? 'until resumed'
        : `until ${formatLocal(state.pause.until, zone)}`;
    return heroCard(
      `Paused ${until}`,
      html`Said by ${state.pause.by}, ${distance(context, state.pause.since)}. Nothing goes out;
      slots that pass are not made up for.`,
      button('resume', [], 'Resume', { ...said, look: 'main' }),
    );
  }
  const pause = html`<div class="buttons">
      ${button('pause', [], 'Pause', said)}
      ${button('pause', ['2h'], '2 hours', { ...said, name: 'Pause for 2 hours' })}
      ${button('pause', ['until', 'tomorrow', '9:00'], 'Until tomorrow', { ...said, name: 'Pause until tomorrow 9:00' })}
    </div>
    <details class="more">
      <summary>Until another time</summary>
      ${fieldForm('pause', ['until'], { label: 'Until', placeholder: 'fri 9am' }, 'Pause', said)}
    </details>`;
  return heroCard(
    state.running ? 'Running' : 'No service is running',
    state.running ? ahead : html`Nothing goes out until it is started: <code>npm start</code>`,
    pause,
  );
}

const heroCard = (title: string, about: Html, aside: Html): Html =>
  html`<section class="card hero" id="service" aria-label="The service">
    <div>
      <strong>${title}</strong>
      <p>${about}</p>
    </div>
    <div class="grid">${aside}</div>
  </section>`;

function needs(context: CommandContext, request: PageRequest, seen: Overview): Html {
  const { state, troubles, troubleCount, approvals, accounts: all, problems, titles } = seen;
  const held = all.filter(({ heldBecause }) => heldBecause !== undefined);
  const items: Html[] = [
    ...state.heldBecause.map((because) =>
      item(
        'held',
        html`<div class="line">${badge('held')} <b>The service holds</b></div>
          <p>${prose(because)}</p>`,
      ),
    ),
    ...held.map((one) =>
      item(
        'held',
        html`<div class="line">${badge('held')} ${account(context, one.name)}</div>
          <p>${prose(one.heldBecause ?? '')}</p>`,
      ),
    ),
    ...troubles.map((one) =>
      item(
        'trouble',
        html`<div class="line">
            ${badge(one.state)} ${titleLink(one, titles)} ${account(context, one.account)}
            <span class="dim small">${one.id}</span>
          </div>
          <p>${prose(one.reason ?? '')}</p>
          <div class="buttons">${troubleActions(request, one)}</div>`,
        one.id,
      ),
    ),
    ...[...Map.groupBy(approvals, ({ post }) => post)].flatMap(([post, some]) =>
      some[0] ? [wantsApproval(context, request, { post, first: some[0], some, titles })] : [],
    ),
    ...(problems.length
      ? [
          item(
            'trouble',
            html`<div class="line">
                ${badge('problem')} <b>${plural(problems.length, 'problem')} in the posts folder</b>
              </div>
              ${problems.slice(0, 5).map(({ where, what }) => html`<p><code>${where}</code> ${what}</p>`)}
              ${problems.length > 5 ? html`<p class="dim">All of them: <code>npx dripline check</code></p>` : ''}`,
          ),
        ]
      : []),
  ];
  if (!items.length) return html``;
  const more =
    troubleCount > troubles.length
      ? html`<p class="dim">
          ${troubleCount - troubles.length} more stand in the <a href="/queue?show=ended">queue</a>.
        </p>`
      : '';
  return card({
    title: 'Needs you',
    body: html`<ul class="needs">
        ${items}
      </ul>
      ${more}`,
    aside: html`<span class="dim small">${plural(items.length, 'thing')}</span>`,
  });
}

interface Asked {
  post: string;
  first: Delivery;
  some: Delivery[];
  titles: Overview['titles'];
}

/** Once for all accounts: the post is looked at, rather than each of its deliveries. */
const wantsApproval = (
  context: CommandContext,
  request: PageRequest,
  { post, first, some, titles }: Asked,
): Html =>
  item(
    'approval',
    html`<div class="line">
        ${badge('approval', 'wants approval')} ${titleLink(first, titles)}
        ${some.map((one) => html`${account(context, one.account)} `)}
      </div>
      <p class="why">${titles.get(post)?.excerpt ?? ''}</p>
      <div class="buttons">
        ${approvalActions(request, some.length === 1 ? first.id : post)}
        <a class="button" href="${postPath(post)}">Look at it</a>
      </div>`,
    post,
  );

const item = (look: string, body: Html, id?: string): Html =>
  html`<li class="${look}" ${id === undefined ? '' : html`id="needs-${id}"`}>${body}</li>`;

function nextReleases(context: CommandContext, { upcoming, titles }: Overview): Html {
  const rows = byPost(upcoming).map((some) => {
    const [first] = some;
    if (first?.at === undefined) return '';
    return html`<li id="next-${first.id}">
      <div>${when(context, first.at)}</div>
      <div>
        ${titleLink(first, titles)}
        <p class="line">
          ${some.map((one) => html`<a class="plain" href="${postPath(one.post)}#on-${one.id}">${account(context, one.account)}</a> `)}
        </p>
        <p class="why">${shortWhy(first)}</p>
      </div>
    </li>`;
  });
  return card({
    title: 'Next releases',
    body: rows.length
      ? html`<ol class="rows timed">
          ${rows}
        </ol>`
      : empty(
          'Nothing is planned: put a Markdown file into the posts folder, or look at what waits in the queue.',
        ),
    aside: html`<a href="/calendar">Calendar</a>`,
  });
}

function accounts(context: CommandContext, { accounts: all }: Overview): Html {
  const rows = all.map(
    (one) =>
      html`<tr id="account-${one.name}">
        <td>
          ${account(context, one.name)}<br /><span class="dim small"
            >${networkOf(one.network)}</span
          >
        </td>
        <td>${link(one.url, one.handle ?? 'not logged in yet')}${accountTrouble(context, one)}</td>
        <td data-label="Next">${one.next ? when(context, Date.parse(one.next.at)) : '–'}</td>
        <td class="num" data-label="In the queue">${one.queued.toLocaleString('en')}</td>
      </tr>`,
  );
  if (!rows.length)
    return card({
      title: 'Accounts',
      body: empty(html`No accounts are configured: <code>npx dripline init</code>`),
    });
  return card({
    title: 'Accounts',
    body: html`<table class="stack">
      <thead>
        <tr>
          <th>Account</th>
          <th>Is</th>
          <th>Next</th>
          <th class="num">In the queue</th>
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>`,
    aside: html`<a href="/accounts">All about them</a>`,
  });
}

function accountTrouble(
  { settings }: CommandContext,
  one: Overview['accounts'][number],
): Html | string {
  if (one.heldBecause !== undefined) return html` ${badge('held')}`;
  if (one.paused !== undefined)
    return html` ${badge('waiting', one.paused === true ? 'paused' : `paused until ${formatLocal(Date.parse(one.paused), settings.zone)}`)}`;
  if (one.lastError === undefined) return '';
  return html`<br /><span class="bad small"
      >${one.retryAt === undefined ? '' : `Tried again ${formatLocal(Date.parse(one.retryAt), settings.zone)}: `}${one.lastError}</span
    >`;
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
    title: 'People answered',
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
        <p>${link(one.url, withoutAddress(one.text ?? one.type, one.url))}</p>
        <span class="dim small">${when(context, one.at)} · ${one.by}</span>
      </li>`,
  );
  return card({
    title: 'What happened',
    body: rows.length
      ? html`<ul class="rows">
          ${rows}
        </ul>`
      : empty('Nothing yet.'),
    aside: html`<a href="/journal">Journal</a>`,
  });
}
