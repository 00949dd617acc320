import type { Context } from 'hono';
import { findTranscodable } from '../../commands/checking/find-transcodable.ts';
import { keepFile, openAside } from '../../commands/writing/keep-picture.ts';
import { openFiles } from '../../commands/writing/new-draft.ts';
import { isVideoFile } from '../../core/media/video-file.ts';
import { plural } from '../../core/plural.ts';
import { Refusal } from '../../core/problem.ts';
import type { AddedPicture, PostFiles, PostText } from '../../ports/post-files.ts';
import { readFilesForm, type SentFile } from '../access/sent-files.ts';
import { type Env, hasToken } from '../access/visit.ts';
import { address } from '../parts/bits.ts';
import { sendFile } from '../send-file.ts';
import { type ComposeParts, refuse } from './compose-actions.ts';
import { toSentence } from './compose-preview.ts';
import { pictureAddress } from './compose-view.ts';
import { readTyped, saveTyped, type Typed } from './typed.ts';

const mostAtOnce = 8;

/** POST /write/picture: the form with one file, by the script. Answers with its address. */
export async function addPicture(c: Context<Env>, parts: ComposeParts): Promise<Response> {
  const context = { ...parts.context, by: 'web' };
  const files = await openFiles(context);
  try {
    await using aside = await openAside(files);
    const { form, files: sent } = await readFilesForm(c, aside.folder);
    if (!hasToken(c, form)) return c.json({ text: 'The page is too old: load it again' }, 403);
    const saving = { context, files, tickets: parts.tickets, isOpen: true };
    const saved = await saveTyped(saving, await readTyped(context, files, form));
    if (saved.kind === 'conflict')
      return c.json({ text: 'The file was changed meanwhile: press Save to see both' }, 409);
    const [picture] = sent;
    if (!picture) throw new Refusal('No file came with the form: choose it again');
    const { src, path } = await keep(files, saved.file, picture);
    const now = await files.read(path);
    const isVideo = isVideoFile(src);
    const [canTranscode] = await findTranscodable(context, files, { path, media: [{ src }] });
    const url = pictureAddress(path)(src);
    return c.json({ src, path, base: now?.hash ?? '', url, isVideo, canTranscode: !!canTranscode });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return c.json({ text: error.message }, 422);
  }
}

/** POST /write/pictures: the same without a script. */
export async function addPictures(c: Context<Env>, parts: ComposeParts): Promise<Response> {
  const context = { ...parts.context, by: 'web' };
  const files = await openFiles(context);
  await using aside = await openAside(files);
  const { form, files: sent } = await readFilesForm(c, aside.folder);
  const { key } = c.get('visit');
  const back = (path: string | undefined) => address('/write', { file: path });
  try {
    const typed = await readTyped(context, files, form);
    if (!hasToken(c, form)) throw new Refusal('The page was too old: nothing was saved. Try again');
    const saved = await saveTyped({ context, files, tickets: parts.tickets }, typed);
    if (saved.kind === 'conflict')
      throw new Refusal('The file was changed meanwhile: nothing was saved. Look at it first');
    const { file, added, refused } = await addAll(files, saved.file, sent);
    const { path } = await addToForm(files, file, { typed, added });
    const text = [`${plural(added.length, 'file')} added.`, ...refused].join(' ');
    parts.flashes.put(key, { text });
    return c.redirect(back(path), 303);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    // Nothing that was typed is lost.
    return refuse(c, parts, { files, form, message: toSentence(error.message) });
  }
}

async function addAll(files: PostFiles, file: PostText, sent: readonly SentFile[]) {
  const added: string[] = [];
  const refused: string[] = [];
  let { path } = file;
  for (const picture of sent.slice(0, mostAtOnce)) {
    if (picture.size === 0 && picture.name === '') continue;
    try {
      const kept = await keep(files, { ...file, path }, picture);
      ({ path } = kept);
      added.push(kept.src);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      refused.push(`${error.message}.`);
    }
  }
  return { file: { ...file, path }, added, refused };
}

async function addToForm(
  files: PostFiles,
  file: PostText,
  { typed, added }: { typed: Typed; added: string[] },
): Promise<PostText> {
  if (!typed.form || !added.length) return file;
  const { form: before } = files.readForm(file);
  const media = [...(before.media ?? []), ...added.map((src) => ({ src, alt: '' }))];
  const text = files.change(file, { before, after: { ...before, media } });
  const saved = await files.save(file.path, { text, base: file.hash });
  return saved.kind === 'saved' ? saved.file : file;
}

async function keep(files: PostFiles, { path }: PostText, sent: SentFile): Promise<AddedPicture> {
  const { name, file, isTooLarge } = sent;
  if (isTooLarge)
    throw new Refusal(
      `${name} is too large. A picture may have 30 MB, and a video 512 MB: make it smaller`,
    );
  return keepFile(files, path, { name, file });
}

/** GET /write/picture: a picture or video that lies where the text would find it. */
export async function showPicture(c: Context<Env>, parts: ComposeParts): Promise<Response> {
  const files = await openFiles(parts.context);
  const [path, src] = [c.req.query('file') ?? '', c.req.query('src') ?? ''];
  const found = await files.findPicture(path, src).catch((error: unknown): undefined => {
    if (!(error instanceof Refusal)) throw error;
  });
  return sendFile(c, found);
}
