import { html } from 'hono/html';
import type { CommandContext } from '../../commands/command.ts';
import { entrySentence, entryTitle } from '../../commands/journal-words.ts';
import { readJournalPage } from '../../commands/views/overview.ts';
import { entryTypes, type JournalEntry } from '../../core/journal.ts';
import { pickDefined } from '../../core/pick-defined.ts';
import type { Html } from '../parts/html.ts';
import { pager } from '../parts/filters.ts';
import {
  account,
  address,
  empty,
  head,
  link,
  postPath,
  toNumber,
  when,
  withoutAddress,
} from '../parts/bits.ts';
import { sourceOf } from '../parts/words.ts';
import type { PageRequest, PageResult } from '../parts/page.ts';

const perPage = 50;

/** Everything that happened, newest first. */
export async function journal(
  context: CommandContext,
  { query }: PageRequest,
): Promise<PageResult> {
  const type = entryTypes.find((one) => one === query.get('type'));
  const post = query.get('post')?.trim() || undefined;
  const [until, skip] = [toNumber(query.get('until')), toNumber(query.get('skip'))];
  const { entries, older } = await readJournalPage(
    context,
    pickDefined({
      type,
      post,
      until,
      skip: until === undefined ? 0 : (skip ?? 0),
      limit: perPage,
    }),
  );
  const isFiltered = type !== undefined || post !== undefined;
  const none = isFiltered ? 'There are no such entries.' : 'There are no entries yet.';
  return {
    title: 'Journal',
    body: html`${head('Journal', 'Everything that happened, newest first.')} ${filter(type, post)}
      <section class="card" aria-label="Entries">
        ${entries.length ? table(entries.map((one) => row(context, one))) : empty(none)}
      </section>
      ${pager({
        newer: until === undefined ? undefined : address('/journal', { type, post }),
        older: older && address('/journal', { type, post, until: older.until, skip: older.skip }),
        about: '',
        names: ['Newest', 'Older'],
      })}`,
  };
}

function row(context: CommandContext, one: JournalEntry): Html {
  const { post, delivery = post } = one;
  const about =
    post === undefined ? '' : html`<br /><a class="small" href="${postPath(post)}">${delivery}</a>`;
  return html`<tr>
    <td class="nowrap">${when(context, one.at)}</td>
    <td class="nowrap"><span class="badge">${entryTitle(one.type)}</span></td>
    <td>${link(one.url, withoutAddress(entrySentence(one), one.url))} ${about}</td>
    <td>${one.account === undefined ? '' : account(context, one.account)}</td>
    <td class="dim nowrap" title="${one.by}">${sourceOf(one.by)}</td>
  </tr>`;
}

const table = (rows: Html[]): Html =>
  html`<table class="stack">
    <thead>
      <tr>
        <th>When</th>
        <th>Type</th>
        <th>What</th>
        <th>Account</th>
        <th>By</th>
      </tr>
    </thead>
    <tbody>
      ${rows}
    </tbody>
  </table>`;

const filter = (type: string | undefined, post: string | undefined): Html =>
  html`<form class="filter" method="get" action="/journal">
    <label class="field"
      ><span>Type</span>
      <select name="type">
        <option value="">all</option>
        ${entryTypes.map((one) => {
          const mark = one === type ? 'selected' : '';
          return html`<option value="${one}" ${mark}>${entryTitle(one)}</option>`;
        })}
      </select>
    </label>
    <label class="field"
      ><span>Post</span
      ><input name="post" value="${post ?? ''}" placeholder="its id" autocomplete="off"
    /></label>
    <button class="button">Filter</button>
  </form>`;
