import { createChallenge, solveChallenge } from 'altcha-lib';
import { deriveKey } from 'altcha-lib/algorithms/pbkdf2';
import { hour } from '../../src/core/time.ts';
import { workSecret } from '../../src/door/people/work/form-work.ts';
import type { PeopleDoorWorld } from './people-kit.ts';

/** A proof of work that took none, signed as the door signs it. */
export async function easyWork(
  { tokens, clock }: PeopleDoorWorld,
  { form = 'newsletter', until = clock.now() + hour } = {},
): Promise<string> {
  const challenge = await createChallenge({
    algorithm: 'PBKDF2/SHA-256',
    cost: 1,
    counter: 0,
    deriveKey,
    hmacSignatureSecret: workSecret(tokens),
    data: { form, until },
  });
  return JSON.stringify({ challenge, solution: await solveChallenge({ challenge, deriveKey }) });
}
