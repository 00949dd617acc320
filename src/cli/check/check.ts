import { openImagesFor } from '../../app.ts';
import { openFolderOf } from '../../app/open-parts.ts';
import type { Config } from '../../config/config.ts';
import { plural } from '../../core/plural.ts';
import type { Post } from '../../core/post/post.ts';
import { formatProblem, type Problem } from '../../core/problem.ts';
import { twinOf } from '../../flow/ingest/identify.ts';
import type { ScannedFile } from '../../ports/source.ts';
import { checkLogins, type LoginCheck } from '../../app/connecting/check-logins.ts';
import type { CliContext } from '../cli-context.ts';
import { checkBudgets } from './check-budget.ts';
import { checkCards } from './check-cards.ts';
import { noteTimes } from '../../commands/checking/check-days.ts';
import { checkMedia } from '../../commands/checking/check-media.ts';
import { checkMessages } from '../../commands/checking/check-messages.ts';
import { checkService } from './check-service.ts';
import { checkQuotes, checkSameText } from './check-same-text.ts';
import { checkReferences } from './check-references.ts';
import type { LimitsOf } from '../../commands/checking/limits-of.ts';
import { checkSequences } from './check-sequences.ts';
import { findLimits } from './known-limits.ts';

/**
 * Reads everything as the service would, changes nothing, and lists the problems. Exit 1 with any
 * error.
 */
export async function check({ config, terminal, options }: CliContext): Promise<number> {
  const isOnline = !options['offline'] && !config.isSandbox;
  const logins = isOnline ? await checkLogins(config) : [];
  const { posts, problems } = await checkPosts(config, await findLimits(config, logins));
  problems.push(...(await checkService(config)), ...(await checkBudgets(config, posts)));
  problems.push(...checkAccounts(config, posts, logins), ...(await checkSequences(config)));
  if (isOnline) problems.push(...(await checkCards(posts, config)));
  const errors = problems.filter(({ severity }) => severity === 'error').length;
  const notes = problems.length - errors;
  const counts = [plural(posts.length, 'post'), plural(errors, 'problem')];
  if (notes) counts.push(plural(notes, 'note'));
  terminal.print([...problems.map(toLine), `${counts.join(', ')}.`].join('\n'), {
    posts: posts.length,
    problems,
  });
  return errors ? 1 : 0;
}

/** As `posts/a.md:3:12 what: hint`, marked if it is only a note. */
export const toLine = (problem: Problem): string =>
  `${problem.severity === 'note' ? 'note: ' : ''}${formatProblem(problem)}`;

async function checkPosts(
  config: Config,
  limitsOf: LimitsOf,
): Promise<{ posts: Post[]; problems: Problem[] }> {
  const scan = await (await openFolderOf(config, 0)).scan(new Map(), Date.now());
  const images = await openImagesFor(config);
  const problems: Problem[] = [...config.notes];
  if (scan.folder === 'missing')
    problems.push({
      where: config.folders.posts,
      what: 'does not exist',
      hint: 'create the folder, or set DRIPLINE_POSTS',
      severity: 'error',
    });
  problems.push(...[...scan.remarks.values()].flat());
  for (const file of scan.files) if (file.kind === 'broken') problems.push(...file.problems);
  const found = scan.files.filter(
    (file): file is Extract<ScannedFile, { kind: 'post' }> => file.kind === 'post',
  );
  const posts = found.map(({ post }) => post());
  const twins = findTwins(posts);
  problems.push(...findDuplicates(posts), ...twins.values(), ...checkReferences(posts));
  const others = posts.filter((post) => !twins.has(post));
  problems.push(...checkSameText(others, config));
  for (const [i, post] of posts.entries())
    problems.push(
      ...(found[i]?.notes ?? []),
      ...noteTimes(post, config),
      ...checkMessages(post, config, limitsOf),
      ...(await checkMedia(post, { images, settings: config, limitsOf })),
    );
  return { posts, problems };
}

function findDuplicates(posts: Post[]): Problem[] {
  const first = new Map<string, Post>();
  return posts.flatMap((post): Problem[] => {
    const other = first.get(post.id);
    if (!other) {
      first.set(post.id, post);
      return [];
    }
    const what = `has the id "${post.id}", which is taken by ${other.file}`;
    const hint = 'give one of them another id';
    return [{ where: post.file, what, hint, severity: 'error' }];
  });
}

/** Files that say the same as another one: copies. */
function findTwins(posts: Post[]): Map<Post, Problem> {
  const first = new Map<string, Post>();
  const twins = new Map<Post, Problem>();
  for (const post of posts.filter(({ draft }) => !draft)) {
    const other = first.get(post.hash);
    if (other) twins.set(post, twinOf(post.file, other.file));
    else first.set(post.hash, post);
  }
  return twins;
}

function checkAccounts(config: Config, posts: Post[], logins: LoginCheck[]): Problem[] {
  const bad = logins
    .filter(({ ok }) => !ok)
    .map(({ account, error }): Problem => ({
      where: `accounts.${account}`,
      what: error ?? 'cannot log in',
      severity: 'error',
    }));
  return [...bad, ...checkQuotes(posts, logins, config)];
}
