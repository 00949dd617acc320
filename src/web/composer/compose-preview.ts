import { html } from 'hono/html';
import type { AccountPreview, DraftPreview } from '../../commands/writing/preview-draft.ts';
import { plural } from '../../core/plural.ts';
import type { Problem } from '../../core/problem.ts';
import { account } from '../parts/bits.ts';
import type { Html } from '../parts/html.ts';
import { preview } from '../parts/network-preview.ts';
import type { Settings } from '../../core/settings.ts';

interface Shown {
  settings: Settings;
  handles: ReadonlyMap<string, string>;
  pictureOf(src: string): string;
}

/** What is wrong, what is worth a thought, and the post as each account will show it. */
export function draftPreview(shown: Shown, drafted: DraftPreview): Html {
  const { problems, accounts, without, post } = drafted;
  const errors = problems.filter(({ severity }) => severity === 'error');
  const notes = problems.filter(({ severity }) => severity !== 'error');
  const nowhere = post && !accounts.length;
  return html`${errors.length ? list('bad', tellErrors(errors), errors) : ''}
  ${nowhere ? html`<p class="bad">It goes to no account: choose one under “Where”.</p>` : ''}
  ${notes.length ? list('note', plural(notes.length, 'note'), notes) : ''}
  ${accounts.map((one) => onAccount(shown, one))}
  ${
    without.length && accounts.length
      ? html`<p class="dim small">Not on ${without.map(({ name }) => name).join(', ')}.</p>`
      : ''
  }`;
}

const tellErrors = ({ length }: Problem[]) => `${plural(length, 'thing')} to correct`;

/** The place is left out: it is the text beside it. */
const list = (look: string, title: string, problems: Problem[]): Html =>
  html`<details class="told ${look}" open>
    <summary>${title}</summary>
    <ul>
      ${problems
        .slice(0, 20)
        .map(
          ({ what, hint, where }) =>
            html`<li>
              ${lineOf(where)}${toSentence(what)} ${hint === undefined ? '' : toSentence(hint)}
            </li>`,
        )}
    </ul>
  </details>`;

export const toSentence = (text: string): string =>
  `${text.slice(0, 1).toUpperCase()}${text.slice(1)}${/[.!?…]$/.test(text) ? '' : '.'}`;

function lineOf(where: string): Html | string {
  const line = /:(\d+):\d+$/.exec(where)?.[1];
  return line === undefined ? '' : html`<span class="dim">Line ${line}:</span> `;
}

function onAccount({ settings, handles, pictureOf }: Shown, one: AccountPreview): Html {
  const { name, network } = one.account;
  return html`<section class="delivery" aria-label="On ${name}">
    <h3>${account({ settings }, name)}</h3>
    ${preview({
      delivery: { ...one, network },
      handle: handles.get(name) ?? name,
      pathOf: pictureOf,
    })}
  </section>`;
}
