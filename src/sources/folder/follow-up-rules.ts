import { isAlways, isMetAtOnce, isNever } from '../../core/condition/doubts.ts';
import { parseCondition } from '../../core/condition/parse.ts';
import type { Problem } from '../../core/problem.ts';
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
    return [
      ...checkPlace(rule, i, rules, here, locate),
      ...checkWhen(rule, here, locate),
      ...checkRules(rule.followUps ?? [], [...here, 'followUps'], locate),
    ];
  });
}

function checkPlace(
  rule: FollowUpRule,
  i: number,
  rules: FollowUpRule[],
  here: PropertyKey[],
  locate: Locate,
): Problem[] {
  const problems: Problem[] = [];
  const error = (where: string, what: string, hint: string) =>
    problems.push({ where, what, hint, severity: 'error' });
  if (rule.otherwise && i < rules.length - 1)
    error(
      locate([...here, 'otherwise']),
      'a rule after "otherwise" is never reached',
      'put otherwise: true last',
    );
  if (rule.otherwise && i === 0)
    error(
      locate([...here, 'otherwise']),
      '"otherwise" has nothing above it',
      'put a rule with when: before it, or say when: age >= 1d',
    );
  if (rule.as === 'repost' && (rule.text !== undefined || rule.post !== undefined))
    error(
      locate([...here, 'as']),
      'a repost says nothing of its own',
      'leave text and post out, or say as: quote',
    );
  if (rule.as === 'repost' && rule.followUps?.length)
    error(
      locate([...here, 'followUps']),
      'a repost has no numbers of its own',
      'put its follow-ups beside it',
    );
  if (rule.as === 'repost' && rule.else === 'post')
    error(locate([...here, 'else']), 'a repost has no text to post instead', 'leave else out');
  if (rule.within !== undefined && rule.after !== undefined && rule.within <= rule.after)
    error(
      locate([...here, 'within']),
      `within ${formatDuration(rule.within)} ends before after ${formatDuration(rule.after)} begins`,
      'within is counted from the release, as after is: make it longer',
    );
  return problems;
}

function checkWhen(rule: FollowUpRule, here: PropertyKey[], locate: Locate): Problem[] {
  if (rule.when === undefined) return [];
  const where = locate([...here, 'when']);
  const parsed = parseCondition(rule.when);
  if ('complaint' in parsed)
    return [
      {
        where: move(locate([...here, 'when'], 'text'), parsed.complaint.column),
        what: `in "${rule.when}": ${parsed.complaint.what}`,
        hint: parsed.complaint.hint,
        severity: 'error',
      },
    ];
  const within = rule.within ?? defaultWithinFor;
  if (isNever(parsed.condition, within))
    return [
      {
        where,
        what: `"${rule.when}" can never hold within ${formatDuration(within)}`,
        hint: 'mend it, or wait longer with within',
        severity: 'error',
      },
    ];
  if (isAlways(parsed.condition))
    return [
      {
        where,
        what: `"${rule.when}" holds for every post`,
        hint: 'say when: age >= 2h if that is meant',
        severity: 'note',
      },
    ];
  if (isMetAtOnce(parsed.condition))
    return [
      {
        where,
        what: `"${rule.when}" holds at the first look, when a post has nothing yet`,
        hint: 'add: and age >= 1d',
        severity: 'note',
      },
    ];
  return [];
}

/** `file:3:12` some columns further on. */
function move(where: string, columns: number): string {
  return where.replace(/:(\d+)$/, (_, column: string) => `:${Number(column) + columns}`);
}
