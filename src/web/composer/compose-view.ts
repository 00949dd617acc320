import { randomUUID } from 'node:crypto';
import { html } from 'hono/html';
import { findTranscodable } from '../../commands/checking/find-transcodable.ts';
import type { CommandContext } from '../../commands/command.ts';
import { readHandles } from '../../commands/views/overview.ts';
import { previewDraft } from '../../commands/writing/preview-draft.ts';
import type { PostForm } from '../../core/post/post-form.ts';
import type { Problem } from '../../core/problem.ts';
import type { PostFiles, PostText } from '../../ports/post-files.ts';
import { address, head, prose } from '../parts/bits.ts';
import type { Html } from '../parts/html.ts';
import type { PageResult } from '../parts/page.ts';
import { settingFields, textFields } from './compose-fields.ts';
import { draftPreview } from './compose-preview.ts';

export interface Composing {
  /** Absent: a new post. */
  path?: string;
  /** The hash of the file that the person sees. */
  base: string;
  /** Of a page that was sent before; absent: it is a new one. */
  ticket?: string;
  text: string;
  /** Absent: the file is edited as text. */
  form?: PostForm;
  asWritten: readonly string[];
  /** What has to be said above the form. */
  notice?: Html | string;
  /** What somebody else has written meanwhile. */
  conflict?: { now?: PostText };
  /** What was a draft when its page was opened is a post now. */
  hasLeftDrafts?: boolean;
  status?: number;
  /** It cannot be saved: the text is offered to be copied. */
  isUnsaved?: boolean;
}

export const isDraft = (path: string | undefined) =>
  path === undefined || path.startsWith('drafts/');

export const pictureAddress = (path: string | undefined) => (src: string) =>
  address('/write/picture', { file: path ?? 'drafts/new.md', src });

/** The page on which a post is written. */
export async function composer(
  context: CommandContext,
  files: PostFiles,
  { csrf, composing }: { csrf: string; composing: Composing },
): Promise<PageResult> {
  const { path, status = 200 } = composing;
  const closed = await files.whyClosed();
  const isUnsaved = composing.isUnsaved === true || closed !== undefined;
  const title = titleOf(path);
  const about =
    path === undefined
      ? 'Write it once. The preview shows what each account will publish.'
      : html`<code>${files.label}/${path}</code>`;
  return {
    title,
    status,
    script: '/write.js',
    body: html`${head(title, about, modeLink(composing))} ${closed ? tellClosed(closed) : ''}
    ${tellNotice(composing)} ${composing.conflict ? conflict(files, composing) : ''}
    ${compose(context, files, {
      csrf,
      composing: { ...composing, isUnsaved },
      isClosed: closed !== undefined,
    })}`,
  };
}

async function compose(
  context: CommandContext,
  files: PostFiles,
  { csrf, composing, isClosed }: { csrf: string; composing: Composing; isClosed: boolean },
): Promise<Html> {
  const { path, form, base, text, asWritten } = composing;
  const { settings } = context;
  const { media = [] } = form ?? {};
  const wanted = { path: path ?? 'drafts/new.md', media };
  const transcodable = await findTranscodable(context, files, wanted);
  const input = form && {
    settings,
    form,
    asWritten,
    transcodable,
    pictureOf: pictureAddress(path),
  };
  return html`<form id="compose" class="compose" method="post" action="/write">
    <input type="hidden" name="csrf" value="${csrf}" />
    <input type="hidden" name="file" value="${path ?? ''}" />
    <input type="hidden" name="base" value="${base}" />
    <input type="hidden" name="ticket" value="${composing.ticket ?? randomUUID()}" />
    <input type="hidden" name="mode" value="${form ? 'form' : 'text'}" />
    <div class="write">${input ? textFields(input) : wholeText(text)}</div>
    <div class="seen" tabindex="0" role="region" aria-labelledby="preview-title">
      <h2 id="preview-title">Preview</h2>
      <div id="preview" aria-live="polite">${await previewOf(context, files, composing)}</div>
    </div>
    ${input ? html`<div class="settings">${settingFields(input)}</div>` : ''}
    ${isClosed ? previewBar() : bar(path)}
  </form>`;
}

const tellNotice = ({ notice }: Composing): Html | string =>
  notice === undefined ? '' : html`<p class="banner" role="alert">${notice}</p>`;

