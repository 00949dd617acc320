import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { builtIn } from '../../core/people/wording/built-in.ts';
import type { Wording } from '../../core/people/wording/wording.ts';
import { errorAt, type Problem } from '../../core/problem.ts';
import { decodeText } from '../../io/decode-text.ts';
import { parseYaml } from '../../io/yaml.ts';
import { toProblems } from '../../io/yaml-problems.ts';
import { partialWording, wordingFile, wordingKeysAt } from './wording-schema.ts';

export interface WordingFolder {
  folder: string;
  /** What messages call it: `config/forms`. */
  label: string;
}

export interface ReadWording {
  wordings: Wording[];
  /** Of files that are not used, since something is wrong with them. */
  problems: Problem[];
}

const largest = 64 * 1024;
const mostFiles = 100;
const isWording = /\.ya?ml$/i;
const named = /^([a-z]{2,3})\.ya?ml$/;

/** `LANG.yaml` is a language; of one that is built in, what is to be said otherwise. */
export async function readWording({ folder, label }: WordingFolder): Promise<ReadWording> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => isWording.test(name));
  const all: ReadWording = { wordings: [], problems: [] };
  for (const name of names.sort().slice(0, mostFiles)) {
    const read = await readOne(join(folder, name), `${label}/${name}`, name);
    if ('lang' in read) all.wordings.push(read);
    else all.problems.push(...read);
  }
  return all;
}

async function readOne(file: string, where: string, name: string): Promise<Wording | Problem[]> {
  const lang = named.exec(name)?.[1];
  if (lang === undefined)
    return [errorAt(where, 'is named after no language', 'name it fr.yaml, after its code')];
  if ((await stat(file)).size > largest)
    return [errorAt(where, 'is larger than 64 kB', 'shorten it')];
  const text = decodeText(await readFile(file));
  if (typeof text !== 'string')
    return [errorAt(`${where}:${text.line}:${text.column}`, 'is not UTF-8', 'save it as UTF-8')];
  const yaml = parseYaml(text, { file: where, isText: () => true });
  if (yaml.problems.length > 0) return yaml.problems;
  const known = builtIn.find((one) => one.lang === lang);
  const parsed = (known ? partialWording : wordingFile).safeParse(yaml.value ?? {});
  if (!parsed.success) return toProblems(parsed.error, yaml, wordingKeysAt);
  return toWording(parsed.data, lang, known);
}

type Texts = { [key: string]: string | Record<string, string | undefined> | undefined };

/** Texts become what the words that are built in are. */
function toWording(texts: Texts, lang: string, known: Wording | undefined): Wording {
  const base = known ?? (builtIn[0] as Wording);
  const change = (from: object, to: Texts): Record<string, unknown> =>
    Object.fromEntries(
      Object.entries(from).map(([key, value]: [string, unknown]) => {
        const written = to[key];
        if (written === undefined) return [key, value];
        if (typeof written === 'object') return [key, change(value as object, written)];
        return [key, typeof value === 'function' ? filled(written) : written];
      }),
    );
  const made = { ...change(base, texts), lang } as unknown as Wording;
  const { subject, text, reason } = made.confirmation;
  return {
    ...made,
    confirmation: { subject: toParams(subject), text: toParams(text), reason },
  };
}

/** One argument: the titles, or the title. */
const filled =
  (text: string) =>
  (value: string): string =>
    text.replaceAll(/\{\{ *titles? *\}\}/g, () => value);

const toParams = (text: string) => text.replaceAll(/\{\{ *(titles|when) *\}\}/g, '{{params.$1}}');
