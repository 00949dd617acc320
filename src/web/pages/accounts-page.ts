import { html } from 'hono/html';
import {
  type AccountView,
  type FeedView,
  readAccounts,
  readFeeds,
} from '../../commands/views/accounts-view.ts';
import type { CommandContext } from '../../commands/command.ts';
import { formatLocal } from '../../core/time.ts';
import { formatUsd } from '../../core/network/x-prices.ts';
import { drawShare } from '../charts/share.ts';
import { button } from '../parts/form.ts';
import type { Html } from '../parts/html.ts';
import {
  account,
  address,
  badge,
  card,
  distance,
  empty,
  head,
  link,
  networkOf,
  prose,
  when,
} from '../parts/bits.ts';
import type { PageRequest, PageResult } from '../parts/page.ts';

/** Who each account is, what its network allows, what it costs; and the feeds. */
export async function accounts(context: CommandContext, request: PageRequest): Promise<PageResult> {
  const [views, feeds] = await Promise.all([readAccounts(context), readFeeds(context)]);
  return {
    title: 'Accounts',
    body: html`${head('Accounts', 'Who each account is, what its network allows, and what it costs.')}
      <div class="grid wide">${views.map((one) => accountCard(context, request, one))}</div>
      ${views.length ? '' : empty(html`No accounts are configured: <code>npx dripline init</code>`)}
      ${feedCard(context, feeds)}`,
  };
}

function accountCard(context: CommandContext, request: PageRequest, one: AccountView): Html {
  const { fact, followers, limits, queued, spend } = one;
  const latest = followers.at(-1);
  const earlier = followers.findLast(
    ({ date }) =>
      latest !== undefined && Date.parse(latest.date) - Date.parse(date) >= 7 * 86_400_000,
  );
  const change = latest && earlier ? latest.count - earlier.count : undefined;
  return card({
    title: html`${account(context, one.name)} <span class="dim">${networkOf(one.network)}</span>`,
    id: `about-${one.name}`,
    aside: state(context, one),
    body: html`${trouble(context, one)}
      <dl class="facts">
        <dt>Is</dt>
        <dd>
          ${fact.identity ? html`${link(fact.identity.url, `@${fact.identity.handle}`)}<br /><span class="dim small">${fact.identity.id}</span>` : 'not logged in yet'}
        </dd>
        <dt>Followers</dt>
        <dd>
          ${latest ? `${latest.count.toLocaleString('en')}${change === undefined ? '' : ` (${change < 0 ? '' : '+'}${change} in a week)`}` : 'not counted yet'}
        </dd>
        <dt>In the queue</dt>
        <dd>
          <a href="${address('/queue', { account: one.name })}">${queued.toLocaleString('en')}</a>
        </dd>
        <dt>Text</dt>
        <dd>
          up to ${limits.text.max.toLocaleString('en')}
          characters${limits.text.urlLength === undefined ? '' : `, a link counts ${limits.text.urlLength}`}
        </dd>
        <dt>Pictures</dt>
        <dd>
          ${limits.media.maxCount}, up to ${megabytes(limits.media.maxBytes)}
          each${one.isAsked ? '' : html` <span class="dim">(as is usual: the network was not asked yet)</span>`}
        </dd>
      </dl>
      ${spend ? money(spend) : ''} ${pauseButton(request, one)}`,
  });
}

const megabytes = (bytes: number): string => `${Number((bytes / 1e6).toFixed(1))} MB`;

function state({ settings }: CommandContext, { fact, pause }: AccountView): Html | string {
  if (fact.heldBecause !== undefined) return badge('held');
  if (pause)
    return badge(
      'waiting',
      pause.until === undefined
        ? 'paused'
        : `paused until ${formatLocal(pause.until, settings.zone)}`,
    );
  return fact.identity ? badge('released', 'well') : '';
}

function trouble(context: CommandContext, { name, fact }: AccountView): Html | string {
  const { heldBecause, lastError, backoffUntil = 0, stranger } = fact;
  if (heldBecause !== undefined)
    return html`<p class="bad">${prose(heldBecause)}.</p>
      ${stranger ? html`<p>If @${stranger.handle} is meant: <code>npx dripline accounts --confirm ${name}</code></p>` : html`<p>Mend its credential in the configuration or the environment, then start Dripline anew.</p>`}`;
  if (lastError === undefined) return '';
  return html`<p class="bad">
    ${lastError}.${backoffUntil > context.clock.now() ? html` It is tried again ${when(context, backoffUntil)}.` : ''}
  </p>`;
}

function money({
  month,
  microUsd,
  plannedMicroUsd,
  budget,
}: NonNullable<AccountView['spend']>): Html {
  const ahead = plannedMicroUsd
    ? `, and ${formatUsd(plannedMicroUsd)} for what is planned without a link`
    : '';
  if (budget === undefined)
    return html`<p>
      X has cost ${formatUsd(microUsd)} in ${month}${ahead}. There is no budget:
      <code>budget: 10 USD/month</code> sets one.
    </p>`;
  return html`<div>
    <h3>Budget of ${month}</h3>
    ${drawShare(microUsd, budget, html`${formatUsd(microUsd)} of ${formatUsd(budget)} spent${ahead}`)}
  </div>`;
}

function pauseButton(
  request: PageRequest,
  { name, pause, isAllPaused }: AccountView,
): Html | string {
  if (isAllPaused) return '';
  const said = { csrf: request.csrf, back: '/accounts' };
  return html`<div class="buttons">
    ${pause ? button('resume', [name], 'Resume', { ...said, look: 'main', name: `Resume ${name}` }) : button('pause', [name], 'Pause', { ...said, name: `Pause ${name}` })}
  </div>`;
}

function feedCard(context: CommandContext, feeds: FeedView[]): Html {
  if (!feeds.length) return html``;
  return card({
    title: 'Feeds',
    body: html`<table class="stack">
      <thead>
        <tr>
          <th>Feed</th>
          <th>State</th>
          <th>Looked at</th>
          <th>Next look</th>
          <th class="num">Items known</th>
        </tr>
      </thead>
      <tbody>
        ${feeds.map(
          ({ url, queue, state: { error, checkedAt, nextAt, seen } }) =>
            html`<tr>
              <td>
                ${link(url, url)}${queue === undefined ? '' : html`<br /><span class="dim small">queue ${queue}</span>`}
              </td>
              <td>
                ${error === undefined ? badge('released', checkedAt === undefined ? 'not looked at yet' : 'well') : html`${badge('failed', 'cannot be read')}<br /><span class="bad small">${error}</span>`}
              </td>
              <td data-label="Looked at">
                ${checkedAt === undefined ? '–' : distance(context, checkedAt)}
              </td>
              <td data-label="Next look">${nextAt === undefined ? '–' : when(context, nextAt)}</td>
              <td class="num" data-label="Items known">${seen.length}</td>
            </tr>`,
        )}
      </tbody>
    </table>`,
  });
}