/** Also alone, while a person types. */
export async function previewOf(
  context: CommandContext,
  files: PostFiles,
  { path, text, form, isUnsaved = false }: Pick<Composing, 'path' | 'text' | 'form' | 'isUnsaved'>,
): Promise<Html> {
  if (form && form.body === '' && !form.media)
    return html`<p class="empty">It appears here as you write.</p>`;
  const [drafted, handles] = await Promise.all([
    previewDraft(context, files, { path: path ?? 'drafts/new.md', text }),
    readHandles(context),
  ]);
  const { settings } = context;
  return html`${isUnsaved ? textToCopy(text) : ''}
  ${draftPreview({ settings, handles, pictureOf: pictureAddress(path) }, drafted)}`;
}

/** With its front matter, as it would stand in the folder. */
const textToCopy = (text: string): Html =>
  html`<label class="field">
    <span>The file, to copy: put it into the posts folder yourself</span>
    <textarea rows="8" readonly class="raw" id="to-copy">${text.replace(/^\uFEFF/, '')}</textarea>
  </label>`;

const titleOf = (path: string | undefined) => {
  if (path === undefined) return 'New post';
  return isDraft(path) ? 'Edit draft' : 'Edit post';
};

function modeLink({ path, form }: Composing): Html | string {
  if (path === undefined) return '';
  return form
    ? html`<a href="${address('/write', { file: path, mode: 'text' })}">Edit the file as text</a>`
    : html`<a href="${address('/write', { file: path })}">Edit by form</a>`;
}

const wholeText = (text: string): Html =>
  html`<label class="field">
    <span>The whole file</span>
    <textarea name="raw" rows="24" class="raw" spellcheck="true">
${text.replace(/^\uFEFF/, '')}</textarea>
  </label>`;

const tellClosed = ({ where, what, hint = '' }: Problem): Html =>
  html`<p class="banner" role="alert">
    Nothing can be saved here: the folder ${where} ${what} (${prose(hint)}). You can write and look
    at the preview. The text of the file stands above the preview, to copy.
  </p>`;

const previewBar = (): Html =>
  html`<div class="compose-bar">
    <button class="button" name="do" value="preview">Preview</button>
  </div>`;

function bar(path: string | undefined): Html {
  const state = html`<span id="saved" class="dim small" role="status"></span>`;
  const preview = html`<button class="button nojs" name="do" value="preview">Preview</button>`;
  if (!isDraft(path))
    return html`<div class="compose-bar">
      ${state} ${preview}
      <button class="button main" name="do" value="save">Save</button>
    </div>`;
  return html`<div class="compose-bar">
    ${state} ${preview}
    ${
      path === undefined
        ? ''
        : html`<details class="ask">
            <summary class="button danger">Delete draft…</summary>
            <div class="ask-body">
              <p>The draft is moved to drafts/.deleted.</p>
              <button class="button danger" name="do" value="discard">Delete draft</button>
            </div>
          </details>`
    }
    <button class="button" name="do" value="save">Save draft</button>
    <button class="button main" name="do" value="queue">Add to queue</button>
  </div>`;
}

function whatHappened({ conflict: other, hasLeftDrafts }: Composing): string {
  if (!other?.now) return 'is gone';
  return hasLeftDrafts ? 'is no longer a draft' : 'was changed while you were writing';
}

/** Both versions, and what can be done. Nothing is lost whatever is chosen. */
function conflict(files: PostFiles, composing: Composing): Html {
  const { path, text, conflict: other, base, hasLeftDrafts } = composing;
  const now = other?.now;
  const anew = html`<button class="button" form="compose" name="do" value="anew">
    Save it as a new draft
  </button>`;
  const what = whatHappened(composing);
  const theirs = now
    ? html`<label class="field"
        ><span>The file as it is now</span
        ><textarea rows="10" readonly class="raw">${now.text}</textarea>
      </label>`
    : html`<p>The file is gone: it was moved or deleted.</p>`;
  return html`<section class="card conflict" aria-labelledby="conflict-title">
    <h2 id="conflict-title">${files.label}/${path} ${what}</h2>
    <p>Nothing was saved, and nothing is lost: what you wrote is in the form below.</p>
    <div class="pair">
      <label class="field"
        ><span>With what you wrote</span><textarea rows="10" readonly class="raw">${text}</textarea>
      </label>
      ${theirs}
    </div>
    <div class="buttons">
      ${
        now
          ? html`<button class="button" form="compose" name="do" value="overwrite">
                ${hasLeftDrafts ? 'Change the post to what I wrote' : 'Save what I wrote'}
              </button>
              ${hasLeftDrafts ? anew : ''}
              <input type="hidden" form="compose" name="seen" value="${now.hash}" />
              <a class="button" href="${address('/write', { file: path })}">Take the file</a>`
          : anew
      }
    </div>
    <p class="dim small">You were writing on version ${base.slice(0, 8)}.</p>
  </section>`;
}
