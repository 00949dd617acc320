import { z } from 'zod';
import type { CommandContext } from '../../commands/command.ts';
import { listDrafts } from '../../commands/writing/list-drafts.ts';
import { createDraft, openFiles } from '../../commands/writing/new-draft.ts';
import { previewDraft } from '../../commands/writing/preview-draft.ts';
import { pickDefined } from '../../core/pick-defined.ts';
import { formatProblem, Refusal } from '../../core/problem.ts';
import { toIso } from '../../core/time.ts';
import type { PostFiles, PostText } from '../../ports/post-files.ts';
import { fromSchema, pageSchema, toPage } from '../answer-pages.ts';
import { draftSchema, toForm } from './draft-form.ts';
import { makeOnce } from './draft-key.ts';
import { type Answer, defineTool } from './tool.ts';

const path = z
  .string()
  .min(1)
  .max(500)
  .describe('The path of the draft as draft_list names it: drafts/2026-12-01-hello.md');

const previewSchema = z.looseObject({
  problems: z.array(z.string()).describe('What check says; errors keep it from being published'),
  accounts: z.array(z.looseObject({})).describe('What each account would publish'),
});

const savedSchema = previewSchema.extend({ path: z.string(), hash: z.string(), next: z.string() });

const next =
  'It is a draft, and it wants approval. Only a person can publish it: on the dashboard, under ' +
  'Drafts, and then by approving it.';

export const draftList = defineTool({
  name: 'draft_list',
  title: 'Drafts',
  description: 'The drafts in drafts/, the newest first, with what is wrong in each.',
  input: z.strictObject({ from: fromSchema }),
  output: z.object(pageSchema),
  async run(context, { from }) {
    const drafts = await listDrafts(context, await openFiles(context));
    return {
      ...(await toPage(drafts, from, (some) =>
        some.map(({ path: file, at, title, problems }) => ({
          path: file,
          changedAt: toIso(at),
          title,
          problems: problems.map(formatProblem),
        })),
      )),
    };
  },
});

export const draftCreate = defineTool({
  name: 'draft_create',
  title: 'Create a draft',
  description:
    'Writes a draft into drafts/. Nothing is published: a person has to publish and to approve ' +
    'it. The same key with the same words makes one draft, however often it is called.',
  input: draftSchema.extend({
    key: z
      .string()
      .min(1)
      .max(200)
      .describe('The idempotency key: another one for each draft, the same one for a repetition'),
  }),
  output: savedSchema.extend({ isNew: z.boolean() }),
  writes: true,
  async run(context, { key, ...words }) {
    const files = await openWritable(context);
    const empty = { path: 'new.md', text: '', hash: '' };
    const after = { body: '', ...toForm(words) };
    const text = files.change(empty, { before: { body: '' }, after });
    assertWantsApproval(files, { ...empty, text });
    const name = words.title ?? words.body.trim().slice(0, 80);
    const { path: file, isNew } = await makeOnce(context, files, {
      key,
      text,
      write: async () => {
        await assertRoom(files);
        return createDraft(context, files, { name, text });
      },
    });
    if (isNew) await record(context, file, { what: 'wrote the draft', mark: key });
    const saved = await files.read(file);
    if (!saved) throw new Refusal(`The draft ${file} was made with this key, and is gone by now`);
    return { ...(await previewOf(context, files, saved)), isNew, next };
  },
});

export const draftUpdate = defineTool({
  name: 'draft_update',
  title: 'Change a draft',
  description:
    'Changes a draft in drafts/, and no other file. What is not named stays as it is. It wants ' +
    'approval from then on.',
  input: draftSchema.partial().extend({
    path,
    hash: z.string().min(1).max(200).describe('The hash of the text that you have seen'),
  }),
  output: savedSchema,
  writes: true,
  async run(context, { path: wanted, hash, ...words }) {
    const files = await openWritable(context);
    const file = await readDraft(files, wanted, hash);
    if (file.hash !== hash) throw new Refusal(tellConflict(file.path));
    const { form } = files.readForm(file);
    const text = files.change(file, { before: form, after: { ...form, ...toForm(words) } });
    assertWantsApproval(files, { ...file, text });
    const saved = await files.saveDraft(file.path, { text, base: hash });
    if (saved.kind === 'conflict') throw new Refusal(tellConflict(file.path));
    const { path: at, hash: mark } = saved.file;
    if (mark !== hash) await record(context, at, { what: 'changed the draft', mark });
    return { ...(await previewOf(context, files, saved.file)), next };
  },
});

