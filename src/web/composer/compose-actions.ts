import { setTimeout as delay } from 'node:timers/promises';
import type { Context } from 'hono';
import type { CommandContext } from '../../commands/command.ts';
import { openFiles } from '../../commands/writing/new-draft.ts';
import { previewDraft } from '../../commands/writing/preview-draft.ts';
import { pickDefined } from '../../core/pick-defined.ts';
import type { PostForm } from '../../core/post/post-form.ts';
import { hasErrors, Refusal } from '../../core/problem.ts';
import type { PostFiles, PostText, Saved } from '../../ports/post-files.ts';
import { type Env, type Form, hasToken, readForm } from '../access/visit.ts';
import type { Flashes } from '../actions.ts';
import { address, postPath } from '../parts/bits.ts';
import type { PageResult } from '../parts/page.ts';
import { type Composing, composer, isDraft, previewOf } from './compose-view.ts';
import { toSentence } from './compose-preview.ts';
import type { Tickets } from './tickets.ts';
import { readFields } from './read-fields.ts';
import { isEmpty, readTyped, saveTyped, type Typed } from './typed.ts';

export interface ComposeParts {
  context: CommandContext;
  flashes: Flashes;
  tickets: Tickets;
  /** A page in its frame. */
  page(c: Context<Env>, result: PageResult): Promise<Response>;
}

/** What is done with what was typed. `by` is the web, as for every button of a page. */
interface Doing {
  c: Context<Env>;
  context: CommandContext;
  parts: ComposeParts;
  files: PostFiles;
  form: Form;
  typed: Typed;
}

const staleForm =
  'Nothing was saved, because the page was loaded before a restart or a login. What you wrote is ' +
  'still here: please try again.';

/** POST /write: the buttons of the page. */
export async function compose(c: Context<Env>, parts: ComposeParts): Promise<Response> {
  const form = await readForm(c);
  return parts.tickets.inTurn(form.first('ticket'), () => composeForm(c, parts, form));
}

async function composeForm(c: Context<Env>, parts: ComposeParts, form: Form): Promise<Response> {
  const context = { ...parts.context, by: 'web' };
  const files = await openFiles(context);
  const typed = await readTyped(context, files, form).catch(toRefusal);
  if (typed instanceof Refusal)
    return refuse(c, parts, { files, form, message: toSentence(typed.message) });
  const doing: Doing = { c, context, parts, files, form, typed };
  if (!hasToken(c, form)) return again(doing, { notice: staleForm, status: 403 });
  try {
    return await (acts[form.first('do') ?? 'save'] ?? save)(doing);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return again(doing, { notice: toSentence(error.message), status: 422, isUnsaved: true });
  }
}

const acts: Record<string, (doing: Doing) => Promise<Response>> = {
  save,
  queue,
  discard,
  overwrite,
  anew,
  preview: (doing) => again(doing, {}),
};

/** The page again, with everything that was typed. */
async function again(
  { c, context, parts, files, typed }: Doing,
  more: Partial<Composing>,
): Promise<Response> {
  const { sent, file, form, text, asWritten } = typed;
  const path = more.conflict?.now?.path ?? file?.path ?? sent.path;
  const composing: Composing = {
    hasLeftDrafts: sent.path !== undefined && isDraft(sent.path) && !isDraft(path),
    base: sent.base,
    text,
    asWritten,
    ...pickDefined({ path, form, ticket: sent.ticket }),
    ...more,
  };
  const { csrf } = c.get('visit');
  return parts.page(c, await composer(context, files, { csrf, composing }));
}

/** What cannot be put into the file is shown as it was typed. */
export async function refuse(
  c: Context<Env>,
  parts: ComposeParts,
  { files, form, message }: { files: PostFiles; form: Form; message: string },
): Promise<Response> {
  const path = form.first('file') || undefined;
  const raw = form.first('raw');
  const text = raw ?? form.first('body') ?? '';
  const composing: Composing = {
    base: form.first('base') ?? '',
    text,
    asWritten: [],
    notice: message,
    status: 422,
    ...pickDefined({ path, ticket: form.first('ticket') }),
    ...(raw === undefined ? { form: fieldsOf(form, parts.context, text) } : {}),
  };
  const { csrf } = c.get('visit');
  return parts.page(c, await composer(parts.context, files, { csrf, composing }));
}

/** All that was typed, where it can be shown in the form again; else the text alone. */
function fieldsOf(form: Form, { settings }: CommandContext, body: string): PostForm {
  try {
    return readFields(form, settings, { body });
  } catch (error) {
    if (error instanceof Refusal) return { body };
    throw error;
  }
}

async function save(doing: Doing): Promise<Response> {
  const { c, context, parts, files, typed } = doing;
  if (typed.sent.path === undefined && isEmpty(typed))
    return again(doing, { notice: 'Nothing is written yet.', status: 422 });
  const saved = await saveTyped({ context, files, tickets: parts.tickets }, typed);
  if (saved.kind === 'conflict') return again(doing, { conflict: saved, status: 409 });
  const { path } = saved.file;
  await files.dropUnfinished(path);
  const what = isDraft(path) ? 'The draft is saved' : 'The post is saved';
  parts.flashes.put(c.get('visit').key, { text: `${what}: ${files.label}/${path}` });
  return c.redirect(addressOf(path, typed), 303);
}

