import { html } from 'hono/html';
import type { BrokenFile } from '../../commands/posts-view/broken-files.ts';
import { plural } from '../../core/plural.ts';
import { address, badge, card, prose } from '../parts/bits.ts';
import type { Html } from '../parts/html.ts';

/** Files that cannot be published as they are: what is wrong, where, and the way to mend it. */
export function brokenCards({ files, more }: { files: BrokenFile[]; more: number }): Html | string {
  if (!files.length) return '';
  return card({
    title: `${plural(files.length + more, 'file')} to correct`,
    id: 'to-correct',
    body: html`<ul class="fix-cards">
        ${files.map((one) => html`<li>${brokenFile(one)}</li>`)}
      </ul>
      ${more ? html`<p class="dim">${more} more are not shown.</p>` : ''}`,
  });
}

export const editPath = (path: string): string => address('/write', { file: path, mode: 'text' });

export function brokenFile({ path, problems }: BrokenFile): Html {
  return html`<p class="line">${badge('problem', 'not published')} <b class="title">${path}</b></p>
    ${problems.map(
      ({ where, what, hint }) =>
        html`<p><code>${where}</code> ${prose(what)}${hint ? html`: ${prose(hint)}` : ''}</p>`,
    )}
    <div class="buttons">
      <a class="button" href="${editPath(path)}">Correct it<span class="sr">: ${path}</span></a>
    </div>`;
}
