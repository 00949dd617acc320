import { pickDefined } from '../../core/pick-defined.ts';
import type { MediaRef, Post } from '../../core/post/post.ts';
import { errorAt, hasErrors, type Problem } from '../../core/problem.ts';
import type { Task } from '../../ports/aside.ts';
import { idOfFile } from '../post-identity.ts';
import { checkRules } from './follow-up-rules.ts';
import { type FrontMatter, readFrontMatter } from './front-matter.ts';
import type { Audience } from './listing/sidecars.ts';
import { splitParts, toPlainText } from '../../io/markdown/markdown.ts';
import { noteUnshown } from './markdown/unshown.ts';
import { findLostPictures, type OtherPicture } from './media/text-pictures.ts';
import { findUnfinished } from './listing/unfinished.ts';
import { findTangle } from './markdown/tangle.ts';
import { type SplitFile, splitFile } from './split-file.ts';
import { findUnknownPeople, findUnknownPeopleIn } from './people.ts';
import { checkId, checkNames, type KnownNames } from './post-checks.ts';
import { readDates } from './post-dates.ts';
import { type SidecarTexts, toPost } from './to-post.ts';

export interface PostFileInput {
  /** Inside the posts folder, with slashes. */
  path: string;
  /** What messages call it: `posts/010-a.md`. */
  file: string;
  text: string;
  sidecars: { audience: Audience; file: string; text: string }[];
  defaults: { file: string; text: string }[];
  zone: string;
  names: KnownNames;
}

/** A post whose media are not looked up yet. */
export interface ParsedFile {
  post: Post;
  hasOwnId: boolean;
  media: (Omit<MediaRef, 'file'> & { where: string })[];
  notes: Problem[];
}

export type ParsedPostFile = ParsedFile | { problems: Problem[] };

export const parsing: Task<PostFileInput, ParsedPostFile> = {
  module: import.meta.url,
  name: parsePostFile.name,
};

export function parsePostFile(input: PostFileInput): ParsedPostFile {
  const { path, file } = input;
  const split = splitFile(input.text, file);
  if ('what' in split) return { problems: [split] };
  const { value, locate, problems } = readFrontMatter(
    { text: split.front ?? '', file, firstLine: split.frontLine },
    input.defaults,
  );
  if (!value) return { problems };
  const id = value.id ?? idOfFile(path);
  const { dates, ...read } = readDates(value, locate, value.timezone ?? input.zone);
  const people = input.names.mentions ?? [];
  const sidecars = readSidecars(input.sidecars, people);
  const notes = [
    ...problems,
    ...checkNames(value, locate, input.names),
    ...checkRules(value.followUps ?? [], ['followUps'], locate),
    ...checkId(id, file),
    ...read.problems,
    ...sidecars.problems,
    ...findTangle(split.body, { file, firstLine: split.bodyLine }),
    ...findUnfinished(split.body, { file, firstLine: split.bodyLine }),
  ];
  if (hasErrors(notes)) return { problems: notes };
  const { parts, images, told } = readBody(split, file, people);
  const media = [...listedMedia(value, locate), ...inlineMedia(images, file, split)];
  notes.push(
    ...told,
    ...findUnknownPeopleIn(value, locate, people),
    ...findLostPictures(value, locate, { own: media, others: sidecars.pictures }),
  );
  if (hasErrors(notes)) return { problems: notes };
  return {
    post: toPost(value, { id, path, file, parts, sidecars: sidecars.texts, dates }),
    hasOwnId: value.id !== undefined,
    media,
    notes,
  };
}

function readBody(
  { body: source, bodyLine: firstLine }: SplitFile,
  file: string,
  people: string[],
) {
  const body = splitParts(source).map(toPlainText);
  const parts = body.map(({ text }) => text);
  const images = body.flatMap((part, i) =>
    part.images.map((image) => (i > 0 ? { ...image, part: i } : image)),
  );
  const place = { file, firstLine };
  const told = [
    ...findUnknownPeople({ parts, source, ...place }, people),
    ...noteUnshown(source, place),
  ];
  return { parts, images, told };
}

const listedMedia = (value: FrontMatter, locate: (path: PropertyKey[]) => string) =>
  (value.media ?? []).map((one, i) => pickDefined({ ...one, where: locate(['media', i]) }));

const inlineMedia = (images: Omit<MediaRef, 'file'>[], file: string, split: SplitFile) =>
  images.map((one) => ({ ...one, where: `${file}:${split.bodyLine}:1` }));

function readSidecars(sidecars: PostFileInput['sidecars'], people: string[]) {
  const problems: Problem[] = [];
  const pictures: OtherPicture[] = [];
  const texts: SidecarTexts = { networks: new Map(), accounts: new Map() };
  const files = new Map<string, string>();
  for (const { audience, file, text } of sidecars) {
    const name = JSON.stringify(audience);
    const other = files.get(name);
    files.set(name, other ?? file);
    const read = readSidecar({ file, text }, people);
    if ('what' in read) {
      problems.push(read);
      continue;
    }
    const { parts } = read;
    pictures.push(...read.pictures);
    problems.push(...read.notes);
    if (other !== undefined)
      problems.push(errorAt(file, `is for the same readers as ${other}`, 'remove one of them'));
    else if ('network' in audience) texts.networks.set(audience.network, parts);
    else texts.accounts.set(audience.account, parts);
  }
  return { texts, pictures, problems };
}

interface Sidecar {
  parts: string[];
  pictures: OtherPicture[];
  notes: Problem[];
}

function readSidecar(
  { file, text }: { file: string; text: string },
  people: string[],
): Sidecar | Problem {
  const split = splitFile(text, file);
  if ('what' in split) return split;
  if (split.front?.trim())
    return errorAt(
      `${file}:1:1`,
      'a text for one network cannot have front matter',
      'put the keys into the post beside it',
    );
  const place = { file, firstLine: split.bodyLine };
  const [wrong] = [...findTangle(split.body, place), ...findUnfinished(split.body, place)];
  if (wrong) return wrong;
  const read = splitParts(split.body).map(toPlainText);
  const parts = read.map((part) => part.text);
  const [unknown] = findUnknownPeople({ parts, source: split.body, ...place }, people);
  const where = `${file}:${split.bodyLine}:1`;
  const pictures = read.flatMap(({ images }) => images.map(({ src }) => ({ src, where })));
  return unknown ?? { parts, pictures, notes: noteUnshown(split.body, place) };
}
