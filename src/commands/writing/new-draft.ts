import { pickDefined } from '../../core/pick-defined.ts';
import { isVideoFile } from '../../core/media/video-file.ts';
import { plural } from '../../core/plural.ts';
import { Refusal } from '../../core/problem.ts';
import { findPostOf } from '../../flow/ingest/find-post.ts';
import type { PostFiles, PostText } from '../../ports/post-files.ts';
import {
  type Command,
  type CommandContext,
  type Input,
  type Reply,
  WrongUsage,
} from '../command.ts';
import {
  addPictures,
  createOnce,
  findAlbumDraft,
  forgetBegun,
  nameOfText,
  type Pictured,
} from './sent-draft.ts';

export const newDraft: Command = {
  name: 'new',
  args: '[text...]',
  help: 'begin a draft, which is not a post yet; in chats with the pictures of the message',
  examples: ['new Spring offer'],
  takesText: true,
  async run(context, input) {
    const { args, text = '', album, pictures = [] } = input;
    if (input.text !== undefined) {
      const begun =
        text === '' && album !== undefined ? await findAlbumDraft(context, album) : undefined;
      if (begun !== undefined) return addToAlbum(context, begun, input);
      if (!text && !pictures.length)
        throw new WrongUsage('new takes the text of the draft: new Spring offer');
      return draftSent(context, input);
    }
    const title = args.join(' ').trim();
    if (!title) throw new WrongUsage('new takes the title of the draft: new Spring offer');
    const files = await openFiles(context);
    const empty = { path: 'new.md', text: '', hash: '' };
    const written = files.change(empty, { before: { body: '' }, after: { body: '', title } });
    const { path } = await createDraft(context, files, { name: title, text: written });
    await recordDraft(context, files, { path });
    return { text: `${whereIs(files, path)} ${howOn}`, json: { path, title } };
  },
};

const howOn =
  'Write it there, or on the dashboard. It is published only after you move it out of the drafts.';

const whereIs = (files: PostFiles, path: string) => `${files.label}/${path} is a new draft.`;

/** A message of a chat: all of its lines, and its pictures. */
async function draftSent(
  context: CommandContext,
  { text = '', pictures = [], album }: Input,
): Promise<Reply> {
  const files = await openFiles(context);
  const empty = { path: 'new.md', text: '', hash: '' };
  const written = files.change(empty, { before: { body: '' }, after: { body: text } });
  const name = nameOfText(text);
  const at = await createOnce(context, files, {
    body: text,
    create: async () => (await createDraft(context, files, { name, text: written })).path,
  });
  const pictured = await addPictures(files, at, pictures);
  await recordDraft(context, files, { path: pictured.path, album });
  await forgetBegun(context);
  return {
    text: [whereIs(files, pictured.path), ...tellPictures(pictured), howOn].join(' '),
    json: tellInJson(pictured),
  };
}

async function addToAlbum(
  context: CommandContext,
  path: string,
  { pictures = [] }: Input,
): Promise<Reply> {
  const files = await openFiles(context);
  const pictured = await addPictures(files, path, pictures);
  return {
    text: [`${files.label}/${pictured.path} is the draft.`, ...tellPictures(pictured)].join(' '),
    json: tellInJson(pictured),
  };
}

const tellInJson = ({ path, added, refused }: Pictured) => ({
  path,
  pictures: added.length,
  refused: refused.map(({ why }) => why),
});

const nounOf = (name: string) => (isVideoFile(name) ? 'video' : 'picture');

function tellPictures({ added, refused }: Pictured): string[] {
  const missing = refused.map(({ name, why }) => `A ${nounOf(name)} is missing. ${why}.`);
  const [first, ...more] = added;
  if (first === undefined) return missing;
  const isMixed = more.some((one) => nounOf(one) !== nounOf(first));
  const noun = isMixed ? 'file' : nounOf(first);
  const what = more.length === 0 ? `the ${noun}` : `each ${noun}`;
  const ask = `Describe ${what} for people who cannot see it: write its alt text into the draft.`;
  return [`${plural(added.length, noun)} added. ${ask}`, ...missing];
}

/** With the name that the chat gave the message: the same one is not drafted again. */
export async function recordDraft(
  { store, clock, by, command: saidAs }: CommandContext,
  files: PostFiles,
  { path, album }: { path: string; album?: string | undefined },
): Promise<void> {
  const at = clock.now();
  await store.appendJournal([
    {
      id: `drafted:${saidAs ?? `${path}:${at}`}`,
      at,
      type: 'drafted',
      by,
      text: `${files.label}/${path} is a new draft`,
      data: pickDefined({ path, saidAs, album }),
    },
  ]);
}

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
