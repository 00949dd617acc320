import { entrySentence } from '../../commands/journal-words.ts';
import { html } from 'hono/html';
import type { CommandContext } from '../../commands/command.ts';
import { findBrokenFile } from '../../commands/posts-view/broken-files.ts';
import { readHandles, readJournalPage } from '../../commands/views/overview.ts';
import { readPost, type ShownDelivery, type ShownPost } from '../../commands/views/show-post.ts';
import type { JournalEntry } from '../../core/journal.ts';
import { isOpen } from '../../core/delivery/delivery.ts';
import { plural } from '../../core/plural.ts';
import { Refusal } from '../../core/problem.ts';
import type { Html } from '../parts/html.ts';
import { allActions, wholeActions } from '../parts/post-actions.ts';
import { notFound } from './not-found-page.ts';
import { preview } from '../parts/network-preview.ts';
import {
  account,
  address,
  badge,
  card,
  distance,
  head,
  link,
  mediaPath,
  networkOf,
  postPath,
  prose,
  when,
  withoutAddress,
} from '../parts/bits.ts';
import { brokenFile } from '../queue/broken-cards.ts';
import { followUps, numbers } from '../parts/post-numbers.ts';
import type { PageRequest, PageResult } from '../parts/page.ts';
import { sourceOf } from '../parts/words.ts';

/** One post: its preview on each network, its state on each account, its numbers and follow-ups. */
export async function post(context: CommandContext, request: PageRequest): Promise<PageResult> {
  const id = request.params['id'] ?? '';
  const found = await read(context, id);
  if (!found) return (await brokenPage(context, id)) ?? noPost(id);
  const [handles, history] = await Promise.all([
    readHandles(context),
    readJournalPage(context, { post: found.id, limit: 12 }),
  ]);
  const latest = latestRuns(context, found.deliveries);
  const title = found.stored?.post.title ?? found.id;
  return {
    title,
    body: html`${head(title, about(found), forAll(context, request, found))}
      <section class="previews" aria-label="On each account">
        ${latest.map((one) => onAccount(context, request, { found, one, handles }))}
      </section>
      ${numbers(context, found)} ${followUps(context, found)} ${earlier(context, found, latest)}
      ${historyCard(context, found.id, history.entries)}`,
  };
}

const noPost = (id: string): PageResult =>
  notFound(
    html`There is no post <code>${id}</code>. The <a href="/queue">queue</a> lists all posts.`,
  );

/** Its file is there, and cannot be read as a post. */
async function brokenPage(context: CommandContext, id: string): Promise<PageResult | undefined> {
  const broken = await findBrokenFile(context, id);
  if (!broken) return undefined;
  const about = 'Its file has to be corrected before it can be published.';
  return {
    title: id,
    body: html`${head(id, about)}
      <section class="card fix-cards" aria-label="What is wrong">${brokenFile(broken)}</section>`,
  };
}

interface OnAccount {
  found: ShownPost;
  one: ShownDelivery;
  handles: ReadonlyMap<string, string>;
}

function onAccount(
  context: CommandContext,
  request: PageRequest,
  { found, one, handles }: OnAccount,
): Html {
  const delivery = found.found.find(({ id }) => id === one.delivery);
  const pictures = (found.stored?.post.media ?? []).map(({ src }) => src);
  const shown = preview({
    delivery: one,
    handle: handles.get(one.account) ?? one.account,
    pathOf: (src) =>
      pictures.includes(src) ? mediaPath(one.post, pictures.indexOf(src)) : undefined,
  });
  return html`<div class="delivery" id="on-${one.delivery}">
    ${standing(context, one)} ${shown} ${delivery ? allActions(context, request, delivery) : ''}
  </div>`;
}

function historyCard(context: CommandContext, id: string, entries: JournalEntry[]): Html {
  const rows = entries.map(
    (one) =>
      html`<li>
        <div>${when(context, one.at)}</div>
        <p>
          ${link(one.url, withoutAddress(entrySentence(one), one.url))}
          <span class="dim small">by ${sourceOf(one.by)}</span>
        </p>
      </li>`,
  );
  return card({
    title: 'History',
    body: html`<ul class="rows timed">
      ${rows}
    </ul>`,
    aside: html`<a href="/journal?post=${encodeURIComponent(id)}">Full history</a>`,
  });
}

