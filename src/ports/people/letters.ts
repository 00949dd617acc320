import type { BatchTime, LetterBatch } from '../../core/people/letters/letter-batch.ts';
import type { PostalAddress } from '../../core/people/person.ts';
import type { Composed, Composing } from './transport.ts';

export type LetterFile = 'pdf' | 'csv';

/** A letter of a batch with its frozen bytes. */
export interface PrintedLetter {
  dispatch: string;
  person: string;
  bytes: Uint8Array;
}

export interface BatchFiles {
  /** Where it is, whether it is there or not. */
  pathOf(batch: Pick<LetterBatch, 'id' | 'edition'>, file: LetterFile): string;
  /** Undefined: it is not there. */
  read(
    batch: Pick<LetterBatch, 'id' | 'edition'>,
    file: LetterFile,
  ): Promise<Uint8Array | undefined>;
}

/** Letters on paper: put together in batches, for somebody to print. */
export interface LetterPress extends BatchFiles {
  time: BatchTime;
  /** Why it cannot be read through the window; undefined: it can. */
  whyUnfit(address: PostalAddress): Promise<string | undefined>;
  /**
   * Deterministic, and all that is on the page. Throws Refusal that says what is missing, such as
   * a character that the font has not: it is held until that is mended.
   */
  compose(
    composing: Omit<Composing, 'dispatch'> & { dispatch: { id: string } },
  ): Promise<Pick<Composed, 'bytes' | 'links'>>;
  /** The order of the pages: letters of one place follow one another. */
  orderOf(bytes: Uint8Array): string;
  /** Both files, whole or not at all; the same letters give the same bytes. */
  print(batch: LetterBatch, letters: readonly PrintedLetter[]): Promise<void>;
  isThere(batch: Pick<LetterBatch, 'id' | 'edition'>): Promise<boolean>;
  /** All of the batch's files, of each edition but the one that is kept. */
  clear(batch: Pick<LetterBatch, 'id'>, but?: number): Promise<void>;
}
