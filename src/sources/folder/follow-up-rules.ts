import { isAlways, isMetAtOnce, isNever } from '../../core/condition/doubts.ts';
import { parseCondition } from '../../core/condition/parse.ts';
import { errorAt, noteAt, type Problem } from '../../core/problem.ts';
import { defaultWithinFor } from '../../core/post/series.ts';
import { formatDuration } from '../../core/time.ts';
import type { LocatedYaml } from '../../io/yaml.ts';
import type { FollowUpRule } from './front-matter.ts';

type Locate = LocatedYaml['locate'];

/**
 * What is wrong or doubtful in follow-ups, as far as one file can tell; errors of a condition point
 * at its column.
 */
export function checkRules(rules: FollowUpRule[], path: PropertyKey[], locate: Locate): Problem[] {
  return rules.flatMap((rule, i) => {
    const here = [...path, i];
    const at: LocateKey = (key, what) => locate([...here, key], what);
    return [
      ...checkOtherwise(rule, { isFirst: i === 0, isLast: i === rules.length - 1 }, at),
      ...checkRepost(rule, at),
      ...checkTimes(rule, at),
      ...checkWhen(rule, at),
      ...checkRules(rule.followUps ?? [], [...here, 'followUps'], locate),
    ];
  });
}

/** The place of a key of one rule. */
type LocateKey = (key: keyof FollowUpRule, at?: 'text') => string;

function checkOtherwise(
  rule: FollowUpRule,
  { isFirst, isLast }: { isFirst: boolean; isLast: boolean },
  at: LocateKey,
): Problem[] {
  if (!rule.otherwise) return [];
  const problems: Problem[] = [];
  if (!isLast)
    problems.push(
      errorAt(
        at('otherwise'),
        'a rule after "otherwise" is never reached',
        'put otherwise: true last',
      ),
    );
  if (isFirst)
    problems.push(
      errorAt(
        at('otherwise'),
        '"otherwise" has no rule above it',
        'put a rule with when: before it, or write when: age >= 1d',
      ),
    );
  return problems;
}

function checkRepost(rule: FollowUpRule, at: LocateKey): Problem[] {
  if (rule.as !== 'repost') return [];
  const problems: Problem[] = [];
  if (rule.text !== undefined || rule.post !== undefined)
    problems.push(
      errorAt(
        at('as'),
        'a repost has no text of its own',
        'remove text and post, or write as: quote',
      ),
    );
  if (rule.followUps?.length)
    problems.push(
      errorAt(
        at('followUps'),
        'a repost has no likes or replies of its own',
        'put its follow-ups beside it',
      ),
    );
  if (rule.else === 'post')
    problems.push(errorAt(at('else'), 'a repost has no text to post instead', 'remove else'));
  return problems;
}

function checkTimes({ within, after }: FollowUpRule, at: LocateKey): Problem[] {
  if (within === undefined || after === undefined || within > after) return [];
  const what = `within ${formatDuration(within)} ends before after ${formatDuration(after)} begins`;
  const hint = 'both count from the time when the post is published: make within longer';
  return [errorAt(at('within'), what, hint)];
}

function checkWhen({ when, within = defaultWithinFor }: FollowUpRule, at: LocateKey): Problem[] {
  if (when === undefined) return [];
  const parsed = parseCondition(when);
  if ('complaint' in parsed) {
    const { column, what, hint } = parsed.complaint;
    return [errorAt(move(at('when', 'text'), column), `in "${when}": ${what}`, hint)];
  }
  const { condition } = parsed;
  if (isNever(condition, within)) {
    const what = `"${when}" can never be true within ${formatDuration(within)}`;
    return [errorAt(at('when'), what, 'fix the condition, or make within longer')];
  }
  if (isAlways(condition)) {
    const hint = 'write when: age >= 2h if that is what you want';
    return [noteAt(at('when'), `"${when}" is true for every post`, hint)];
  }
  if (isMetAtOnce(condition)) {
    const what = `"${when}" is true as soon as the post is published, before any reaction`;
    return [noteAt(at('when'), what, 'add: and age >= 1d')];
  }
  return [];
}

/** `file:3:12` some columns further on. */
function move(where: string, columns: number): string {
  return where.replace(/:(\d+)$/, (_, column: string) => `:${Number(column) + columns}`);
}
