import { readFile, realpath, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { basename, dirname } from 'node:path/posix';
import { errorAt, noteAt, type Problem } from '../../core/problem.ts';
import { decodeText } from '../../io/decode-text.ts';
import type { ReadSequences, SequenceSource } from '../../ports/people/sequences.ts';
import { FileProblem, isInside } from '../folder/file-facts.ts';
import { walkFolder } from '../folder/listing/walk.ts';
import { isSequenceFile, sequenceFolders } from '../folder/listing/sequence-folders.ts';
import { readSequence } from './read-sequence.ts';

export interface SequencesFolder {
  postsFolder: string;
  /** What messages call it: `posts`. */
  label: string;
  /** Folders right below it that are not looked into. */
  skip?: string[];
}

const largest = 64 * 1024;
const mostSteps = 500;

/** Reads all of it each time: sequences are few and small. */
export function openSequences(place: SequencesFolder): SequenceSource {
  return { read: () => readAll(place) };
}

async function readAll({ postsFolder, label, skip = [] }: SequencesFolder): Promise<ReadSequences> {
  const all: ReadSequences = { sequences: [], broken: new Map(), notes: [] };
  const roots = [await realpath(postsFolder).catch(() => resolve(postsFolder))];
  const walked = await walkFolder({ folder: postsFolder, label, roots, skip });
  if (walked === 'missing' || 'what' in walked) return { ...all, isMissing: true };
  const owners = new Map<string, string>();
  for (const folder of [...sequenceFolders(walked.files)].sort()) {
    const id = basename(folder);
    const place = { postsFolder, label, roots, folder, files: walked.files };
    const { sequence, problems } = await readOne(place).catch(toTold);
    const owner = owners.get(id);
    owners.set(id, owner ?? folder);
    if (owner !== undefined) {
      const what = `has the name of ${label}/${owner}, which is another sequence`;
      problems.push(errorAt(`${label}/${folder}`, what, 'give one of the folders another name'));
    }
    if (sequence && owner === undefined) {
      all.sequences.push(sequence);
      all.notes.push(...problems);
    } else all.broken.set(id, [...(all.broken.get(id) ?? []), ...problems]);
  }
  return all;
}

function toTold(error: unknown): { sequence?: undefined; problems: Problem[] } {
  if (error instanceof FileProblem) return { problems: [error.problem] };
  throw error;
}

interface Place {
  postsFolder: string;
  label: string;
  roots: string[];
  folder: string;
  files: ReadonlySet<string>;
}

async function readOne(place: Place) {
  const { label, folder, files } = place;
  const inside = [...files].filter((path) => dirname(path) === folder).sort();
  const own = inside.filter((path) => isSequenceFile(basename(path)));
  const [name = ''] = own;
  const where = `${label}/${name}`;
  if (basename(name) !== '_sequence.yaml' || own.length > 1)
    throw new FileProblem(
      errorAt(where, 'is not read as a sequence', 'keep one file, named _sequence.yaml'),
    );
  const texts = inside.filter((path) => /\.(md|markdown)$/i.test(path) && isStep(basename(path)));
  if (texts.length > mostSteps)
    throw new FileProblem(
      errorAt(where, `has more than ${mostSteps} steps`, 'split it into several'),
    );
  const steps = [];
  for (const path of texts)
    steps.push({ file: `${label}/${path}`, text: await readText(place, path) });
  const text = await readText(place, name);
  const read = readSequence({ id: basename(folder), file: where, text, steps });
  return { ...read, problems: [...read.problems, ...findTooDeep(place)] };
}

/** Markdown in folders below: somebody takes it for steps. */
function findTooDeep({ files, folder, label }: Place): Problem[] {
  const deep = [...files].filter(
    (path) =>
      path.startsWith(`${folder}/`) &&
      dirname(path) !== folder &&
      /\.(md|markdown)$/i.test(path) &&
      isStep(basename(path)),
  );
  return deep.sort().map((path) => {
    const what = `lies in a folder inside the sequence ${folder}, and is neither step nor post`;
    return noteAt(`${label}/${path}`, what, `move it to ${label}/${folder} to make it a step`);
  });
}

const isStep = (name: string) => !/^[_.~]|^readme\b/i.test(name);

/** Throws FileProblem. */
async function readText({ postsFolder, label, roots }: Place, path: string): Promise<string> {
  const [file, where] = [join(postsFolder, path), `${label}/${path}`];
  if (!(await isInside(file, roots)))
    throw new FileProblem(
      errorAt(where, 'points outside the posts folder', 'copy the file into it'),
    );
  const { size } = await stat(file);
  if (size > largest)
    throw new FileProblem(errorAt(where, 'is larger than 64 kB', 'shorten it, or link to a page'));
  const decoded = decodeText(await readFile(file));
  if (typeof decoded === 'string') return decoded;
  const place = `${where}:${decoded.line}:${decoded.column}`;
  throw new FileProblem(errorAt(place, 'is not UTF-8 from here on', 'save it as UTF-8'));
}