export const preview = defineTool({
  name: 'preview',
  title: 'Preview',
  description:
    'What each account would publish, and what check says: of a draft (its path), or of words ' +
    'that are not written anywhere yet. Writes nothing.',
  input: z.strictObject({ ...draftSchema.partial().shape, path: path.optional() }),
  output: previewSchema,
  async run(context, { path: wanted, ...words }) {
    const files = await openFiles(context);
    if (wanted !== undefined && Object.keys(words).length)
      throw new Refusal('Pass the path of a draft, or the words of a new one, and not both');
    if (wanted !== undefined) {
      const file = await readDraft(files, wanted);
      return { ...(await previewOf(context, files, file)), text: file.text };
    }
    if (words.body === undefined)
      throw new Refusal('Pass the path of a draft, or at least the body of a new one');
    const empty = { path: 'drafts/new.md', text: '', hash: '' };
    const after = { body: '', ...toForm(words) };
    const text = files.change(empty, { before: { body: '' }, after });
    const {
      path: _path,
      hash: _hash,
      ...seen
    } = await previewOf(context, files, {
      ...empty,
      text,
    });
    return seen;
  },
});

async function openWritable(context: CommandContext): Promise<PostFiles> {
  const files = await openFiles(context);
  const closed = await files.whyClosed();
  if (closed) throw new Refusal(formatProblem(closed));
  return files;
}

const isDraft = (file: string) => file.startsWith('drafts/');

/** What was a draft may be a post by now, which is not for an agent to change. */
async function readDraft(files: PostFiles, wanted: string, hash?: string): Promise<PostText> {
  if (!isDraft(wanted)) throw new Refusal(`${wanted} is not a draft: those are in drafts/`);
  const file = await files.read(wanted, hash);
  if (!file) throw new Refusal(`There is no draft ${wanted}. draft_list names all drafts`);
  if (!isDraft(file.path))
    throw new Refusal(`${wanted} is a post by now, ${file.path}: only a person can change it`);
  return file;
}

const tellConflict = (file: string) =>
  `${file} was changed since you have seen it, and nothing was written. Read it with preview, ` +
  'then try again with its hash';

/** Words that look like front matter must not take the approval away. */
function assertWantsApproval(files: PostFiles, file: PostText) {
  if (files.readForm(file).form.approval !== 'required')
    throw new Refusal(
      'These words would change the front matter of the draft. Write them in another way',
    );
}

/** As many as the dashboard lists. */
const mostDrafts = 200;

async function assertRoom(files: PostFiles): Promise<void> {
  if ((await files.listDrafts()).length >= mostDrafts)
    throw new Refusal(
      `There are ${mostDrafts} drafts, the most that are listed. Ask a person to publish or to ` +
        'delete some of them first',
    );
}

async function record(
  { store, clock, by }: CommandContext,
  file: string,
  { what, mark }: { what: string; mark: string },
): Promise<void> {
  const id = `draft:${file}:${mark}`;
  const text = `${by} ${what} ${file}`;
  const data = { path: file };
  await store.appendJournal([{ id, at: clock.now(), type: 'drafted', by, text, data }]);
}

async function previewOf(
  context: CommandContext,
  files: PostFiles,
  file: PostText,
): Promise<Answer> {
  const { problems, accounts, without } = await previewDraft(context, files, file);
  return {
    path: file.path,
    hash: file.hash,
    problems: problems.map(formatProblem),
    accounts: accounts.map(({ account, ...message }) =>
      pickDefined({ account: account.name, network: account.network, ...message }),
    ),
    notOn: without.map(({ name }) => name),
  };
}