async function read(context: CommandContext, id: string): Promise<ShownPost | undefined> {
  try {
    return await readPost(context, id);
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

function about({ id, stored }: ShownPost): Html {
  if (!stored) return html`<code>${id}</code> – its file no longer exists.`;
  const { file, campaign, queue, draft } = stored.post;
  const details: (Html | string)[] = [];
  if (campaign !== undefined) details.push(html`campaign <a href="/campaigns">${campaign}</a>`);
  if (queue !== undefined) details.push(`queue ${queue}`);
  if (draft) details.push('draft');
  if (stored.source === 'folder' && stored.goneAt === undefined)
    details.push(html`<a href="${address('/write', { file: stored.path })}">Edit</a>`);
  if (stored.goneAt !== undefined)
    details.push(html`<span class="bad">its file was deleted</span>`);
  return html`<code>${file}</code>${details.map((one) => html` · ${one}`)}`;
}

/** An evergreen post may have several runs. People look for the latest one of each account. */
function latestRuns({ settings }: CommandContext, all: ShownDelivery[]): ShownDelivery[] {
  const byAccount = Map.groupBy(all, ({ account: name }) => name);
  const names = new Set([...settings.accounts.map(({ name }) => name), ...byAccount.keys()]);
  return [...names].flatMap(
    (name) => byAccount.get(name)?.toSorted((a, b) => b.run - a.run)[0] ?? [],
  );
}

function standing(context: CommandContext, one: ShownDelivery): Html {
  const [receipt] = one.receipts;
  const at = one.state === 'released' ? receipt?.at : one.at;
  const instant = at === undefined ? undefined : Date.parse(at);
  const network = networkOf(one.network);
  const time =
    instant === undefined ? '' : html`${when(context, instant)}, ${distance(context, instant)}.`;
  return html`<div>
    <h2 class="line">
      ${account(context, one.account)} ${badge(one.state)}
      <span class="dim small">${network}</span>
    </h2>
    <p class="small">
      ${time} ${receipt?.url === undefined ? '' : link(receipt.url, `View on ${network}`)}
      ${'follows' in one ? html`<br />${tellFollows(one.follows, one.as)}` : ''}
    </p>
    <p class="why">${prose(one.reason ?? one.why ?? '')}</p>
    ${one.uploads ? uploadsNote(one.uploads) : ''}
    ${'goneAt' in one ? html`<p class="bad small">It was deleted on ${network}.</p>` : ''}
    ${'changedSince' in one ? changedNote() : ''}
  </div>`;
}

const tellFollows = (follows: unknown, as: unknown): string =>
  `Follows ${follows}, as ${as === 'post' ? 'a separate post' : `a ${as}`}.`;

const uploadsNote = ({ is, text }: NonNullable<ShownDelivery['uploads']>): Html =>
  html`<p class="small ${is === 'refused' ? 'bad' : ''}">
    ${text.slice(0, 1).toUpperCase()}${text.slice(1)}.
  </p>`;

const changedNote = (): Html =>
  html`<p class="small">
    Its file was changed after publication. The published post stays as it is.
  </p>`;

/** Buttons for all accounts at once. */
function forAll(
  context: CommandContext,
  request: PageRequest,
  { id, found }: ShownPost,
): Html | string {
  const open = found.filter(({ state }) => isOpen(state));
  if (open.length < 2) return '';
  return html`<details class="more whole" id="change-${id}">
    <summary>Change on all ${plural(open.length, 'account')}</summary>
    ${wholeActions(context, request, { id, open })}
  </details>`;
}

function earlier(
  context: CommandContext,
  { deliveries, id }: ShownPost,
  latest: ShownDelivery[],
): Html {
  const rest = deliveries.filter((one) => !latest.includes(one));
  if (!rest.length) return html``;
  const rows = rest.map(
    (one) =>
      html`<li class="line">
        ${account(context, one.account)} ${badge(one.state)}
        <span>${link(one.receipts[0]?.url, one.delivery)}</span>
        <span class="dim small">${one.numbers.join('; ')}</span>
      </li>`,
  );
  return card({
    title: 'Earlier runs',
    body: html`<ul class="rows">
      ${rows}
    </ul>`,
    aside: html`<a href="${postPath(id)}">${plural(deliveries.length, 'run')} total</a>`,
  });
}
