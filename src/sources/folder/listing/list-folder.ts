import { basename, dirname } from 'node:path/posix';
import { networks } from '../../../core/network/network.ts';
import { errorAt, noteAt, type Problem } from '../../../core/problem.ts';
import { findOriginal } from './conflict-copies.ts';
import { isDraftName } from './draft-marks.ts';
import { isInFolders, sequenceFolders } from './sequence-folders.ts';
import {
  type Audience,
  readSidecar,
  type Sidecar,
  findUnknownAudience,
  withoutExtension,
} from './sidecars.ts';

/** The texts that one post is made of. */
export interface PostTexts {
  path: string;
  sidecars: { audience: Audience; path: string }[];
  /** The farthest folder first. */
  defaults: string[];
}

export interface Listing {
  posts: PostTexts[];
  /** Files that look like posts and are none, with the reason, by path. */
  refused: Map<string, Problem[]>;
  /** Notes on files that somebody may take for posts, by path. */
  notes: Map<string, Problem[]>;
}

interface ListInput {
  label: string;
  accounts: readonly string[];
}

const defaultsName = '_defaults.yaml';
const isMarkdown = (path: string) => /\.(md|markdown)$/i.test(path);
const isReadme = (path: string) => /^readme(?:[._-][a-z]{2}(?:[-_][a-z]{2,4})?)?$/i.test(path);
/** `~$a.md` is how an office program says that it has the file open. */
const isOwn = (path: string) =>
  !/^(?:_|~\$)/.test(basename(path)) && !isReadme(withoutExtension(basename(path)));

/** Which files are posts, and what each is made of. Decides by names alone. */
export function sortFiles(files: ReadonlySet<string>, input: ListInput): Listing {
  const listing: Listing = { posts: [], refused: new Map(), notes: new Map() };
  const sequences = sequenceFolders(files);
  const texts = [...files]
    .filter((path) => isMarkdown(path) && isOwn(path) && !isInFolders(path, sequences))
    .sort();
  const sidecars = new Map<string, Sidecar>();
  for (const path of texts) {
    const sidecar = readSidecar(path, input.accounts);
    if (sidecar) sidecars.set(path, sidecar);
  }
  const mains = texts.filter((path) => !sidecars.has(path));
  const bases = new Set(mains.map(withoutExtension));
  const refuse = (path: string, what: string, hint: string) =>
    listing.refused.set(path, [errorAt(`${input.label}/${path}`, what, hint)]);
  const names = namesByFolder(texts);
  for (const path of texts) {
    const problem =
      copyProblem(path, names) ??
      draftProblem(path) ??
      (sidecars.has(path)
        ? orphanProblem(sidecars.get(path), { bases, mains, label: input.label })
        : misnamedProblem(path, { bases, accounts: input.accounts }));
    if (problem) refuse(path, ...problem);
  }
  const byBase = Map.groupBy(
    [...sidecars.values()].filter(({ path }) => !listing.refused.has(path)),
    ({ base }) => base,
  );
  listing.posts = mains
    .filter((path) => !listing.refused.has(path))
    .map((path) => ({
      path,
      sidecars: byBase.get(withoutExtension(path)) ?? [],
      defaults: defaultsOf(path, files),
    }));
  noteOthers(files, listing, input);
  return listing;
}

type Told = [what: string, hint: string] | undefined;

/** Names without extensions, by folder. */
function namesByFolder(paths: string[]): Map<string, Set<string>> {
  const names = new Map<string, Set<string>>();
  for (const path of paths) {
    const folder = dirname(path);
    const name = withoutExtension(basename(path)).normalize('NFC');
    names.set(folder, (names.get(folder) ?? new Set()).add(name));
  }
  return names;
}

function copyProblem(path: string, names: Map<string, Set<string>>): Told {
  const name = withoutExtension(basename(path));
  const original = findOriginal(name, names.get(dirname(path)) ?? new Set());
  if (original === undefined) return undefined;
  const what = original ? `is a copy of ${original}.md` : 'is a conflict copy of a sync tool';
  return [what, 'merge the two, then remove it. Is it a post of its own? Then rename it'];
}

function orphanProblem(
  sidecar: Sidecar | undefined,
  { bases, mains, label }: { bases: ReadonlySet<string>; mains: string[]; label: string },
): Told {
  if (!sidecar || bases.has(sidecar.base)) return undefined;
  const { audience, base } = sidecar;
  const whose = 'network' in audience ? audience.network : `the account ${audience.account}`;
  const near = mains.find((path) => withoutExtension(path).toLowerCase() === base.toLowerCase());
  const hint = near
    ? `name it after ${label}/${near}, in the same letters`
    : 'put its post beside it, or rename it if it is a post of its own';
  return [`is a text for ${whose}, but ${label}/${base}.md is missing`, hint];
}

function draftProblem(path: string): Told {
  if (!isDraftName(withoutExtension(basename(path)))) return undefined;
  const hint = 'write draft: true into it, or move it to drafts/. Is it ready? Then rename it';
  return ['is a draft by its name', hint];
}

function misnamedProblem(
  path: string,
  names: { bases: ReadonlySet<string>; accounts: readonly string[] },
): Told {
  const found = findUnknownAudience(path, names);
  if (!found) return undefined;
  const all = [...networks, ...names.accounts].join(', ');
  const use = found.meant === undefined ? `use one of ${all}.` : `did you mean "${found.meant}"?`;
  const hint = `${use} Is it a post of its own? Then rename it`;
  return [`is named after an unknown network or account "${found.name}"`, hint];
}

function defaultsOf(path: string, files: ReadonlySet<string>): string[] {
  const folders = path.split('/').slice(0, -1);
  return [
    defaultsName,
    ...folders.map((_, i) => `${folders.slice(0, i + 1).join('/')}/${defaultsName}`),
  ].filter((one) => files.has(one));
}

const looksWritten =
  /\.(?:(?:md|markdown)\.txt|mdx|mdown|mkdn?|txt|text|docx?|odt|rtf|pages|org|rst|adoc|html?)$/i;

function noteOthers(files: ReadonlySet<string>, { notes }: Listing, { label }: ListInput): void {
  for (const path of files) {
    const name = basename(path);
    const ending = looksWritten.exec(name)?.[0];
    const isDefaults = /^_defaults\.ya?ml$/i.test(name) && name !== defaultsName;
    if (isDefaults) {
      const what = `is not read: defaults are in a file named ${defaultsName}`;
      notes.set(path, [noteAt(`${label}/${path}`, what, 'rename it')]);
    } else if (ending !== undefined && isOwn(path) && !/^(?:readme|license)\b/i.test(name)) {
      const isText = !/^\.(?:docx?|odt|rtf|pages|html?)$/i.test(ending);
      const target = `${name.slice(0, -ending.length)}.md`;
      const hint = isText ? `rename it to ${target}` : `save it as plain text named ${target}`;
      notes.set(path, [noteAt(`${label}/${path}`, 'is not a post', hint)]);
    }
  }
}

export const pathsOf = ({ path, sidecars, defaults }: PostTexts): string[] => [
  path,
  ...sidecars.map((one) => one.path),
  ...defaults,
];
