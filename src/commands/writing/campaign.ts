import { randomUUID } from 'node:crypto';
import type { FileBefore, Undoable } from '../../core/journal.ts';
import { didYouMean } from '../../core/text/suggest.ts';
import { day } from '../../core/time.ts';
import { commandEntry } from '../change.ts';
import { listCampaigns } from '../list-campaigns.ts';
import { parseFollowUpId } from '../../core/post/series.ts';
import { plural } from '../../core/plural.ts';
import { formatProblem, Refusal } from '../../core/problem.ts';
import type { PostFiles } from '../../ports/post-files.ts';
import type { StoredPost } from '../../ports/store.ts';
import { type Command, type CommandContext, WrongUsage } from '../command.ts';
import { findEach } from '../find.ts';
import { openFiles } from './new-draft.ts';

/** The word that takes a post out of its campaign. */
const noCampaign = 'none';

export const campaign: Command = {
  name: 'campaign',
  args: '<id> <campaign>',
  help: 'put posts into a campaign: writes it into their files; none takes them out',
  examples: ['campaign hello spring', 'campaign hello,second summer --new'],
  options: [{ name: '--new', help: 'the campaign is a new one, which no other post has' }],
  async run(context, { args: [id, wanted = ''], options }) {
    const name = wanted.trim();
    if (!name) throw new WrongUsage('the name of the campaign is missing: campaign hello spring');
    const files = await openFiles(context);
    const command = context.command ?? randomUUID();
    const closed = await files.whyClosed();
    if (closed) throw new Refusal(formatProblem(closed));
    const found = await findFiles(context, id);
    if (name !== noCampaign && options['new'] !== true) await assertKnown(context, name);
    const outcomes: Outcome[] = [];
    const putting = { context, files, name: name === noCampaign ? undefined : name, command };
    for (const stored of found) outcomes.push(await putInto(putting, stored));
    const changed = outcomes.filter(({ why }) => why === undefined).map(({ file }) => file);
    const left = outcomes.flatMap(({ file, why }) => (why === undefined ? [] : [{ file, why }]));
    if (!changed.length) throw new Refusal(left.map(tell).join('; '));
    return {
      text: [tellChanged(changed, name), ...left.map((one) => `Not changed: ${tell(one)}.`)].join(
        '\n',
      ),
      json: { campaign: name, changed, left },
      hasFailed: left.length > 0,
    };
  },
};

/** A name that is misspelt would be a campaign of its own. */
async function assertKnown(context: CommandContext, name: string): Promise<void> {
  const { settings, clock, by } = context;
  if (settings.campaigns[name]) return;
  const names = await listCampaigns(context, clock.now() - knownFor);
  if (names.includes(name)) return;
  const hint = names.length ? didYouMean(name, names) : 'no post has one yet.';
  const how = by === 'web' ? 'tick “It is a new campaign”' : 'add `--new`';
  throw new Refusal(`there is no campaign "${name}": ${hint} If it is a new one, ${how}`);
}

/** As long as touches are counted. */
const knownFor = 182 * day;

interface Putting {
  context: CommandContext;
  files: PostFiles;
  /** Absent: out of any. */
  name: string | undefined;
  command: string;
}

interface Outcome {
  file: string;
  /** Absent: it was changed. */
  why?: string;
}

const tell = ({ file, why = '' }: Outcome): string => (why.includes(file) ? why : `${file} ${why}`);

function tellChanged(changed: string[], name: string): string {
  const [first = ''] = changed;
  const what = changed.length === 1 ? first : plural(changed.length, 'post');
  return name === noCampaign
    ? `${what} taken out of the campaign.`
    : `${what} put into the campaign "${name}". The files say so now.`;
}

/** What a follow-up says stands in the file of its post. */
async function findFiles(context: CommandContext, ids: string | undefined): Promise<StoredPost[]> {
  const found = await findEach(context, ids);
  const roots = new Set(found.map(({ post }) => parseFollowUpId(post)?.root ?? post));
  return context.store.findPosts([...roots]);
}

async function putInto(putting: Putting, stored: StoredPost): Promise<Outcome> {
  const { source, goneAt, post } = stored;
  const { file } = post;
  if (source !== 'folder') return { file, why: 'comes from a feed and has no file' };
  if (goneAt !== undefined) return { file, why: 'was deleted' };
  try {
    const why = await writeInto(putting, stored);
    return why === undefined ? { file } : { file, why };
  } catch (error) {
    if (error instanceof Refusal) return { file, why: error.message };
    throw error;
  }
}

/** Why it was not written; undefined: it was. */
async function writeInto(putting: Putting, stored: StoredPost): Promise<string | undefined> {
  const { files, name } = putting;
  const { path } = stored;
  const read = await files.read(path);
  if (!read) return 'is not there any more';
  const { form, asWritten } = files.readForm(read);
  if (asWritten.includes('campaign')) return 'has a campaign that only a text editor can change';
  const { campaign: _before, ...rest } = form;
  const after = name === undefined ? rest : { ...rest, campaign: name };
  const text = files.change(read, { before: form, after });
  const { problems } = await files.parse({ path, text });
  const wrong = problems.find(({ severity }) => severity === 'error');
  if (wrong) return formatProblem(wrong);
  const saved = await files.save(path, { text, base: read.hash });
  if (saved.kind === 'conflict') return 'was changed by somebody else just now. Try again';
  if (text !== read.text)
    await tellJournal(putting, stored, { path, text: read.text, hash: saved.file.hash });
  return undefined;
}

/** With what `undo` needs. */
async function tellJournal(
  { context, name, command }: Putting,
  { id, post }: StoredPost,
  file: FileBefore,
): Promise<void> {
  const what = name === undefined ? 'taken out of its campaign' : `put into the campaign "${name}"`;
  const data: Undoable = { command, verb: 'campaign', before: [], file };
  const text = `${post.file} ${what}`;
  await context.store.appendJournal([
    commandEntry(context, { type: 'campaign', text, data, about: { post: id } }),
  ]);
}
