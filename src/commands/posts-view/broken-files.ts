import type { Problem } from '../../core/problem.ts';
import { problemsFact, readFact } from '../../flow/facts.ts';
import type { CommandContext } from '../command.ts';

/** A file of the posts folder that is not published, since something is wrong with it. */
export interface BrokenFile {
  /** Below the posts folder. */
  path: string;
  problems: Problem[];
}

const mostBroken = 20;

export async function readBrokenFiles({
  store,
}: Pick<CommandContext, 'store'>): Promise<{ files: BrokenFile[]; more: number }> {
  const all = Object.entries(await readFact(store, problemsFact)).flatMap(([path, some]) => {
    const problems = some.filter(({ severity }) => severity === 'error');
    return problems.length && isText(path) ? [{ path, problems }] : [];
  });
  return { files: all.slice(0, mostBroken), more: Math.max(0, all.length - mostBroken) };
}

/** The broken file that would be the post of this ID, going by its name. */
export async function findBrokenFile(
  { store }: Pick<CommandContext, 'store'>,
  id: string,
): Promise<BrokenFile | undefined> {
  const told = await readFact(store, problemsFact);
  const path = Object.keys(told).find((one) => isText(one) && idOf(one) === id);
  const problems = told[path ?? '']?.filter(({ severity }) => severity === 'error') ?? [];
  return path !== undefined && problems.length ? { path, problems } : undefined;
}

const isText = (path: string): boolean => /\.(?:md|markdown)$/i.test(path);

/** Near enough for a link: its front matter, which may name another one, cannot be read. */
function idOf(path: string): string {
  const steps = path.split('/');
  const last = steps.at(-1) ?? '';
  const name = last === 'index.md' ? (steps.at(-2) ?? last) : last.replace(/\.\w+$/, '');
  return name
    .replace(/^(?:\d{4}-\d\d-\d\d|\d+)[-_. ]+(?=.)/, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9_]+/g, '-')
    .replaceAll(/^-+|-+$/g, '');
}

/** Errors and notes of every file, as the service has last seen them. */
export const listProblems = async ({ store }: Pick<CommandContext, 'store'>): Promise<Problem[]> =>
  Object.values(await readFact(store, problemsFact)).flat();
