import type { Sequence } from '../../core/people/sequence.ts';
import type { Problem } from '../../core/problem.ts';

/** What the sequences of the posts folder are now. */
export interface ReadSequences {
  sequences: Sequence[];
  /** By the id of a sequence that cannot be read: everyone in it is held. */
  broken: Map<string, Problem[]>;
  notes: Problem[];
  /** The posts folder is not there, or cannot be listed: there may be sequences. */
  isMissing?: true;
}

export interface SequenceSource {
  read(): Promise<ReadSequences>;
}
