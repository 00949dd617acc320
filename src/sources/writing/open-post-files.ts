import { constants } from 'node:fs';
import { access, readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import { isVideoFile } from '../../core/media/video-file.ts';
import { errorAt, type Problem, Refusal } from '../../core/problem.ts';
import { localDate } from '../../core/time.ts';
import { decodeText } from '../../io/decode-text.ts';
import type { Images } from '../../ports/images.ts';
import type { Draft, PostFiles, PostText, Saved } from '../../ports/post-files.ts';
import { isInside } from '../folder/file-facts.ts';
import { withoutExtension } from '../folder/listing/sidecars.ts';
import { isMediaName } from '../folder/media/post-media.ts';
import { idOfFile } from '../post-identity.ts';
import { isThere, keepPicture, leaveDrafts, setAside, toBundle } from './draft-moves.ts';
import {
  assertTextPath,
  draftsFolder,
  isBundle,
  isDraftPath,
  namesFor,
  slugOf,
  toBundlePath,
  withoutDrafts,
} from './draft-names.ts';
import { editText, rewriteText } from './edit-text.ts';
import { changeText, readPostForm } from './form-text.ts';
import { findMoved, noteMove } from './moved-drafts.ts';
import { parseDraft, rootsOf, type WritingPlace } from './parse-draft.ts';
import { dropUnfinished, keepUnfinished, readUnfinished } from './typed-aside.ts';
import { causeOf, createFile, hashOf, makeFolder, replaceFile, telling } from './write-file.ts';

export type PostFilesInput = WritingPlace & {
  images: Images;
  /** For what is being sent. */
  asideFolder: string;
};
type Place = PostFilesInput;

/** More than any network takes, and less than takes long to read. */
const maxTextBytes = 64 * 1024;
const mostDrafts = 200;

export function openPostFiles(place: PostFilesInput): PostFiles {
  const turn = openTurns();
  const labelOf = (path: string) => `${place.label}/${path}`;
  const writing = <T>(path: string, run: () => Promise<T>) =>
    turn(() => telling(labelOf(path), run));
  return {
    label: place.label,
    asideFolder: place.asideFolder,
    whyClosed: () => whyClosed(place),
    listDrafts: () => listDrafts(place),
    read: (path, base) => read(place, path, base),
    readForm: ({ text, path }) => readPostForm(text, labelOf(path)),
    change: ({ text, path }, forms) => changeText(text, forms, labelOf(path)),
    rewrite: ({ text }, typed) => rewriteText(text, typed),
    createDraft: (wanted) => writing(`${draftsFolder}/`, () => createDraft(place, wanted)),
    save: (path, wanted) => writing(path, () => save(place, path, wanted)),
    saveDraft: (path, wanted) => writing(path, () => saveDraft(place, path, wanted)),
    publish: (path, base) => writing(path, () => publish(place, path, base)),
    discard: (path, base) => writing(path, () => discard(place, path, base)),
    keepUnfinished: (path, typed) => writing(path, () => keepUnfinished(place, path, typed)),
    readUnfinished: (path) => readUnfinished(place, path),
    dropUnfinished: (path) => writing(path, () => dropUnfinished(place, path)),
    addPicture: (path, picture) => writing(path, () => addPicture(place, path, picture)),
    findPicture: (path, src) => findPicture(place, path, src),
    whyUnfit: place.images.whyUnfit,
    parse: (file) => parseDraft(place, file),
  };
}

/** One write after the other: two saves of one page are no conflict. */
function openTurns() {
  let last: Promise<unknown> = Promise.resolve();
  return <T>(run: () => Promise<T>): Promise<T> => {
    const next = last.then(run, run);
    last = next.catch(() => undefined);
    return next;
  };
}

async function whyClosed({ postsFolder, label }: Place): Promise<Problem | undefined> {
  try {
    await makeFolder(postsFolder);
    await access(postsFolder, constants.W_OK);
    return undefined;
  } catch (error) {
    return errorAt(label, 'cannot be written', causeOf(error) ?? 'look at the folder');
  }
}

/** The bytes of a text that is below the folder, at the end of its links too. */
async function readBytes(place: Place, path: string): Promise<Buffer | undefined> {
  assertTextPath(path);
  const file = join(place.postsFolder, path);
  const info = await stat(file).catch(() => undefined);
  if (!info?.isFile()) return undefined;
  if (!(await isInside(file, await rootsOf(place))))
    throw new Refusal(`${place.label}/${path} lies outside the posts folder: edit it where it is`);
  if (info.size > maxTextBytes)
    throw new Refusal(`${place.label}/${path} is larger than 64 KiB: edit it in a text editor`);
  return readFile(file);
}

async function readAt(place: Place, path: string): Promise<PostText | undefined> {
  const bytes = await readBytes(place, path);
  if (!bytes) return undefined;
  const text = decodeText(bytes);
  const isWide = /^(?:\xff\xfe|\xfe\xff)/.test(bytes.toString('latin1', 0, 2));
  if (typeof text !== 'string' || isWide)
    throw new Refusal(`${place.label}/${path} is not UTF-8 text: save it as UTF-8 first`);
  return { path, text, hash: hashOf(bytes) };
}

/** A draft may have become a folder or a post since its page was opened: what it is now. */
async function read(place: Place, path: string, base?: string): Promise<PostText | undefined> {
  const found = await readAt(place, path);
  if (found || !isDraftPath(path)) return found;
  const moved = await findMoved(place, path);
  const now = moved === undefined ? undefined : await readAt(place, moved);
  if (now || base === undefined) return now;
  // Somebody has moved it by hand: the same bytes are the same draft, and no other post is.
  for (const one of [toBundlePath(path), withoutDrafts(path), toBundlePath(withoutDrafts(path))]) {
    const guess = await readAt(place, one);
    if (guess?.hash === base) return guess;
  }
  return undefined;
}

async function createDraft(
  place: Place,
  { name, text, at, isTaken }: Parameters<PostFiles['createDraft']>[0],
): Promise<PostText> {
  assertSize(text);
  const { postsFolder, zone } = place;
  await makeFolder(join(postsFolder, draftsFolder));
  for (const one of namesFor(name, localDate(at, zone))) {
    const path = `${draftsFolder}/${one}.md`;
    if (await isTaken(idOfFile(`${one}.md`))) continue;
    const others = [`${draftsFolder}/${one}`, one, `${one}.md`];
    const taken = await Promise.all(others.map((other) => isThere(join(postsFolder, other))));
    if (taken.includes(true)) continue;
    const bytes = Buffer.from(text);
    if (await createFile(join(postsFolder, path), bytes))
      return { path, text, hash: hashOf(bytes) };
  }
  throw new Refusal('There are too many drafts of this name: choose another title');
}

function assertSize(text: string) {
  if (Buffer.byteLength(text) > maxTextBytes)
    throw new Refusal('The text is larger than 64 KiB. No network takes as much: make it shorter');
}

async function save(
  place: Place,
  path: string,
  { text, base }: { text: string; base: string },
): Promise<Saved> {
  assertSize(text);
  const now = await read(place, path, base);
  // Who sends the same twice has seen nothing else, and there is nothing to write.
  if (now?.text === text) return { kind: 'saved', file: now };
  if (now?.hash !== base) return conflict(now);
  // What was typed into a draft does not get into the post that the draft has become.
  if (isDraftPath(path) && !isDraftPath(now.path)) return conflict(now);
  const file = join(place.postsFolder, now.path);
  const isWritten = await replaceFile(file, text, (bytes) => hashOf(bytes) === base);
  if (!isWritten) return conflict(await read(place, path));
  return { kind: 'saved', file: { path: now.path, text, hash: hashOf(Buffer.from(text)) } };
}

async function saveDraft(place: Place, path: string, wanted: { text: string; base: string }) {
  const now = await read(place, path, wanted.base);
  return now && isDraftPath(now.path) ? save(place, now.path, wanted) : conflict(now);
}

const conflict = (now: PostText | undefined): Saved =>
  now ? { kind: 'conflict', now } : { kind: 'conflict' };

async function publish(place: Place, path: string, base: string): Promise<Saved> {
  const now = await read(place, path, base);
  if (now?.hash !== base) return conflict(now);
  const text = await withoutDraftMark(place, now);
  const saved = await save(place, now.path, { text, base });
  if (saved.kind === 'conflict' || !isDraftPath(now.path)) return saved;
  const { file } = saved;
  const left = await leaveDrafts(place, file.path, text);
  await noteMove(place, file.path, left);
  return { kind: 'saved', file: { ...file, path: left } };
}

/** A folder's defaults may say `draft: true`, too. */
async function withoutDraftMark(place: Place, { path, text }: PostText): Promise<string> {
  const label = `${place.label}/${path}`;
  const bare = editText(text, { set: { draft: undefined } }, label);
  const { post } = await parseDraft(place, { path, text: bare });
  return post?.draft ? editText(text, { set: { draft: false } }, label) : bare;
}

async function discard(place: Place, path: string, base: string): Promise<Saved> {
  const now = await read(place, path, base);
  if (now?.hash !== base) return conflict(now);
  if (!isDraftPath(now.path))
    throw new Refusal('Only a draft can be deleted here: withdraw the post, or delete its file');
  await setAside(place, now.path);
  return { kind: 'saved', file: now };
}

async function listDrafts(place: Place): Promise<Draft[]> {
  const folder = join(place.postsFolder, draftsFolder);
  const entries = await readdir(folder, { withFileTypes: true, recursive: true }).catch(() => []);
  const texts = entries
    .filter((entry) => entry.isFile() && /\.(?:md|markdown)$/i.test(entry.name))
    .map((entry) => resolve(entry.parentPath, entry.name).slice(resolve(folder).length + 1))
    .map((path) => path.split(sep).join('/'))
    .filter((path) => path.split('/').every((step) => !/^[._]/.test(step)));
  const bases = new Set(texts.map(withoutExtension));
  const mains = texts.filter((path) => {
    const base = withoutExtension(path).replace(/\.[^./]+$/, '');
    return base === withoutExtension(path) || !bases.has(base);
  });
  const dated = await Promise.all(
    mains.map(async (path) => ({ path, at: (await stat(join(folder, path))).mtimeMs })),
  );
  return dated
    .toSorted((a, b) => b.at - a.at)
    .slice(0, mostDrafts)
    .map(({ path, at }) => ({ path: `${draftsFolder}/${path}`, at }));
}

const endings: Record<string, string> = {
  'image/jpeg': 'jpg',
  'image/png': 'png',
  'image/webp': 'webp',
  'image/gif': 'gif',
  'image/avif': 'avif',
  'video/mp4': 'mp4',
  'video/quicktime': 'mov',
  'video/webm': 'webm',
  'video/x-matroska': 'mkv',
};

async function addPicture(
  place: Place,
  path: string,
  { name, file }: { name: string; file: string },
) {
  const text = await read(place, path);
  if (!text) throw new Refusal('This post is gone: save it again before you add to it');
  const { mime } = await place.images.inspect(file);
  const ending = endings[mime];
  if (ending === undefined)
    throw new Refusal(
      `${name} is neither a picture nor a video that can be posted: ` +
        'use JPEG, PNG, WebP, AVIF, GIF or MP4',
    );
  const isOwn = isDraftPath(text.path) || isBundle(text.path);
  const own = isDraftPath(text.path) ? await toBundle(place, text.path, text.text) : text.path;
  await noteMove(place, text.path, own);
  const folder = isOwn ? join(place.postsFolder, dirname(own)) : place.mediaFolder;
  const base = slugOf(name.replace(/\.\w+$/, '')) || (isVideoFile(file) ? 'video' : 'picture');
  const src = await keepPicture(folder, { name: `${base}.${ending}`, file });
  return { src, path: own };
}

async function findPicture(place: Place, path: string, src: string): Promise<string | undefined> {
  if (/[\\\0]/.test(src) || !isMediaName(src)) return undefined;
  const text = await read(place, path);
  if (!text) return undefined;
  const roots = await rootsOf(place);
  const folders = [join(place.postsFolder, dirname(text.path)), place.mediaFolder];
  for (const folder of folders) {
    const file = join(folder, src);
    const info = await stat(file).catch(() => undefined);
    if (info?.isFile() && (await isInside(file, roots))) return file;
  }
  return undefined;
}
