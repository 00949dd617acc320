import { html } from 'hono/html';
import type { CommandContext } from '../../commands/command.ts';
import { openFiles } from '../../commands/writing/new-draft.ts';
import { Refusal } from '../../core/problem.ts';
import type { PostFiles, PostText } from '../../ports/post-files.ts';
import { notFound } from '../pages/not-found-page.ts';
import { address, distance, when } from '../parts/bits.ts';
import type { Html } from '../parts/html.ts';
import type { PageRequest, PageResult } from '../parts/page.ts';
import { type Composing, composer, isDraft } from './compose-view.ts';

/** A new post, or the text of a file. */
export async function write(context: CommandContext, request: PageRequest): Promise<PageResult> {
  const files = await openFiles(context);
  const path = request.query.get('file') || undefined;
  const { csrf } = request;
  if (path === undefined) {
    const composing = { base: '', text: '', form: { body: '' }, asWritten: [] };
    return composer(context, files, { csrf, composing });
  }
  try {
    const file = await files.read(path);
    if (!file)
      return notFound(
        html`There is no file <code>${files.label}/${path}</code>: it was moved or deleted. Look at
          the <a href="/drafts">drafts</a> or the <a href="/queue">queue</a>.`,
      );
    const composing = await open(context, files, { file, query: request.query });
    return await composer(context, files, { csrf, composing });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return notFound(error.message);
  }
}

interface Opening {
  file: PostText;
  query: URLSearchParams;
}

async function open(
  context: CommandContext,
  files: PostFiles,
  { file, query }: Opening,
): Promise<Composing> {
  const { path, hash: base } = file;
  const kept = isDraft(path) ? undefined : await files.readUnfinished(path);
  const isTaken = kept !== undefined && query.get('typed') === 'yes';
  const text = isTaken ? kept.text : file.text;
  const notice = kept && !isTaken ? tellKept(context, path, kept.at) : undefined;
  const around = {
    path,
    base: isTaken ? kept.base : base,
    text,
    ...(notice === undefined ? {} : { notice }),
  };
  if (query.get('mode') === 'text') return { ...around, asWritten: [] };
  try {
    return { ...around, ...files.readForm({ ...file, text }) };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { ...around, asWritten: [], notice: error.message };
  }
}

const tellKept = (context: CommandContext, path: string, at: number): Html =>
  html`There are changes of ${when(context, at)} (${distance(context, at)}) that you have not saved.
    <a href="${address('/write', { file: path, typed: 'yes' })}">Go on with them</a>, or save the
    form below to leave them out.`;
