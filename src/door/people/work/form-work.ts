import { type Challenge, createChallenge, type Solution, verifySolution } from 'altcha-lib';
import { deriveKey } from 'altcha-lib/algorithms/pbkdf2';
import { hour, type Instant } from '../../../core/time.ts';
import type { Tokens } from '../../../io/secrets/sealed-tokens.ts';

// A proof of work: a browser calculates for about a second, which is nothing for a person and a lot
// for whoever sends a thousand forms. No third party takes part.

/** What a browser tries in turn, and how many of 256 tries have to be made on average. */
const algorithm = 'PBKDF2/SHA-256';
const cost = 4000;
const keyPrefix = '00';

/** Longer than anybody fills in a form. */
const goodFor = 2 * hour;

export interface Work {
  make(form: string): Promise<Challenge>;
  /** What is good once; undefined: it was not done, or for something else. */
  read(form: string, sent: string): Promise<string | undefined>;
}

interface WorkParts {
  tokens: Tokens;
  now: () => Instant;
}

/** It has its own end, by our clock: the library looks at that of the machine. */
export function openWork({ tokens, now }: WorkParts): Work {
  const hmacSignatureSecret = workSecret(tokens);
  return {
    make: (form) =>
      createChallenge({
        algorithm,
        cost,
        keyPrefix,
        deriveKey,
        hmacSignatureSecret,
        data: { form, until: now() + goodFor },
      }),
    async read(form, sent) {
      const payload = parsePayload(sent);
      if (!payload) return undefined;
      const { challenge, solution } = payload;
      const { data, nonce } = challenge.parameters;
      const until = data?.['until'];
      if (data?.['form'] !== form || typeof until !== 'number' || until < now()) return undefined;
      const options = { challenge, solution, deriveKey, hmacSignatureSecret };
      const result = await verifySolution(options).catch(() => undefined);
      return result?.verified ? nonce : undefined;
    },
  };
}

export const workSecret = (tokens: Tokens): string => tokens.make('form', 'work');

const longest = 4000;
const isHex = (value: unknown): value is string =>
  typeof value === 'string' && /^[0-9a-f]{1,128}$/.test(value);

/** Only what has the shape of one of ours; whether it is, its signature says. */
function parsePayload(sent: string): { challenge: Challenge; solution: Solution } | undefined {
  if (sent === '' || sent.length > longest) return undefined;
  try {
    const { challenge, solution } = JSON.parse(sent) as {
      challenge: Challenge;
      solution: Solution;
    };
    const { nonce, salt, keyPrefix: prefix, data } = challenge.parameters;
    const isWhole = [nonce, salt, prefix, challenge.signature, solution.derivedKey].every(isHex);
    return isWhole && typeof data === 'object' ? { challenge, solution } : undefined;
  } catch {
    return undefined;
  }
}
