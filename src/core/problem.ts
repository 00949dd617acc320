/**
 * Something a person has to fix: where it is (`posts/a.md:3:12`), what is wrong, and what to do
 * about it.
 */
export interface Problem {
  /** Where the program itself has to know which problem it is. */
  code?: 'id-taken';
  where: string;
  what: string;
  hint?: string;
  /** A note does not stop anything. */
  severity: 'error' | 'note';
}

export const errorAt = (where: string, what: string, hint: string): Problem => ({
  where,
  what,
  hint,
  severity: 'error',
});

export const noteAt = (where: string, what: string, hint: string): Problem => ({
  where,
  what,
  hint,
  severity: 'note',
});

export const hasErrors = (problems: readonly Problem[]): boolean =>
  problems.some(({ severity }) => severity === 'error');

export function formatProblem({ where, what, hint }: Problem): string {
  return `${where} ${what}${hint ? `: ${hint}` : ''}`;
}

/**
 * A refusal that a person reads: a clear sentence, no stack trace. Surfaces show `message` alone
 * and exit with 1.
 */
export class Refusal extends Error {
  override name = 'Refusal';
}
