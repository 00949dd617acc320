import type { ClickKind } from './click.ts';
import type { Instant } from '../time.ts';

/** Somebody, or something, opened a counted link of a message to one person. */
export interface StepClick {
  dispatch: string;
  code: string;
  /** Where it leads. */
  url: string;
  at: Instant;
  kind: ClickKind;
  /** A page that was read behind the link, on a site of the user's own. */
  isVisit?: true | undefined;
}

/** A step as its clicks are counted: `welcome.first-steps`, in all its runs. */
export const stepKey = ({ sequence, step }: { sequence: string; step: string }): string =>
  `${sequence}.${step}`;
