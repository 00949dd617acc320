import { html } from 'hono/html';
import {
  type AccountView,
  type FeedView,
  readAccounts,
  readFeeds,
} from '../../commands/views/accounts-view.ts';
import type { CommandContext } from '../../commands/command.ts';
import { plural } from '../../core/plural.ts';
import { day, formatLocal } from '../../core/time.ts';
import { formatUsd } from '../../core/network/x-prices.ts';
import { drawShare } from '../charts/share.ts';
import { button } from '../parts/form.ts';
import type { KnownGrant } from '../../ports/connecting/connecting.ts';
import type { Html } from '../parts/html.ts';
import {
  account,
  address,
  badge,
  card,
  distance,
  head,
  link,
  networkOf,
  noAccounts,
  prose,
  when,
} from '../parts/bits.ts';
import type { PageRequest, PageResult } from '../parts/page.ts';
import { monthName } from '../../commands/publishing-words.ts';

/** Who each account is, what its network allows, what it costs, and the feeds. */
export async function accounts(context: CommandContext, request: PageRequest): Promise<PageResult> {
  const [views, feeds, connecting] = await Promise.all([
    readAccounts(context),
    readFeeds(context),
    context.openConnecting?.(),
  ]);
  const grants = connecting?.grants() ?? {};
  const about = 'Who each account is, what its network allows, and what it costs.';
  const isNew = ([name]: [string, unknown]) => !views.some((one) => one.name === name);
  const waiting = Object.entries(grants).filter(isNew);
  const canConnect = connecting !== undefined;
  return {
    title: 'Accounts',
    body: html`${head('Accounts', about, canConnect ? connectLink : '')} ${tellWaiting(waiting)}
      <div class="grid wide">
        ${views.map((one) =>
          accountCard(context, request, { one, grant: grants[one.name], canConnect }),
        )}
      </div>
      ${views.length ? '' : noAccounts()} ${feedCard(context, request, feeds)}`,
  };
}

const connectLink = html`<a class="button main" href="/accounts/connect">Connect an account</a>`;

/** Connected since the start. */
const tellWaiting = (waiting: [string, KnownGrant][]): Html | string =>
  waiting.length
    ? html`<ul class="plain">
        ${waiting.map(
          ([name, { handle }]) =>
            html`<li>
              ${badge('waiting', 'restart needed')} <b>${name}</b> is connected as @${handle}.
              Restart Dripline to use it.
            </li>`,
        )}
      </ul>`
    : '';

interface ShownAccount {
  one: AccountView;
  grant: KnownGrant | undefined;
  canConnect: boolean;
}

function accountCard(
  context: CommandContext,
  request: PageRequest,
  { one, grant, canConnect }: ShownAccount,
): Html {
  return card({
    title: html`${account(context, one.name)} <span class="dim">${networkOf(one.network)}</span>`,
    id: `about-${one.name}`,
    aside: state(context, one),
    body: html`${trouble(context, request, one)} ${facts(one)} ${tellGrant(context, grant)}
      ${one.spend ? money(one.spend) : ''}
      <div class="buttons">
        ${pauseButton(request, one)} ${canConnect ? reconnectLink(context, one) : ''}
      </div>`,
  });
}

function facts({
  name,
  fact: { identity },
  followers,
  queued,
  limits,
  isAsked,
}: AccountView): Html {
  const { text, media } = limits;
  const handle = identity
    ? html`${link(identity.url, `@${identity.handle}`)}<br /><span class="dim small"
          >${identity.id}</span
        >`
    : 'not logged in yet';
  const links = text.urlLength === undefined ? '' : `, a link counts ${text.urlLength}`;
  const note = isAsked ? '' : html` <span class="dim">(usual value, not confirmed yet)</span>`;
  return html`<dl class="facts">
    <dt>Handle</dt>
    <dd>${handle}</dd>
    <dt>Followers</dt>
    <dd>${tellFollowers(followers)}</dd>
    <dt>In the queue</dt>
    <dd>
      <a href="${address('/queue', { account: name })}">${queued.toLocaleString('en')}</a>
    </dd>
    <dt>Text</dt>
    <dd>up to ${text.max.toLocaleString('en')} characters${links}</dd>
    <dt>Images</dt>
    <dd>${media.maxCount}, up to ${megabytes(media.maxBytes)} each${note}</dd>
  </dl>`;
}

