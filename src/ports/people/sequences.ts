import type { Sequence } from '../../core/people/sequence.ts';
import type { Problem } from '../../core/problem.ts';

/** What the sequences of the posts folder are now. */
export interface ReadSequences {
  sequences: Sequence[];
  /** By the id of a sequence that cannot be read: everyone in it is held. */
  broken: Map<string, Problem[]>;
  notes: Problem[];
}

export interface SequenceSource {
  read(): Promise<ReadSequences>;
}
