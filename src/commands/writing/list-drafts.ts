import type { Post } from '../../core/post/post.ts';
import { type Problem, Refusal } from '../../core/problem.ts';
import type { Draft, PostFiles, PostText } from '../../ports/post-files.ts';
import type { CommandContext } from '../command.ts';
import { previewDraft } from './preview-draft.ts';

export interface ListedDraft extends Draft {
  /** Its title, else its first words; empty: it has none. */
  title: string;
  /** As `check` has them. */
  problems: Problem[];
}

const mostShown = 50;

/** What is in `drafts/`, the newest first. */
export async function listDrafts(
  context: CommandContext,
  files: PostFiles,
): Promise<ListedDraft[]> {
  const all = await files.listDrafts();
  return Promise.all(all.slice(0, mostShown).map((one) => lookAt(context, files, one)));
}

async function lookAt(
  context: CommandContext,
  files: PostFiles,
  draft: Draft,
): Promise<ListedDraft> {
  try {
    const file = await files.read(draft.path);
    if (!file) return { ...draft, title: '', problems: [] };
    const { post, problems } = await previewDraft(context, files, file);
    const [first = ''] = wordsOf(files, file, post).trim().split('\n');
    return { ...draft, title: first.slice(0, 120), problems };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const problem: Problem = { where: draft.path, what: error.message, severity: 'error' };
    return { ...draft, title: '', problems: [problem] };
  }
}

/** Its title, or its first words: as they will be published, or as they stand in a broken file. */
function wordsOf(files: PostFiles, file: PostText, post: Post | undefined): string {
  if (post) return post.title ?? post.parts.find((part) => part.trim() !== '') ?? '';
  try {
    const { form } = files.readForm(file);
    return form.title ?? form.body;
  } catch (error) {
    if (error instanceof Refusal) return '';
    throw error;
  }
}
