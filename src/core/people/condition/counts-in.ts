import type { Sequence } from '../sequence.ts';
import type { PersonAmount, PersonCondition } from './person-condition.ts';

/** What of a person a condition counts. */
export type CountedIn = Extract<PersonAmount, { kind: 'count' }>;

function countsIn(condition: PersonCondition | undefined): CountedIn[] {
  if (!condition) return [];
  switch (condition.kind) {
    case 'all':
    case 'any':
      return condition.of.flatMap(countsIn);
    case 'not':
      return countsIn(condition.of);
    case 'compare':
      return [condition.left, condition.right].flatMap((one) =>
        one.kind === 'count' ? [one] : [],
      );
    default:
      return [];
  }
}

/** All that the conditions of a sequence count, with the file in which each stands. */
export const countsOf = ({
  file,
  goal,
  leave,
  steps,
}: Sequence): (CountedIn & { file: string })[] =>
  [
    ...[goal, leave].map((condition) => ({ condition, file })),
    ...steps.map((step) => ({ condition: step.when, file: step.file })),
  ].flatMap(({ condition, file: where }) =>
    countsIn(condition).map((one) => ({ ...one, file: where })),
  );
