import { html } from 'hono/html';
import type { CommandContext } from '../../commands/command.ts';
import { readHandles, readJournalPage } from '../../commands/views/overview.ts';
import { readPost, type ShownDelivery, type ShownPost } from '../../commands/verbs/show.ts';
import { isOpen } from '../../core/delivery/delivery.ts';
import { plural } from '../../core/plural.ts';
import { Refusal } from '../../core/problem.ts';
import type { Html } from '../parts/html.ts';
import { button, choices } from '../parts/form.ts';
import { allActions, backTo } from '../parts/post-actions.ts';
import { notFound } from './not-found-page.ts';
import { preview } from '../parts/network-preview.ts';
import {
  account,
  badge,
  card,
  distance,
  head,
  link,
  networkOf,
  postPath,
  prose,
  when,
  withoutAddress,
} from '../parts/bits.ts';
import { followUps, numbers } from '../parts/post-numbers.ts';
import type { PageRequest, PageResult } from '../parts/page.ts';

/**
 * One post: as each network will show it, where each delivery stands, its numbers, and what
 * follows.
 */
export async function post(context: CommandContext, request: PageRequest): Promise<PageResult> {
  const id = request.params['id'] ?? '';
  const found = await read(context, id);
  if (!found)
    return notFound(
      html`There is no post <code>${id}</code>. The <a href="/queue">queue</a> lists what there is.`,
    );
  const [handles, history] = await Promise.all([
    readHandles(context),
    readJournalPage(context, { post: found.id, limit: 12 }),
  ]);
  const latest = latestRuns(context, found.deliveries);
  const title = found.stored?.post.title ?? found.id;
  return {
    title,
    body: html`${head(title, about(found), forAll(request, found))}
      <section class="previews" aria-label="On each account">
        ${latest.map(
          (one) =>
            html`<div class="delivery" id="on-${one.delivery}">
              ${standing(context, one)}
              ${preview({ delivery: one, handle: handles.get(one.account) ?? one.account, pictures: (found.stored?.post.media ?? []).map(({ src }) => src) })}
              ${actions(context, request, found, one)}
            </div>`,
        )}
      </section>
      ${numbers(context, found)} ${followUps(context, found)} ${earlier(context, found, latest)}
      ${card({
        title: 'What happened to it',
        body: html`<ul class="rows timed">
          ${history.entries.map(
            (one) =>
              html`<li>
                <div>${when(context, one.at)}</div>
                <p>
                  ${link(one.url, withoutAddress(one.text ?? one.type, one.url))}
                  <span class="dim small">by ${one.by}</span>
                </p>
              </li>`,
          )}
        </ul>`,
        aside: html`<a href="/journal?post=${encodeURIComponent(found.id)}">All of it</a>`,
      })}`,
  };
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
  if (!stored) return html`<code>${id}</code> – its file is gone.`;
  const { file, campaign, queue, draft } = stored.post;
  return html`<code>${file}</code
    >${campaign === undefined ? '' : html` · campaign <a href="/campaigns">${campaign}</a>`}${queue === undefined ? '' : ` · queue ${queue}`}${
      draft ? ' · a draft' : ''
    }${stored.goneAt === undefined ? '' : html` · <span class="bad">its file was deleted</span>`}`;
}

/**
 * An evergreen post has run more than once: the last one of each account is what people look for.
 */
function latestRuns({ settings }: CommandContext, all: ShownDelivery[]): ShownDelivery[] {
  const byAccount = Map.groupBy(all, ({ account: name }) => name);
  const names = new Set([...settings.accounts.map(({ name }) => name), ...byAccount.keys()]);
  return [...names].flatMap(
    (name) => byAccount.get(name)?.toSorted((a, b) => b.run - a.run)[0] ?? [],
  );
}

function standing(context: CommandContext, one: ShownDelivery): Html {
  const at = one.state === 'released' ? one.receipts[0]?.at : one.at;
  const [instant, url] = [at === undefined ? undefined : Date.parse(at), one.receipts[0]?.url];
  return html`<div>
    <h2 class="line">
      ${account(context, one.account)} ${badge(one.state)}
      <span class="dim small">${networkOf(one.network)}</span>
    </h2>
    <p class="small">
      ${instant === undefined ? '' : html`${when(context, instant)}, ${distance(context, instant)}.`}
      ${url === undefined ? '' : link(url, 'Look at it there')}
      ${'follows' in one ? html`<br />Follows ${one.follows}, as ${one.as === 'post' ? 'a post of its own' : `a ${one.as}`}.` : ''}
    </p>
    <p class="why">${prose(one.reason ?? one.why ?? '')}</p>
    ${'goneAt' in one ? html`<p class="bad small">It was deleted on the network.</p>` : ''}
    ${'changedSince' in one ? html`<p class="small">Its file was changed after the release; that changes nothing out there.</p>` : ''}
  </div>`;
}

function actions(
  context: CommandContext,
  request: PageRequest,
  { found }: ShownPost,
  one: ShownDelivery,
): Html {
  const delivery = found.find(({ id }) => id === one.delivery);
  return delivery ? allActions(context, request, delivery) : html``;
}

/** What is said about all accounts at once. */
function forAll(request: PageRequest, { id, found }: ShownPost): Html | string {
  const open = found.filter(({ state }) => isOpen(state));
  if (open.length < 2) return '';
  const said = { csrf: request.csrf, back: backTo(request) };
  const isUnapproved = open.some(
    ({ terms, approvedHash }) => terms.approval && approvedHash !== terms.hash,
  );
  return html`<div class="buttons" role="group" aria-label="On all accounts">
    <span class="dim small">${plural(open.length, 'account')} together:</span>
    ${choices(
      id,
      [
        ...(isUnapproved
          ? ([
              { verb: 'approve', label: 'Approve', look: 'main' },
              { verb: 'reject', label: 'Reject' },
            ] as const)
          : []),
        { verb: 'move', label: 'To the top', more: 'top' },
        { verb: 'skip', label: 'Skip' },
      ],
      { ...said, about: `${id} on all accounts` },
    )}
    ${button('skip', [id], 'Skip for good', { ...said, options: { 'for-good': true }, confirm: `${id} will not be released on any account. Undo brings it back.` })}
  </div>`;
}

function earlier(
  context: CommandContext,
  { deliveries, id }: ShownPost,
  latest: ShownDelivery[],
): Html {
  const rest = deliveries.filter((one) => !latest.includes(one));
  if (!rest.length) return html``;
  return card({
    title: 'Earlier runs',
    body: html`<ul class="rows">
      ${rest.map((one) => html`<li class="line">${account(context, one.account)} ${badge(one.state)} <span>${link(one.receipts[0]?.url, one.delivery)}</span> <span class="dim small">${one.numbers.join('; ')}</span></li>`)}
    </ul>`,
    aside: html`<a href="${postPath(id)}">${plural(deliveries.length, 'run')} in all</a>`,
  });
}
