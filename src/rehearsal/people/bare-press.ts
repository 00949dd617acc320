import type { BatchTime } from '../../core/people/letters/letter-batch.ts';
import type { LetterPress } from '../../ports/people/letters.ts';

/** Every letter fits, and nothing is made of it. */
export const openBarePress = (time: BatchTime): LetterPress => ({
  time,
  pathOf: ({ id }) => id,
  read: async () => undefined,
  whyUnfit: async () => undefined,
  compose: async ({ dispatch }) => ({ bytes: Buffer.from(dispatch.id) }),
  orderOf: (bytes) => Buffer.from(bytes).toString(),
  print: async () => undefined,
  isThere: async () => true,
  clear: async () => undefined,
});
