import type { FollowUp, Post } from '../../core/post/post.ts';
import type { Problem } from '../../core/problem.ts';
import { didYouMean } from '../../core/text/suggest.ts';

/** Checks what posts say about each other: unknown names, and loops. */
export function checkReferences(posts: Post[]): Problem[] {
  const byId = new Map(posts.map((post) => [post.id, post]));
  return posts.flatMap((post) => [
    ...checkAfter(post, byId),
    ...checkTargets(post, post.followUps, byId),
    ...checkLoop(post, byId),
  ]);
}

function checkAfter(post: Post, byId: ReadonlyMap<string, Post>): Problem[] {
  if (!post.after) return [];
  const error = (what: string, hint: string): Problem[] => [
    { where: post.file, what, hint, severity: 'error' },
  ];
  if (!byId.has(post.after.post))
    return error(
      `after: there is no post "${post.after.post}"`,
      'this post would wait forever: correct the name',
    );
  const seen = new Set<string>();
  for (
    let one: Post | undefined = post;
    one?.after && !seen.has(one.id);
    one = byId.get(one.after.post)
  ) {
    seen.add(one.id);
    if (one.after.post === post.id)
      return error('after: leads back to this post', 'none of these posts would ever be published');
  }
  return [];
}

function checkTargets(post: Post, rules: FollowUp[], byId: ReadonlyMap<string, Post>): Problem[] {
  return rules.flatMap((rule): Problem[] => {
    const below = checkTargets(post, rule.followUps ?? [], byId);
    if (rule.post === undefined) return below;
    const target = byId.get(rule.post);
    if (!target) {
      const hint = didYouMean(rule.post, [...byId.keys()].slice(0, 200));
      return [
        {
          where: post.file,
          what: `followUps: there is no post "${rule.post}"`,
          hint: hint.startsWith('known') ? 'correct the name, or add the file' : hint,
          severity: 'error',
        },
        ...below,
      ];
    }
    if (rule.followUps?.length)
      return [
        {
          where: post.file,
          what: `followUps: the follow-ups of "${rule.post}" belong in its own file`,
          hint: `move them to ${target.file}`,
          severity: 'error',
        },
        ...below,
      ];
    if (target.queue === 'none') return below;
    return [
      {
        where: target.file,
        what: `is a follow-up of ${post.file}, and the cadence publishes it too`,
        hint: 'to publish it only as a follow-up, set `queue: none`',
        severity: 'note',
      },
      ...below,
    ];
  });
}

/** Follow-ups that name each other would wait for each other, since each post is published once. */
function checkLoop(post: Post, byId: ReadonlyMap<string, Post>): Problem[] {
  const seen = new Set<string>();
  const ahead = targetsOf(post.followUps);
  for (let id; (id = ahead.pop()) !== undefined;) {
    if (id === post.id)
      return [
        {
          where: post.file,
          what: 'followUps: lead back to this post',
          hint: 'each post is published once: end the series, or make it evergreen',
          severity: 'error',
        },
      ];
    if (seen.has(id)) continue;
    seen.add(id);
    ahead.push(...targetsOf(byId.get(id)?.followUps ?? []));
  }
  return [];
}

const targetsOf = (rules: FollowUp[]): string[] =>
  rules.flatMap((rule) => [
    ...(rule.post === undefined ? [] : [rule.post]),
    ...targetsOf(rule.followUps ?? []),
  ]);
