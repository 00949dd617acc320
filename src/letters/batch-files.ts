import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LetterBatch } from '../core/people/letters/letter-batch.ts';
import type { BatchFiles, LetterFile } from '../ports/people/letters.ts';

export type Named = Pick<LetterBatch, 'id' | 'edition'>;

export const nameOf = ({ id, edition }: Named, file: LetterFile) =>
  `letters-${id}${edition > 1 ? `.${edition}` : ''}.${file}`;

export function openBatchFiles(folder: string): BatchFiles {
  const pathOf = (batch: Named, file: LetterFile) => join(folder, nameOf(batch, file));
  return {
    pathOf,
    read: (batch, file) => readFile(pathOf(batch, file)).catch(() => undefined),
  };
}