function tellFollowers(followers: AccountView['followers']): string {
  const latest = followers.at(-1);
  if (!latest) return 'not counted yet';
  const weekAgo = Date.parse(latest.date) - 7 * day;
  const earlier = followers.findLast(({ date }) => Date.parse(date) <= weekAgo);
  const count = latest.count.toLocaleString('en');
  if (!earlier) return count;
  const change = latest.count - earlier.count;
  return `${count} (${change < 0 ? '' : '+'}${change} in a week)`;
}

const megabytes = (bytes: number): string => `${Number((bytes / 1e6).toFixed(1))} MB`;

function state({ settings }: CommandContext, { fact, pause }: AccountView): Html | string {
  if (fact.heldBecause !== undefined) return badge('held');
  if (!pause) return fact.identity ? badge('released', 'Connected') : '';
  const { until } = pause;
  const end = until === undefined ? '' : ` until ${formatLocal(until, settings.zone)}`;
  return badge('waiting', `paused${end}`);
}

function trouble(
  context: CommandContext,
  request: PageRequest,
  { name, fact }: AccountView,
): Html | string {
  const { heldBecause, lastError, backoffUntil = 0, stranger } = fact;
  if (heldBecause !== undefined && stranger)
    return html`<p class="bad">${prose(withoutHint(heldBecause))}.</p>
      ${confirmButton(request, name, stranger.handle)}`;
  if (heldBecause !== undefined) return html`<p class="bad">${prose(heldBecause)}.</p>`;
  if (lastError === undefined) return '';
  const retry =
    backoffUntil > context.clock.now() ? html` Next try: ${when(context, backoffUntil)}.` : '';
  return html`<p class="bad">${lastError}.${retry}</p>`;
}

/** Without what to type: the button stands beside it. */
const withoutHint = (text: string): string => text.replace(/: say `confirm [^`]*`[^`]*$/, '');

const confirmButton = ({ csrf }: PageRequest, name: string, handle: string): Html =>
  html`<p>If this is not meant, reconnect the account with the credential of the one before.</p>
    ${button('confirm', {
      args: [name],
      csrf,
      back: '/accounts',
      label: `It is @${handle} now`,
      name: `Confirm that ${name} is @${handle} now`,
      confirm: `${name} publishes as @${handle} from now on. Its queue and history stay.`,
    })}`;

/** The sandbox's own accounts are not ours to connect. */
const reconnectLink = ({ settings }: CommandContext, { name, fact }: AccountView): Html | string =>
  settings.isSandbox
    ? ''
    : html`<a
        class="button ${fact.heldBecause === undefined ? '' : 'main'}"
        href="${address('/accounts/connect', { account: name })}"
        aria-label="Reconnect ${name}"
        >Reconnect</a
      >`;

/** How old the credential is, and for how long it is good. */
function tellGrant(context: CommandContext, grant: KnownGrant | undefined): Html | string {
  if (!grant) return '';
  const { at, scopes, expiresAt, isInUse, handle } = grant;
  if (!isInUse)
    return html`<p>
      ${badge('waiting', 'restart needed')} Reconnected as @${handle} ${distance(context, at)}.
      Restart Dripline to use it.
    </p>`;
  const list = scopes.length ? html`: ${scopes.map((one) => html`<code>${one}</code> `)}` : '';
  const end = expiresAt === undefined ? '' : html` It expires ${distance(context, expiresAt)}.`;
  return html`<p class="small">Connected ${distance(context, at)}${list}.${end}</p>`;
}

