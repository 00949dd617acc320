import type { Context } from 'hono';
import { html } from 'hono/html';
import type { CommandContext } from '../../commands/command.ts';
import {
  type LettersView,
  readLetterFile,
  readLetters,
  stateWords,
} from '../../commands/people/letters.ts';
import type { LetterBatch } from '../../core/people/letters/letter-batch.ts';
import { mustNotGo, tellPages } from '../../core/people/letters/taken-out.ts';
import { plural } from '../../core/plural.ts';
import type { Env } from '../access/visit.ts';
import { empty, head, when } from '../parts/bits.ts';
import { button } from '../parts/form.ts';
import type { Html } from '../parts/html.ts';
import type { PageRequest, PageResult } from '../parts/page.ts';
import { optionsOf } from '../parts/post-actions.ts';
import { personPath } from './people-page.ts';

/** Batches to print, with their files. */
export async function letters(context: CommandContext, request: PageRequest): Promise<PageResult> {
  const view = await readLetters(context);
  const { batches, waiting, nextAt } = view;
  const next = html`${plural(waiting, 'letter')} waiting for the next
  batch${nextAt === undefined ? '' : html`, which is made ${when(context, nextAt)}`}.`;
  return {
    title: 'Letters',
    body: html`${head('Letters', next)}
      <section class="card" id="letters" aria-label="Batches">
        ${batches.length ? table(batches.map((one) => row(context, request, one))) : none}
      </section>
      ${onHold(view)}`,
  };
}

const none = empty(
  html`There is nothing to print. A step with <code>by: letter</code> is printed.`,
);

const table = (rows: Html[]): Html =>
  html`<table class="stack">
    <thead>
      <tr>
        <th>Batch</th>
        <th class="num">Letters</th>
        <th>State</th>
        <th>Files</th>
        <td></td>
      </tr>
    </thead>
    <tbody>
      ${rows}
    </tbody>
  </table>`;

function row(context: CommandContext, request: PageRequest, batch: LetterBatch): Html {
  const { id, letters: all, state, printedAt, isCleared } = batch;
  const hasFiles = !isCleared && all.length > 0 && state !== 'collecting';
  const link = (file: 'pdf' | 'csv') =>
    html`<a href="/letters/${id}.${file}" download aria-label="${file.toUpperCase()} of ${id}"
      >${file.toUpperCase()}</a
    >`;
  return html`<tr id="batch-${id}">
    <td class="nowrap"><strong>${id}</strong></td>
    <td class="num" data-label="Letters">${all.length}</td>
    <td class="wrap" data-label="State">
      ${stateWords[state]}${printedAt === undefined ? '' : html` ${when(context, printedAt)}`}
      ${mustNotGo(batch).map(
        (one) =>
          html`<p class="warn">
            Take out ${tellPages(batch, one)} if it is printed: ${one.dispatch}
          </p>`,
      )}
    </td>
    <td class="nowrap">${hasFiles ? html`${link('pdf')} ${link('csv')}` : '–'}</td>
    <td>
      ${
        state === 'made' && all.length > 0
          ? button('letters', {
              ...optionsOf(request),
              args: ['printed', id],
              label: 'Printed',
              name: `Printed: ${id}`,
              confirm: `${plural(all.length, 'letter')} of ${id} count as sent from now on.`,
            })
          : ''
      }
    </td>
  </tr>`;
}

const onHold = ({ held }: LettersView): Html | string =>
  held.length === 0
    ? ''
    : html`<section class="card" aria-label="On hold">
        <h2>On hold</h2>
        <ul>
          ${held.map(
            ({ id, person, reason }) =>
              html`<li><a href="${personPath(person)}">${id}</a>: ${reason}</li>`,
          )}
        </ul>
      </section>`;

const types = { pdf: 'application/pdf', csv: 'text/csv; charset=utf-8' };

/** The very file of a batch: it is the same however often it is fetched. */
export async function sendLetters(c: Context<Env>, context: CommandContext): Promise<Response> {
  const [, id = '', file = ''] =
    /^(\d{4}-\d\d-\d\d(?:-\d{1,4})?)\.(pdf|csv)$/.exec(c.req.param('file') ?? '') ?? [];
  const kind = file === 'csv' ? 'csv' : 'pdf';
  const found = await readLetterFile(context, { id, file: kind });
  if (!found) return c.text('There is no such file of letters.', 404);
  const name = `letters-${id}${found.edition > 1 ? `.${found.edition}` : ''}.${kind}`;
  return c.body(Uint8Array.from(found.bytes), 200, {
    'Content-Type': types[kind],
    'Content-Disposition': `attachment; filename="${name}"`,
    'Content-Security-Policy': "default-src 'none'; sandbox",
  });
}
