import { html } from 'hono/html';
import type { CommandContext } from '../../commands/command.ts';
import { nameOfAddress } from '../../commands/people/list-people.ts';
import { tellWaiting } from '../../commands/people/send-backlog.ts';
import { readSequences } from '../../commands/people/sequences-view.ts';
import { type Person, personStatuses } from '../../core/people/person.ts';
import { scoreAt } from '../../core/people/score.ts';
import { pickDefined } from '../../core/pick-defined.ts';
import { plural } from '../../core/plural.ts';
import { address, empty, head, when } from '../parts/bits.ts';
import { pager } from '../parts/filters.ts';
import { button } from '../parts/form.ts';
import type { Html } from '../parts/html.ts';
import { optionsOf } from '../parts/post-actions.ts';
import type { PageRequest, PageResult } from '../parts/page.ts';
import { pageOf } from './people-paging.ts';
import { statusBadge, statusNames } from './people-words.ts';

const perPage = 50;
const longestText = 200;

/** Who asked to be written to, the newest first: one page is read, however many there are. */
export async function people(context: CommandContext, request: PageRequest): Promise<PageResult> {
  const { query } = request;
  const status = personStatuses.find((one) => one === query.get('status'));
  const text = query.get('text')?.trim().slice(0, longestText) || undefined;
  const sequence = query.get('sequence')?.trim().slice(0, longestText) || undefined;
  const filter = { text, status, sequence };
  const place = pageOf(query);
  const [waiting, found, total, { sequences }] = await Promise.all([
    tellWaiting(context),
    context.store.people.listPeople(
      pickDefined({ ...filter, after: place.after, limit: perPage + 1 }),
    ),
    context.store.people.countPeople(pickDefined({ status })),
    readSequences(context),
  ]);
  const shown = found.slice(0, perPage);
  const isFiltered = text !== undefined || status !== undefined || sequence !== undefined;
  const to = (words: Record<string, string> | undefined) =>
    words && address('/people', { ...filter, ...words });
  const which = status === undefined ? '' : ` with the status “${statusNames[status]}”`;
  return {
    title: 'People',
    body: html`${head('People', `${plural(total, 'person', 'people')}${which}, newest first.`)}
      ${waiting === undefined ? '' : backlogCard(request, waiting)}
      ${isFiltered || total > 0 ? filterForm(filter, idsOf(sequences)) : ''}
      <section class="card" id="people" aria-label="People">
        ${shown.length ? table(shown.map((one) => row(context, one))) : nobody(isFiltered)}
      </section>
      ${pager({
        newer: to(place.newer),
        older: to(found.length > perPage ? place.older(shown.at(-1)) : undefined),
        about: '',
        names: ['Newer', 'Older'],
      })}`,
  };
}

const idsOf = (all: readonly { id: string }[]): string[] => all.map(({ id }) => id);

const backlogCard = (request: PageRequest, waiting: string): Html =>
  html`<section class="card" aria-label="Waiting">
    <p>${waiting} What is more than 7 days late is left out.</p>
    ${button('backlog', { ...optionsOf(request), args: ['send'], label: 'Send them' })}
  </section>`;

const nobody = (isFiltered: boolean): Html =>
  isFiltered
    ? empty(html`No one matches. <a href="/people">Show everyone</a>`)
    : empty(
        html`No one is here yet. People come by a form, a reply, an event, or a list:
          <code>dripline import people.csv --consent "where and when they agreed"</code>.`,
      );

/** No more of somebody than is needed to know who it is. */
function row(context: CommandContext, person: Person): Html {
  const { id, status, fields, createdAt, addresses } = person;
  const [first] = addresses;
  return html`<tr id="row-${id}">
    <td class="nowrap"><a class="title" href="${personPath(id)}">${id}</a></td>
    <td>${fields['name'] ?? ''}</td>
    <td class="wrap">${first ? nameOfAddress(first) : 'no address'}</td>
    <td>${statusBadge(status)}</td>
    <td class="num" data-label="Score">${Math.round(scoreAt(person, context.clock.now()))}</td>
    <td class="nowrap" data-label="Since">${when(context, createdAt)}</td>
  </tr>`;
}

export const personPath = (id: string): string => `/people/${encodeURIComponent(id)}`;

const table = (rows: Html[]): Html =>
  html`<table class="stack">
    <thead>
      <tr>
        <th>ID</th>
        <th>Name</th>
        <th>Address</th>
        <th>Status</th>
        <th class="num">Score</th>
        <th>Since</th>
      </tr>
    </thead>
    <tbody>
      ${rows}
    </tbody>
  </table>`;

interface Filter {
  text: string | undefined;
  status: string | undefined;
  sequence: string | undefined;
}

/** It works without a script, and its address can be kept. */
function filterForm({ text, status, sequence }: Filter, sequences: string[]): Html {
  const isUsed = [text, status, sequence].some((one) => one !== undefined);
  const known = [...new Set([...sequences, ...(sequence === undefined ? [] : [sequence])])];
  return html`<form class="filter" method="get" action="/people" role="search">
    <label class="field">
      <span>Search</span>
      <input
        type="search"
        name="text"
        value="${text ?? ''}"
        maxlength="${longestText}"
        placeholder="Name, address or ID"
        autocomplete="off"
      />
    </label>
    ${select('Status', {
      name: 'status',
      options: personStatuses.map((one) => [one, statusNames[one]]),
      chosen: status,
    })}
    ${
      known.length
        ? select('Sequence', {
            name: 'sequence',
            options: known.map((one) => [one, one]),
            chosen: sequence,
          })
        : ''
    }
    <div class="buttons">
      <button class="button">Search</button>
      ${isUsed ? html`<a class="button quiet" href="/people">Clear</a>` : ''}
    </div>
  </form>`;
}

interface Select {
  name: string;
  options: [value: string, label: string][];
  chosen: string | undefined;
}

const select = (label: string, { name, options, chosen }: Select): Html =>
  html`<label class="field">
    <span>${label}</span>
    <select name="${name}">
      <option value="">All</option>
      ${options.map(
        ([value, text]) =>
          html`<option value="${value}" ${value === chosen ? html`selected` : ''}>${text}</option>`,
      )}
    </select>
  </label>`;
