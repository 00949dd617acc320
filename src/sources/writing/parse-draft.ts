import { readdir, readFile, realpath } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { hasErrors } from '../../core/problem.ts';
import type { Parsed, PostText } from '../../ports/post-files.ts';
import { decodeText } from '../../io/decode-text.ts';
import { FileProblem } from '../folder/file-facts.ts';
import { type PostTexts, sortFiles } from '../folder/listing/list-folder.ts';
import type { KnownNames } from '../folder/post-checks.ts';
import { findMedia } from '../folder/media/post-media.ts';
import { parseBounded } from '../folder/posts-folder.ts';
import { hashPost } from '../post-identity.ts';
import { withoutDrafts } from './draft-names.ts';

export interface WritingPlace {
  postsFolder: string;
  mediaFolder: string;
  /** What messages call the posts folder: `posts`. */
  label: string;
  zone: string;
  names: KnownNames;
}

/** The text as the post that it is, or that it will be once it has left the drafts. */
export async function parseDraft(
  place: WritingPlace,
  { path, text }: Pick<PostText, 'path' | 'text'>,
): Promise<Parsed> {
  const { label, zone, names } = place;
  const around = { path: withoutDrafts(path), file: `${label}/${path}`, zone, names };
  try {
    const parsed = await parseBounded({ ...around, text, ...(await readAround(place, path)) });
    if ('problems' in parsed) return { problems: parsed.problems };
    const found = await findMedia(path, parsed.media, { ...place, roots: await rootsOf(place) });
    const post = { ...parsed.post, media: found.media };
    post.hash = hashPost(post, found.hashes);
    const problems = [...parsed.notes, ...found.notes];
    return hasErrors(problems) ? { problems } : { post, problems };
  } catch (error) {
    if (error instanceof FileProblem) return { problems: [error.problem] };
    throw error;
  }
}

/** Texts beside it for single networks, and the defaults of its folders. */
async function readAround(place: WritingPlace, path: string) {
  const { sidecars } = await findBeside(place, path);
  const [texts, defaults] = await Promise.all([
    Promise.all(sidecars.map((one) => readIfThere(place, one.path))),
    Promise.all(defaultsOf(withoutDrafts(path)).map((one) => readIfThere(place, one))),
  ]);
  return {
    sidecars: sidecars.flatMap(({ audience }, i) => {
      const [read] = texts[i] ?? [];
      return read ? [{ audience, ...read }] : [];
    }),
    defaults: defaults.flat(),
  };
}

export const rootsOf = ({ postsFolder, mediaFolder }: WritingPlace): Promise<string[]> =>
  Promise.all(
    [postsFolder, mediaFolder].map((folder) => realpath(folder).catch(() => resolve(folder))),
  );

/** The texts for single networks beside a text. */
export async function findBeside(
  { postsFolder, label, names }: WritingPlace,
  path: string,
): Promise<Pick<PostTexts, 'sidecars'>> {
  const folder = dirname(path);
  const entries = await readdir(join(postsFolder, folder)).catch((): string[] => []);
  const paths = entries.map((name) => (folder === '.' ? name : `${folder}/${name}`));
  const accounts = names.accounts.map(({ name }) => name);
  const { posts } = sortFiles(new Set([...paths, path]), { label, accounts });
  return posts.find((one) => one.path === path) ?? { sidecars: [] };
}

function defaultsOf(path: string): string[] {
  const folders = path.split('/').slice(0, -1);
  const all = ['', ...folders.map((_, i) => `${folders.slice(0, i + 1).join('/')}/`)];
  return all.map((folder) => `${folder}_defaults.yaml`);
}

async function readIfThere({ postsFolder, label }: WritingPlace, path: string) {
  const bytes = await readFile(join(postsFolder, path)).catch(() => undefined);
  const text = bytes && decodeText(bytes);
  return typeof text === 'string' ? [{ file: `${label}/${path}`, text }] : [];
}
