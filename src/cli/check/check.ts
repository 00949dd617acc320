import { openFolderOf, openImagesFor } from '../../app.ts';
import { compose } from '../../core/post/compose.ts';
import { networkNames } from '../../core/network/network.ts';
import { limitsFor, traitsOf } from '../../core/network/traits-of.ts';
import { formatProblem, type Problem, Refusal } from '../../core/problem.ts';
import { accountsFor } from '../../flow/ingest/ingest.ts';
import { followUpIds, parseFollowUpId, toFollowUpPost } from '../../core/post/series.ts';
import type { Config } from '../../config/config.ts';
import type { Post } from '../../core/post/post.ts';
import type { ScannedFile } from '../../ports/source.ts';
import { checkLogins } from '../check-accounts.ts';
import { checkBudgets } from './check-budget.ts';
import { checkReferences } from './check-references.ts';
import type { CliContext } from '../cli-context.ts';

/**
 * Reads everything as the service would, changes nothing, and lists what is wrong. Exit 1 with any
 * error.
 */
export async function check({ config, terminal, options }: CliContext): Promise<void> {
  const folder = await openFolderOf(config, 0);
  const scan = await folder.scan(new Map(), Date.now());
  const problems: Problem[] = [...config.notes];
  if (scan.folder === 'missing')
    problems.push({
      where: config.folders.posts,
      what: 'is not there',
      hint: 'make the folder, or set DRIPLINE_POSTS',
      severity: 'error',
    });
  const posts = scan.files.filter(
    (file): file is Extract<ScannedFile, { kind: 'post' }> => file.kind === 'post',
  );
  for (const file of scan.files) if (file.kind === 'broken') problems.push(...file.problems);
  problems.push(
    ...findDuplicates(posts.map(({ post }) => post)),
    ...checkReferences(posts.map(({ post }) => post)),
  );
  for (const { post, notes } of posts)
    problems.push(...notes, ...checkMessages(post, config), ...(await checkPictures(post, config)));
  problems.push(
    ...(await checkBudgets(
      config,
      posts.map(({ post }) => post),
    )),
  );
  if (!options['offline'] && !config.isSandbox) problems.push(...(await checkAccounts(config)));
  const errors = problems.filter(({ severity }) => severity === 'error');
  const lines = problems.map(
    (problem) => `${problem.severity === 'note' ? 'note: ' : ''}${formatProblem(problem)}`,
  );
  const summary = `${posts.length} posts, ${errors.length} ${errors.length === 1 ? 'problem' : 'problems'}${problems.length > errors.length ? `, ${problems.length - errors.length} notes` : ''}.`;
  terminal.print([...lines, summary].join('\n'), { posts: posts.length, problems });
  if (errors.length) process.exitCode = 1;
}

function findDuplicates(posts: Post[]): Problem[] {
  const first = new Map<string, Post>();
  return posts.flatMap((post): Problem[] => {
    const other = first.get(post.id);
    if (!other) first.set(post.id, post);
    return other
      ? [
          {
            where: post.file,
            what: `has the id "${post.id}", which is taken by ${other.file}`,
            hint: 'give one of them another id',
            severity: 'error',
          },
        ]
      : [];
  });
}

/** As each account would say it; what a network told of itself counts at the release. */
function checkMessages(post: Post, config: Config): Problem[] {
  const following = followUpIds(post).flatMap(
    (id) => toFollowUpPost(post, parseFollowUpId(id)?.path ?? []) ?? [],
  );
  const runs = Array.from({ length: runsOf(post) }, (_, i) => i + 1);
  return [
    ...runs.flatMap((run) => checkMessage(post, post, run, config)),
    ...following.flatMap((one) => checkMessage(one, post, 1, config)),
    ...tellRuns(post, config),
  ];
}

/** How many different texts an evergreen post has: later runs repeat them. */
const runsOf = ({ evergreen }: Post) =>
  evergreen ? Math.min(evergreen.times ?? Infinity, evergreen.variants.length + 1) : 1;

function tellRuns(post: Post, config: Config): Problem[] {
  const { evergreen } = post;
  const isCut = evergreen && (evergreen.times ?? Infinity) > evergreen.variants.length + 1;
  if (!isCut) return [];
  const times = evergreen.variants.length + 1;
  const names = accountsFor(post, config)
    .filter(({ network }) => traitsOf(network).refusesRepeats)
    .map(({ network }) => networkNames[network]);
  return [...new Set(names)].map((name) => ({
    where: post.file,
    what: `on ${name} it goes out ${times === 1 ? 'once' : `${times} times`}, since ${name} takes no text twice`,
    hint: 'each further variant is one more run there',
    severity: 'note',
  }));
}

function checkMessage(post: Post, root: Post, run: number, config: Config): Problem[] {
  return accountsFor(root, config).flatMap((account) => {
    const { problems } = compose({
      post,
      account,
      limits: limitsFor(account),
      run,
      campaigns: config.campaigns,
      isRepost: post !== root && post.parts.join('') === '',
    });
    const which = post !== root ? `follow-up ${post.id} ` : run > 1 ? `run ${run} ` : '';
    return problems.map((what): Problem => ({
      where: post.file,
      what: `${which}on ${account.name}: ${what}`,
      severity: 'error',
    }));
  });
}

async function checkPictures(post: Post, config: Config): Promise<Problem[]> {
  const images = await openImagesFor(config);
  const problems: Problem[] = [];
  for (const { file, src } of post.media) {
    try {
      await images.inspect(file);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      problems.push({ where: post.file, what: `${src}: ${error.message}`, severity: 'error' });
    }
  }
  return problems;
}

async function checkAccounts(config: Config): Promise<Problem[]> {
  return (await checkLogins(config))
    .filter(({ ok }) => !ok)
    .map(({ account, error }): Problem => ({
      where: `accounts.${account}`,
      what: error ?? 'cannot log in',
      severity: 'error',
    }));
}
