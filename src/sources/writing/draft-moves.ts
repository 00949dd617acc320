import { copyFile, mkdir, readdir, rename, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { Refusal } from '../../core/problem.ts';
import { draftsFolder, isBundle, toBundlePath, withoutDrafts } from './draft-names.ts';
import { hashFile } from '../folder/media/hash-file.ts';
import { findBeside, parseDraft, type WritingPlace } from './parse-draft.ts';
import { createCopy, makeFolder, moveFile } from './write-file.ts';

export const isThere = (file: string): Promise<boolean> =>
  stat(file).then(
    () => true,
    () => false,
  );

/** A draft in one file becomes one in a folder, with the pictures that lie beside it. */
export async function toBundle(place: WritingPlace, path: string, text: string): Promise<string> {
  if (isBundle(path)) return path;
  const { postsFolder } = place;
  const target = toBundlePath(path);
  const folder = join(postsFolder, dirname(target));
  await makeNew(folder);
  for (const file of await findPictures(place, { path, text }))
    await copyFile(file, join(folder, basename(file)));
  for (const { path: other } of (await findBeside(place, path)).sidecars)
    await moveFile(
      join(postsFolder, other),
      join(folder, `index${basename(other).slice(nameOf(path).length)}`),
    );
  await moveFile(join(postsFolder, path), join(postsFolder, target));
  return target;
}

const nameOf = (path: string) => basename(path).replace(/\.(?:md|markdown)$/i, '');

async function makeNew(folder: string): Promise<void> {
  try {
    await mkdir(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    throw new Refusal(
      `There is a folder ${basename(folder)} beside this draft: rename one of them`,
    );
  }
}

/** Those that lie right beside the text, with their captions. */
async function findPictures(
  place: WritingPlace,
  file: { path: string; text: string },
): Promise<string[]> {
  const { post } = await parseDraft(place, file);
  const folder = join(place.postsFolder, dirname(file.path));
  return (post?.media ?? [])
    .flatMap(({ file: own, captions }) => (captions === undefined ? [own] : [own, captions]))
    .filter((one) => dirname(one) === folder);
}

/** Out of the drafts. Gives the new path. */
export async function leaveDrafts(
  place: WritingPlace,
  path: string,
  text: string,
): Promise<string> {
  await assertStillFound(place, { path, text });
  const hasPictures = (await findPictures(place, { path, text })).length > 0;
  const from = hasPictures ? await toBundle(place, path, text) : path;
  return isBundle(from) ? moveBundle(place, from) : moveText(place, from);
}

/** Pictures whose address leads out of what moves would be missing in the post. */
async function assertStillFound(
  place: WritingPlace,
  file: { path: string; text: string },
): Promise<void> {
  const { post } = await parseDraft(place, file);
  const folder = resolve(place.postsFolder, dirname(file.path));
  const isMoved = (one: string) =>
    isBundle(file.path) ? one.startsWith(folder + sep) : dirname(one) === folder;
  const target = resolve(place.postsFolder, dirname(withoutDrafts(file.path)));
  for (const { src, file: one } of post?.media ?? []) {
    const found = [resolve(place.mediaFolder, src), resolve(target, src)];
    if (!isMoved(one) && !found.includes(one))
      throw new Refusal(
        `${src} would not be found once the draft is a post: ` +
          'put it beside the text, or into media/',
      );
  }
}

async function moveBundle({ postsFolder }: WritingPlace, path: string): Promise<string> {
  const folder = dirname(path);
  for (const name of alternatives(withoutDrafts(folder))) {
    const target = join(postsFolder, name);
    await makeFolder(dirname(target));
    if ((await isThere(target)) || (await isThere(`${target}.md`))) continue;
    await rename(join(postsFolder, folder), target);
    return `${name}/index.md`;
  }
  throw taken(folder);
}

async function moveText(place: WritingPlace, path: string): Promise<string> {
  const { postsFolder } = place;
  const { sidecars } = await findBeside(place, path);
  const base = withoutDrafts(path).replace(/\.(?:md|markdown)$/i, '');
  for (const name of alternatives(base)) {
    const target = join(postsFolder, `${name}.md`);
    await makeFolder(dirname(target));
    if ((await isThere(target)) || (await isThere(join(postsFolder, name)))) continue;
    // Before its post: a text for one network alone is never published.
    for (const { path: other } of sidecars)
      await moveFile(
        join(postsFolder, other),
        join(postsFolder, `${name}${basename(other).slice(nameOf(path).length)}`),
      );
    if (await moveFile(join(postsFolder, path), target)) return `${name}.md`;
  }
  throw taken(path);
}

function* alternatives(name: string): Generator<string> {
  yield name;
  for (let i = 2; i < 100; i++) yield `${name}-${i}`;
}

const taken = (path: string) =>
  new Refusal(`The name of ${path} is taken in the posts folder: rename the draft`);

/** Into a folder that nobody reads, where a person finds it again. */
export async function setAside({ postsFolder }: WritingPlace, path: string): Promise<void> {
  const bin = join(postsFolder, draftsFolder, '.deleted');
  await makeFolder(bin);
  const what = isBundle(path) ? dirname(path) : path;
  const left = new Set(await readdir(bin));
  const name = basename(what);
  let free = name;
  for (let i = 2; left.has(free); i++) free = name.replace(/(\.md)?$/, (end) => `-${i}${end}`);
  await rename(join(postsFolder, what), join(bin, free));
}

/** Under its own name, or that with a number. Gives the name. */
export async function keepPicture(
  folder: string,
  { name, file: sent }: { name: string; file: string },
): Promise<string> {
  await makeFolder(folder);
  const [, base = name, ending = ''] = /^(.*?)(\.\w+)?$/.exec(name) ?? [];
  for (const one of alternatives(base)) {
    const free = `${one}${ending}`;
    const file = join(folder, free);
    if ((await createCopy(file, sent)) || (await isSameFile(file, sent))) return free;
  }
  throw new Refusal(`There are too many files named ${name}: rename it`);
}

async function isSameFile(one: string, other: string): Promise<boolean> {
  const [a, b] = await Promise.all([stat(one), stat(other)]);
  return a.size === b.size && (await hashFile(one)) === (await hashFile(other));
}
