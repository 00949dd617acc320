import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LetterBatch } from '../core/people/letters/letter-batch.ts';
import { batchFileName } from '../core/people/letters/taken-out.ts';
import type { BatchFiles, LetterFile } from '../ports/people/letters.ts';

type Named = Pick<LetterBatch, 'id' | 'edition'>;

export function openBatchFiles(folder: string): BatchFiles {
  const pathOf = (batch: Named, file: LetterFile) => join(folder, batchFileName(batch, file));
  return {
    pathOf,
    read: (batch, file) => readFile(pathOf(batch, file)).catch(() => undefined),
  };
}
