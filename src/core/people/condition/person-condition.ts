export type PersonAmount =
  | { kind: 'constant'; value: number; isDuration?: true }
  | { kind: 'score' | 'touches' | 'age' }
  /** How often; `of` is a step, a name or a pattern of addresses. */
  | { kind: 'count'; of: CountedAct; like?: string };

export type CountedAct = 'clicked' | 'visited' | 'bought' | 'replied' | 'event';

export type Comparison = '>=' | '>' | '<=' | '<' | '=' | '!=';

/** What has to hold of a person. Pure data. */
export type PersonCondition =
  | { kind: 'all' | 'any'; of: PersonCondition[] }
  | { kind: 'not'; of: PersonCondition }
  | { kind: 'compare'; op: Comparison; left: PersonAmount; right: PersonAmount; text: string }
  | { kind: 'field'; field: string; is: '=' | '!='; value: string; text: string };
