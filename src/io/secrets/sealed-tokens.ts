import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { makeSecret, readSecret } from './kept-secret.ts';

/** What a token of an address is good for: one thing each. */
export type TokenPurpose = 'unsubscribe' | 'bounce' | 'confirm' | 'link' | 'visit' | 'form';

/** Words that nobody can make up, about an id that they carry; valid for ever. */
export interface Tokens {
  make(purpose: TokenPurpose, id: string): string;
  /** Without the id, short, and the same in small letters: for where there is little room. */
  mark(purpose: TokenPurpose, id: string): string;
  /** The id; undefined: it is not one of ours, or for something else. */
  read(purpose: TokenPurpose, token: string): string | undefined;
}

const sealBytes = 12;
const markBytes = 10;
const longest = 400;

export async function openTokens(file: string): Promise<Tokens> {
  return tokensOf((await readSecret(file)) ?? (await makeSecret(file)));
}

/** For what is only looked at: of their length, and good for nothing. */
export const tokensForTrial = (): Tokens => tokensOf(randomBytes(32));

function tokensOf(secret: Buffer): Tokens {
  const seal = (purpose: TokenPurpose, id: string) =>
    createHmac('sha256', secret).update(`${purpose} ${id}`).digest().subarray(0, sealBytes);
  return {
    make: (purpose, id) =>
      Buffer.concat([seal(purpose, id), Buffer.from(id, 'utf8')]).toString('base64url'),
    mark: (purpose, id) => seal(purpose, id).subarray(0, markBytes).toString('hex'),
    read(purpose, token) {
      if (token.length > longest || !/^[\w-]+$/.test(token)) return undefined;
      const bytes = Buffer.from(token, 'base64url');
      if (bytes.length <= sealBytes) return undefined;
      const id = bytes.subarray(sealBytes).toString('utf8');
      const is = timingSafeEqual(bytes.subarray(0, sealBytes), seal(purpose, id));
      return is ? id : undefined;
    },
  };
}
