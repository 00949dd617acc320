import { judge, type Known } from '../condition/judge.ts';
import { parseCondition } from '../condition/parse.ts';
import type { Amount, Condition } from '../condition/tree.ts';
import type { Sample } from '../engagement.ts';
import type { FollowUp, Post } from './post.ts';
import { day, formatDuration, type Instant, minute } from '../time.ts';

/** How long a condition is waited for where a rule does not say. */
export const defaultWithinFor = 3 * day;

/**
 * A look that comes this long after a deadline still tells what was so at the deadline: longer for
 * what was waited for longer. In milliseconds.
 */
const lateFor = (rule: FollowUp): number => Math.max(minute, withinOf(rule) / 4);

/**
 * A series that nobody could measure ends this long after its last deadline: `otherwise` is never
 * said blindly.
 */
const giveUpAfter = 30 * day;

export interface SeriesInput {
  rules: FollowUp[];
  releasedAt: Instant;
  now: Instant;
  /** Of this delivery, oldest first. */
  samples: Pick<Sample, 'at' | 'counts'>[];
  /** What is known at a sample's instant. */
  known(sample: Pick<Sample, 'at' | 'counts'>): Known;
}

export type Outcome =
  /** Rule, counted from 0, and the sample that decided. */
  | { kind: 'follow'; rule: number; heldAt: Instant }
  | { kind: 'over'; why: string }
  | { kind: 'wait' };

/**
 * The first rule that holds wins; at the same look, the one that stands first. An outage decides
 * nothing: `otherwise` wants a look at or after the deadline.
 */
export function decideSeries({ rules, releasedAt, now, samples, known }: SeriesInput): Outcome {
  const asked = rules.map((rule) =>
    rule.when === undefined
      ? undefined
      : {
          condition: readCondition(rule.when),
          until: releasedAt + withinOf(rule),
          lateFor: lateFor(rule),
        },
  );
  for (const [i, sample] of samples.entries()) {
    const before = samples[i - 1]?.at ?? releasedAt;
    const facts = known(sample);
    // The first look after a deadline still counts: nobody looked in between.
    const rule = asked.findIndex(
      (one) => one?.condition && before < one.until && judge(one.condition, facts) === true,
    );
    const late = sample.at - (asked[rule]?.until ?? Infinity);
    if (late > (asked[rule]?.lateFor ?? 0))
      return {
        kind: 'over',
        why: `nobody could look for ${formatDuration(sample.at - before)}, so that it cannot be told whether "${rules[rule]?.when}" held in time`,
      };
    if (rule >= 0) return { kind: 'follow', rule, heldAt: sample.at };
  }
  const deadline = Math.max(...asked.map((one) => one?.until ?? 0));
  const last = samples.at(-1)?.at ?? 0;
  const otherwise = rules.findIndex((rule) => rule.otherwise);
  if (last >= deadline)
    return otherwise >= 0
      ? { kind: 'follow', rule: otherwise, heldAt: last }
      : { kind: 'over', why: `no condition held within ${formatDuration(deadline - releasedAt)}` };
  return now >= deadline + giveUpAfter
    ? { kind: 'over', why: 'it could not be measured for a month after its last deadline' }
    : { kind: 'wait' };
}

export const withinOf = (rule: FollowUp): number => rule.withinFor ?? defaultWithinFor;

/**
 * Files are read with their conditions checked, so that one which cannot be read is a file of
 * another version: it holds never.
 */
function readCondition(text: string): Condition | undefined {
  const parsed = parseCondition(text);
  return 'condition' in parsed ? parsed.condition : undefined;
}

/**
 * Ages at which something is decided: deadlines, and ages that conditions name. In milliseconds,
 * sorted.
 */
export function turningAges(rules: FollowUp[]): number[] {
  const ages = rules.flatMap((rule) => {
    const condition = rule.when === undefined ? undefined : readCondition(rule.when);
    return condition
      ? [withinOf(rule), ...agesIn(condition).filter((age) => age < withinOf(rule))]
      : [];
  });
  return [...new Set(ages)].sort((a, b) => a - b);
}

function agesIn(condition: Condition): number[] {
  switch (condition.kind) {
    case 'all':
    case 'any':
      return condition.of.flatMap(agesIn);
    case 'not':
      return agesIn(condition.of);
    case 'compare':
      return [...durationsIn(condition.left), ...durationsIn(condition.right)];
    case 'typical':
      return [];
  }
}

const durationsIn = (amount: Amount): number[] =>
  amount.kind === 'sum'
    ? [...durationsIn(amount.left), ...durationsIn(amount.right)]
    : amount.kind === 'constant' && amount.isDuration
      ? [amount.value]
      : [];

/**
 * `hello.f1` is what the first rule of `hello` says; `hello.f1.f2` follows that. Ids of files have
 * no dots.
 */
export const followUpId = (post: string, rule: number): string => `${post}.f${rule + 1}`;

/** The file's post and the rules that lead from it. Undefined: no follow-up. */
export function parseFollowUpId(id: string): { root: string; path: number[] } | undefined {
  const match = /^([^.]+)((?:\.f\d+)+)$/.exec(id);
  if (!match?.[1] || !match[2]) return undefined;
  return {
    root: match[1],
    path: [...match[2].matchAll(/\d+/g)].map(([number]) => Number(number) - 1),
  };
}

/** Every follow-up that a file's rules may send, the nearest first. */
export function followUpIds(post: Pick<Post, 'id' | 'followUps'>): string[] {
  return post.followUps.flatMap((rule, i) => {
    const id = followUpId(post.id, i);
    return [
      ...(rule.post === undefined ? [id] : []),
      ...followUpIds({ id, followUps: rule.followUps ?? [] }),
    ];
  });
}

/**
 * What a rule says, as a post of its own. Undefined: the file has no such rule any more, or another
 * file says it.
 */
export function toFollowUpPost(root: Post, path: number[]): Post | undefined {
  let rules = root.followUps;
  let [id, rule]: [string, FollowUp | undefined] = [root.id, undefined];
  for (const index of path) {
    rule = rules[index];
    if (!rule) return undefined;
    id = followUpId(id, index);
    rules = rule.followUps ?? [];
  }
  if (!rule || rule.post !== undefined) return undefined;
  const {
    evergreen: _evergreen,
    pin: _pin,
    link: _link,
    after: _after,
    notBefore: _notBefore,
    expires: _expires,
    queue: _queue,
    ...rest
  } = root;
  const overrides = Object.fromEntries(
    Object.entries(root.overrides).map(([network, { parts: _parts, ...own }]) => [network, own]),
  );
  return {
    ...rest,
    id,
    parts: rule.parts ?? [''],
    overrides,
    followUps: rules,
    media: [],
    hashtags: [],
    thread: 'auto',
    approval: false,
  };
}