const addressOf = (path: string, { form }: Typed) =>
  address('/write', { file: path, mode: form ? undefined : 'text' });

/** A draft with errors stays one, with the errors beside it. */
async function queue(doing: Doing): Promise<Response> {
  const { c, context, parts, files, typed } = doing;
  const saved = await saveTyped({ context, files, tickets: parts.tickets }, typed);
  if (saved.kind === 'conflict') return again(doing, { conflict: saved, status: 409 });
  const { file } = saved;
  // With what `check` says of each account: what would fail there is corrected here.
  const { post, problems, accounts } = await previewDraft(context, files, file);
  if (!post || hasErrors(problems) || !accounts.length) {
    const notice = 'The draft is saved, but it cannot be queued yet: see the preview.';
    return again(onto(doing, file), { notice, status: 422 });
  }
  const published = await files.publish(file.path, file.hash).catch(toRefusal);
  if (published instanceof Refusal)
    return again(onto(doing, file), { notice: published.message, status: 422 });
  if (published.kind === 'conflict')
    return again(onto(doing, file), { conflict: published, status: 409 });
  const text = `${files.label}/${published.file.path} is in the queue.`;
  parts.flashes.put(c.get('visit').key, { text });
  const id = (await files.parse(published.file)).post?.id ?? post.id;
  return c.redirect((await isRead(context, id)) ? postPath(id) : '/queue', 303);
}

function toRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  throw error;
}

/** The same, now that it is in this file. */
const onto = (doing: Doing, file: PostText): Doing => ({
  ...doing,
  typed: { ...doing.typed, file, sent: { ...doing.typed.sent, path: file.path, base: file.hash } },
});

/** The service looks at a new file within a second or two. */
async function isRead({ store }: CommandContext, id: string): Promise<boolean> {
  for (let tries = 0; tries < 80; tries++) {
    const stored = await store.findPost(id);
    if (stored && stored.goneAt === undefined) return true;
    await delay(100);
  }
  return false;
}

async function discard(doing: Doing): Promise<Response> {
  const { c, parts, files, typed } = doing;
  const { path, base } = typed.sent;
  const gone: Saved = path === undefined ? { kind: 'conflict' } : await files.discard(path, base);
  if (gone.kind === 'conflict') return again(doing, { conflict: gone, status: 409 });
  const text = `${files.label}/${gone.file.path} is deleted. It is kept in drafts/.deleted.`;
  parts.flashes.put(c.get('visit').key, { text });
  return c.redirect('/drafts', 303);
}

/** The person has seen both, and keeps the own one. */
async function overwrite(doing: Doing): Promise<Response> {
  const { form, typed } = doing;
  const base = form.first('seen') ?? typed.sent.base;
  return save({ ...doing, typed: { ...typed, sent: { ...typed.sent, base } } });
}

async function anew(doing: Doing): Promise<Response> {
  const { path: _gone, ...sent } = doing.typed.sent;
  return save({ ...doing, typed: { ...doing.typed, sent } });
}

/** POST /write/preview: the preview alone, while a person types. */
export async function previewTyped(c: Context<Env>, parts: ComposeParts): Promise<Response> {
  const form = await readForm(c);
  if (!hasToken(c, form)) return c.text(staleForm, 403);
  const files = await openFiles(parts.context);
  try {
    const { file, sent, text, form: typed } = await readTyped(parts.context, files, form);
    const path = file?.path ?? sent.path;
    const composing = {
      text,
      ...(path === undefined ? {} : { path }),
      ...(typed === undefined ? {} : { form: typed }),
    };
    const isUnsaved = (await files.whyClosed()) !== undefined;
    return c.html(await previewOf(parts.context, files, { ...composing, isUnsaved }));
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return c.text(error.message, 422);
  }
}

/** POST /write/autosave: a draft into its file; of a post beside it, since it may go out. */
export async function autosave(c: Context<Env>, parts: ComposeParts): Promise<Response> {
  const form = await readForm(c);
  if (!hasToken(c, form)) return c.json({ kind: 'refused', text: staleForm }, 403);
  return parts.tickets.inTurn(form.first('ticket'), () => autosaveForm(c, parts, form));
}

async function autosaveForm(c: Context<Env>, parts: ComposeParts, form: Form): Promise<Response> {
  const context = { ...parts.context, by: 'web' };
  const files = await openFiles(context);
  try {
    const typed = await readTyped(context, files, form);
    const { path, base } = typed.sent;
    if (path === undefined && isEmpty(typed)) return c.json({ kind: 'nothing' });
    if (path !== undefined && !isDraft(path)) {
      await files.keepUnfinished(path, { text: typed.text, base, at: context.clock.now() });
      return c.json({ kind: typed.file?.hash === base ? 'kept' : 'conflict' });
    }
    const saving = { context, files, tickets: parts.tickets, isOpen: true };
    const saved = await saveTyped(saving, typed);
    if (saved.kind === 'conflict') return c.json({ kind: 'conflict' });
    return c.json({ kind: 'saved', path: saved.file.path, base: saved.file.hash });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return c.json({ kind: 'refused', text: error.message }, 422);
  }
}
