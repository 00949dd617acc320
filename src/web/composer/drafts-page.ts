import { html } from 'hono/html';
import type { CommandContext } from '../../commands/command.ts';
import { listDrafts, type ListedDraft } from '../../commands/writing/list-drafts.ts';
import { openFiles } from '../../commands/writing/new-draft.ts';
import { plural } from '../../core/plural.ts';
import { toSentence } from './compose-preview.ts';
import { address, distance, head, when } from '../parts/bits.ts';
import type { Html } from '../parts/html.ts';
import type { PageRequest, PageResult } from '../parts/page.ts';

/** What is being written. Nothing of it is published. */
export async function drafts(context: CommandContext, _request: PageRequest): Promise<PageResult> {
  const files = await openFiles(context);
  const all = await listDrafts(context, files);
  const none = html`<section class="card">
    <p class="empty">
      There are no drafts. Write a <a href="/write">new post</a>, or put a Markdown file into
      <code>${files.label}/drafts/</code>.
    </p>
  </section>`;
  return {
    title: 'Drafts',
    body: html`${head('Drafts', 'What you are writing. Nothing here is published.')}
    ${all.length ? list(context, all) : none}`,
  };
}

const list = (context: CommandContext, all: ListedDraft[]): Html =>
  html`<ul class="cards">
    ${all.map((one) => item(context, one))}
  </ul>`;

function item(context: CommandContext, { path, title, at, problems }: ListedDraft): Html {
  const errors = problems.filter(({ severity }) => severity === 'error');
  const [first] = errors;
  return html`<li class="card" id="draft-${path}">
    <h2><a class="title" href="${address('/write', { file: path })}">${title || path}</a></h2>
    <p class="dim small">
      <code>${path}</code> · last written ${when(context, at)}, ${distance(context, at)}
    </p>
    ${
      first
        ? html`<p class="bad small">
            ${plural(errors.length, 'thing')} to correct. ${toSentence(first.what)}
            ${first.hint === undefined ? '' : toSentence(first.hint)}
          </p>`
        : html`<p class="good small">Ready to be queued.</p>`
    }
  </li>`;
}
