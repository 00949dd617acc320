import type { Measure } from '../engagement.ts';

export type Counted = Measure | 'score';
export type Comparison = '>=' | '>' | '<=' | '<' | '=' | '!=';

/** A number, or a duration in milliseconds. */
export type Amount =
  | { kind: 'constant'; value: number; isDuration?: boolean }
  | { kind: 'counted'; of: Counted }
  | { kind: 'age' }
  | { kind: 'percentile' }
  | { kind: 'sum'; op: '+' | '-' | '*' | '/'; left: Amount; right: Amount };

/** What has to hold. Pure data: parsed once, judged as often as there are new numbers. */
export type Condition =
  | { kind: 'all' | 'any'; of: Condition[] }
  | { kind: 'not'; of: Condition }
  | { kind: 'compare'; op: Comparison; left: Amount; right: Amount; text: string }
  /** `counted >= times * typical + plus`, by the odds that the post is really that good. */
  | { kind: 'typical'; of: Counted; times: number; plus: number; text: string };
