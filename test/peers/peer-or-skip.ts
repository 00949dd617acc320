import { test } from 'vitest';

/**
 * Tests against a real peer, or one skip that says how to get it. Where `CI` is set a missing peer
 * is a failure: a run that proves less must not look like one that proves all.
 */
export function peerOrSkip<P>(
  peer: P | undefined,
  howToGet: string,
): { peer: P | undefined; test: typeof test } {
  if (peer !== undefined) return { peer, test };
  if (process.env.CI) throw new Error(howToGet);
  return { peer, test: test.skip as typeof test };
}
