import { Refusal } from '../../core/problem.ts';
import { findPostOf } from '../../flow/ingest/find-post.ts';
import type { PostFiles, PostText } from '../../ports/post-files.ts';
import { type Command, type CommandContext, WrongUsage } from '../command.ts';

export const newDraft: Command = {
  name: 'new',
  args: '<title...>',
  help: 'begin a draft: a file in drafts/ that is no post yet',
  examples: ['new Spring offer'],
  async run(context, { args }) {
    const title = args.join(' ').trim();
    if (!title) throw new WrongUsage('new takes the title of the draft: new Spring offer');
    const files = await openFiles(context);
    const empty = { path: 'new.md', text: '', hash: '' };
    const text = files.change(empty, { before: { body: '' }, after: { body: '', title } });
    const { path } = await createDraft(context, files, { name: title, text });
    const where = `${files.label}/${path}`;
    return {
      text:
        `${where} is a new draft: write it there, or on the dashboard. Nothing of it is ` +
        'published before it has left the drafts.',
      json: { path, title },
    };
  },
};

/** Throws a Refusal where files cannot be written from here. */
export async function openFiles({ openFiles: open }: CommandContext): Promise<PostFiles> {
  if (!open) throw new Refusal('Posts cannot be written from here: use the dashboard');
  return open();
}

/** Ids of posts that were there once are not used again. */
export const createDraft = (
  { store, clock }: CommandContext,
  files: PostFiles,
  { name, text }: { name: string; text: string },
): Promise<PostText> =>
  files.createDraft({
    name,
    text,
    at: clock.now(),
    isTaken: async (id) => (await findPostOf(store, id)) !== undefined,
  });
