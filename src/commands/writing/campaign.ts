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
  examples: ['campaign hello spring', 'campaign hello,second spring'],
  async run(context, { args: [id, wanted = ''] }) {
    const name = wanted.trim();
    if (!name) throw new WrongUsage('the name of the campaign is missing: campaign hello spring');
    const files = await openFiles(context);
    const closed = await files.whyClosed();
    if (closed) throw new Refusal(formatProblem(closed));
    const outcomes: Outcome[] = [];
    for (const stored of await findFiles(context, id))
      outcomes.push(await putInto(files, stored, name === noCampaign ? undefined : name));
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

async function putInto(
  files: PostFiles,
  { source, path, goneAt, post: { file } }: StoredPost,
  name: string | undefined,
): Promise<Outcome> {
  if (source !== 'folder') return { file, why: 'comes from a feed and has no file' };
  if (goneAt !== undefined) return { file, why: 'was deleted' };
  try {
    const why = await writeInto(files, path, name);
    return why === undefined ? { file } : { file, why };
  } catch (error) {
    if (error instanceof Refusal) return { file, why: error.message };
    throw error;
  }
}

/** Why it was not written; undefined: it was. */
async function writeInto(
  files: PostFiles,
  path: string,
  name: string | undefined,
): Promise<string | undefined> {
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
  return saved.kind === 'saved' ? undefined : 'was changed by somebody else just now. Try again';
}
