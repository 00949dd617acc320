import { judge, type Known } from '../condition/judge.ts';
import { parseCondition } from '../condition/parse.ts';
import type { Amount, Condition } from '../condition/tree.ts';
import type { Sample } from '../engagement.ts';
import type { FollowUp, Post } from './post.ts';
import { day, formatDuration, type Instant, minute } from '../time.ts';

/** How long a condition is waited for where a rule does not say. */
export const defaultWithinFor = 3 * day;

/**
 * A sample that was taken this long after a deadline still counts as of the deadline: longer where
 * the condition is waited for longer. In milliseconds.
 */
const lateFor = (rule: FollowUp): number => Math.max(minute, withinOf(rule) / 4);

/**
 * A series that could not be measured ends this long after its last deadline. `otherwise` needs
 * numbers as well.
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
 * The first rule that holds wins; in one sample, the one that is listed first. An outage decides
 * nothing: `otherwise` needs a sample at or after the deadline.
 */
export function decideSeries({ rules, releasedAt, now, samples, known }: SeriesInput): Outcome {
  const asked = rules.map((rule) => toAsked(rule, releasedAt));
  for (const [i, sample] of samples.entries()) {
    const before = samples[i - 1]?.at ?? releasedAt;
    const facts = known(sample);
    // The first sample after a deadline still counts: there was none in between.
    const rule = asked.findIndex(
      (one) => one?.condition && before < one.until && judge(one.condition, facts) === true,
    );
    const late = sample.at - (asked[rule]?.until ?? Infinity);
    if (late > (asked[rule]?.lateFor ?? 0)) {
      const gap = formatDuration(sample.at - before);
      const unknown = `it is not known whether "${rules[rule]?.when}" was true in time`;
      return { kind: 'over', why: `there were no numbers for ${gap}, so ${unknown}` };
    }
    if (rule >= 0) return { kind: 'follow', rule, heldAt: sample.at };
  }
  const deadline = Math.max(...asked.map((one) => one?.until ?? 0));
  const last = samples.at(-1)?.at ?? 0;
  const otherwise = rules.findIndex((rule) => rule.otherwise);
  if (last >= deadline && otherwise >= 0) return { kind: 'follow', rule: otherwise, heldAt: last };
  if (last >= deadline) {
    const within = formatDuration(deadline - releasedAt);
    return { kind: 'over', why: `no condition was true within ${within}` };
  }
  if (now < deadline + giveUpAfter) return { kind: 'wait' };
  return { kind: 'over', why: 'it could not be measured for a month after its last deadline' };
}

function toAsked(rule: FollowUp, releasedAt: Instant) {
  if (rule.when === undefined) return undefined;
  const until = releasedAt + withinOf(rule);
  return { condition: readCondition(rule.when), until, lateFor: lateFor(rule) };
}

export const withinOf = (rule: FollowUp): number => rule.withinFor ?? defaultWithinFor;

/**
 * Conditions were checked when their file was read. One that cannot be parsed was written by
 * another version, and never holds.
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

function durationsIn(amount: Amount): number[] {
  if (amount.kind === 'sum') return [...durationsIn(amount.left), ...durationsIn(amount.right)];
  return amount.kind === 'constant' && amount.isDuration ? [amount.value] : [];
}

/**
 * `hello.f1` is the follow-up of the first rule of `hello`; `hello.f1.f2` follows that. Ids of
 * files have no dots.
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
 * The follow-up of a rule, as a post of its own. Undefined: the file no longer has the rule, or the
 * rule names another file.
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
  return {
    ...inherited(root),
    id,
    parts: rule.parts ?? [''],
    overrides: withoutParts(root.overrides),
    followUps: rules,
    media: [],
    hashtags: [],
    thread: 'auto',
    approval: false,
  };
}

/** Keys of the root that only concern when and how the root itself is published. */
const ownKeys = [
  ...(['evergreen', 'pin', 'link', 'after', 'notBefore', 'expires', 'queue'] as const),
  'accountParts',
] as const;

function inherited(root: Post): Omit<Post, (typeof ownKeys)[number]> {
  const rest = { ...root };
  for (const key of ownKeys) delete rest[key];
  return rest;
}

const withoutParts = (overrides: Post['overrides']): Post['overrides'] =>
  Object.fromEntries(
    Object.entries(overrides).map(([network, { parts: _parts, ...own }]) => [network, own]),
  );
