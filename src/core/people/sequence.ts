import type { Cadence } from '../schedule/cadence.ts';
import type { PersonCondition } from './condition/person-condition.ts';
import type { Medium } from './person.ts';

/** What enters a person. */
export type Start =
  | { by: 'form'; form: string; waitFor: number }
  | { by: 'reply'; word: string; waitFor: number }
  | { by: 'event'; event: string; waitFor: number };

/** One message of a sequence, from a file. */
export interface Step {
  /** The file's name without its number: it stays when the order changes. */
  id: string;
  /** What messages call it: `posts/welcome/020-first-steps.md`. */
  file: string;
  /** SHA-256 over all that decides what is sent and when. */
  hash: string;
  subject?: string;
  /** What mail programs show beside the subject. */
  preview?: string;
  /** Milliseconds after the step before it went out; of the first: after entering. */
  waitFor: number;
  when?: PersonCondition;
  /** The name of a file of `coupons/`. */
  coupon?: string;
  by?: Medium[];
  /** What `{{link}}` leads to. */
  link?: string;
  /** It is the one of the whole sequence. */
  isLinkShared?: true;
  /** The person is handed to a human with it. */
  handOver?: boolean;
  /** Markdown. */
  text: string;
  params: Record<string, string>;
}

/** A series for one person at a time: a folder with a `_sequence.yaml`. */
export interface Sequence {
  /** The folder's name. */
  id: string;
  title: string;
  /** Of its `_sequence.yaml`. */
  file: string;
  hash: string;
  start: Start[];
  /** `never`, or how long after leaving, in milliseconds. */
  again: 'never' | number;
  goal?: PersonCondition;
  leave?: PersonCondition;
  /** From 0 to 1. */
  holdout: number;
  timing: Pick<Cadence, 'windows' | 'days'>;
  by: Medium[];
  clicks: 'counted' | 'off';
  steps: Step[];
}
