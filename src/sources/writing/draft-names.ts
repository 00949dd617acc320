import { Refusal } from '../../core/problem.ts';
import { idFromPath } from '../post-identity.ts';

export const draftsFolder = 'drafts';

const longest = 60;

/** As part of a file name: letters of other scripts and signs are left out. */
export function slugOf(words: string): string {
  const slug = idFromPath(`x-${words.slice(0, 400).replaceAll('/', ' ')}.md`).replace(/^x-?/, '');
  if (slug.length <= longest) return slug;
  const cut = slug.slice(0, longest + 1);
  return cut.slice(0, cut.lastIndexOf('-') > 20 ? cut.lastIndexOf('-') : longest);
}

/** `2026-12-01-spring-offer`, then `2026-12-01-spring-offer-2`, and so on. */
export function* namesFor(words: string, date: string): Generator<string> {
  const slug = slugOf(words) || 'post';
  yield `${date}-${slug}`;
  for (let i = 2; i < 1000; i++) yield `${date}-${slug}-${i}`;
}

/** Throws a Refusal where the path is none of a text in the folder. */
export function assertTextPath(path: string): void {
  const steps = path.split('/');
  const isGood =
    path.length <= 1000 &&
    !/[\\\0]/.test(path) &&
    /\.(?:md|markdown)$/i.test(path) &&
    steps.every((step) => step !== '' && !step.startsWith('.'));
  if (!isGood) throw new Refusal('This is not the path of a post: posts are files that end in .md');
}

export const isDraftPath = (path: string) => path.startsWith(`${draftsFolder}/`);
export const isBundle = (path: string) => path.endsWith('/index.md');
/** Where a draft will be once it is a post. */
export const withoutDrafts = (path: string) =>
  isDraftPath(path) ? path.slice(draftsFolder.length + 1) : path;
/** `a.md` becomes `a/index.md`. */
export const toBundlePath = (path: string) => path.replace(/\.(?:md|markdown)$/i, '/index.md');