type Spend = NonNullable<AccountView['spend']>;

function money({ month, microUsd, plannedMicroUsd, budget }: Spend): Html {
  const name = monthName(month);
  const ahead = plannedMicroUsd
    ? `; about ${formatUsd(plannedMicroUsd)} more for scheduled posts`
    : '';
  if (budget === undefined)
    return html`<p>
      Spent ${formatUsd(microUsd)} in ${name}${ahead}. There is no budget. To set one:
      <code>budget: 10 USD/month</code>
    </p>`;
  const spent = `Spent ${formatUsd(microUsd)} of ${formatUsd(budget)}${ahead}`;
  return html`<div>
    <h3>Budget of ${name}</h3>
    ${drawShare(microUsd, budget, spent)}
  </div>`;
}

function pauseButton(
  request: PageRequest,
  { name, pause, isAllPaused }: AccountView,
): Html | string {
  if (isAllPaused) return '';
  const options = { args: [name], csrf: request.csrf, back: '/accounts' };
  const own = pause
    ? button('resume', { label: 'Resume', look: 'main', name: `Resume ${name}`, ...options })
    : button('pause', { label: 'Pause', name: `Pause ${name}`, ...options });
  return own;
}

function feedCard(context: CommandContext, request: PageRequest, feeds: FeedView[]): Html {
  if (!feeds.length) return html``;
  return card({
    title: 'Feeds',
    body: html`<table class="stack">
      <thead>
        <tr>
          <th>Feed</th>
          <th>State</th>
          <th>Last check</th>
          <th>Next check</th>
          <th class="num">Known items</th>
        </tr>
      </thead>
      <tbody>
        ${feeds.map((one) => feedRow(context, request, one))}
      </tbody>
    </table>`,
  });
}

function feedRow(context: CommandContext, request: PageRequest, one: FeedView): Html {
  const { url, queue, state } = one;
  const { checkedAt, nextAt, seen } = state;
  const last = checkedAt === undefined ? '–' : distance(context, checkedAt);
  const next = nextAt === undefined ? '–' : when(context, nextAt);
  const name = queue === undefined ? '' : html`<br /><span class="dim small">queue ${queue}</span>`;
  return html`<tr>
    <td>${link(url, url)}${name}</td>
    <td>${feedState(request, one)}</td>
    <td data-label="Last check">${last}</td>
    <td data-label="Next check">${next}</td>
    <td class="num" data-label="Known items">${seen.length}</td>
  </tr>`;
}

function feedState(request: PageRequest, { url, state }: FeedView): Html {
  const { error, held, checkedAt } = state;
  if (error !== undefined)
    return html`${badge('failed', 'cannot be read')}<br /><span class="bad small">${error}</span>`;
  if (held !== undefined)
    return html`${badge('waiting', 'held')}<br /><span class="small"
        >${held.count} of ${held.of} items are new at once</span
      >
      <div class="buttons">${heldButtons(request, url, state)}</div>`;
  return checkedAt === undefined ? badge('queued', 'not checked yet') : badge('released', 'OK');
}

function heldButtons(
  { csrf }: PageRequest,
  url: string,
  { held, answer }: FeedView['state'],
): Html {
  const common = { csrf, back: '/accounts' };
  if (answer !== undefined)
    return html`<span class="small"
      >At its next check they are ${answer === 'post' ? 'posted' : 'taken for known'}.</span
    >`;
  const what = plural(held?.count ?? 0, 'item');
  return html`${button('feeds', {
    ...common,
    options: { post: url },
    label: 'Post them',
    name: `Post what is new in ${url}`,
    confirm: `${what} of ${url} will be queued as posts.`,
  })}
  ${button('feeds', {
    ...common,
    options: { skip: url },
    label: 'Take for known',
    name: `Take what is new in ${url} for known`,
  })}`;
}
