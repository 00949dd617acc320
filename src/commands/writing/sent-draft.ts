import { plural } from '../../core/plural.ts';
import { Refusal } from '../../core/problem.ts';
import type { AddedPicture, PostFiles } from '../../ports/post-files.ts';
import type { CommandContext, Input, SentPicture } from '../command.ts';
import { keepPicture } from './keep-picture.ts';

const mostPictures = 8;
const longestName = 80;

/** What the name of a draft is made of: its first line, or that of its first picture. */
export const nameOfText = (text: string): string =>
  (/\S[^\r\n]*/.exec(text)?.[0] ?? 'picture').slice(0, longestName).trim();

interface Begun {
  /** Drafts that were there before. */
  before: string[];
}

/**
 * A message that comes again after a crash goes on with the draft that it had begun: the one that
 * was not there before, with the same text.
 */
export async function createOnce(
  { store, command }: CommandContext,
  files: PostFiles,
  { body, create }: { body: string; create: () => Promise<string> },
): Promise<string> {
  if (command === undefined) return create();
  const key = begunKey(command);
  const begun = await store.findFact<Begun>(key);
  if (begun) return (await findBegun(files, body, begun.value)) ?? create();
  const before = (await files.listDrafts()).map(({ path }) => path);
  await store.putFact(key, { before } satisfies Begun, 0);
  return create();
}

const begunKey = (command: string) => `drafting:${command}`;

async function findBegun(
  files: PostFiles,
  body: string,
  { before }: Begun,
): Promise<string | undefined> {
  const known = new Set(before);
  for (const { path } of await files.listDrafts()) {
    const file = known.has(path) ? undefined : await files.read(path);
    if (file && files.readForm(file).form.body.trim() === body.trim()) return path;
  }
  return undefined;
}

/** From here on the journal knows of the draft. */
export async function forgetBegun({ store, command = '' }: CommandContext): Promise<void> {
  const fact = await store.findFact(begunKey(command));
  if (fact) await store.removeFact(fact.key, fact.revision);
}

/** The draft that the first message of an album began. */
export async function findAlbumDraft(
  { store, by }: Pick<CommandContext, 'store' | 'by'>,
  album: string,
): Promise<string | undefined> {
  const entries = await store.listJournal({ by, types: ['drafted'], limit: 100 });
  for (const entry of entries.toReversed())
    if (entry.type === 'drafted' && entry.data?.album === album) return entry.data.path;
  return undefined;
}

export interface Pictured {
  path: string;
  /** Their names in the draft. */
  added: string[];
  /** Why others are not there. */
  refused: { name: string; why: string }[];
}

/** Adds each to the draft. A picture that cannot be had leaves the text as it is. */
export async function addPictures(
  files: PostFiles,
  path: string,
  pictures: NonNullable<Input['pictures']>,
): Promise<Pictured> {
  const all: Pictured = { path, added: [], refused: [] };
  for (const picture of pictures.slice(0, mostPictures))
    try {
      const { path: at, src } = await addOne(files, all.path, picture);
      all.path = at;
      all.added.push(src);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      all.refused.push({ name: picture.name, why: error.message });
    }
  const left = pictures.length - mostPictures;
  if (left > 0) {
    const why = `${plural(left, 'picture')} more than ${mostPictures} came`;
    all.refused.push({ name: '', why });
  }
  return all;
}

async function addOne(
  files: PostFiles,
  at: string,
  { name, alt = '', load }: SentPicture,
): Promise<AddedPicture> {
  const { src, path } = await keepPicture(files, at, { name, bytes: await load() });
  const file = await files.read(path);
  if (!file) throw new Refusal(`The draft is gone: ${name} was not added`);
  const { form } = files.readForm(file);
  const media = form.media ?? [];
  if (media.some((one) => one.src === src)) return { src, path };
  const after = { ...form, media: [...media, { src, alt }] };
  const text = files.change(file, { before: form, after });
  const saved = await files.save(path, { text, base: file.hash });
  if (saved.kind === 'conflict')
    throw new Refusal(`The draft was changed meanwhile: add ${src} to it on the dashboard`);
  return { src, path };
}
