import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { MastodonPerson, SandboxAccount } from '../world/network-rows.ts';

export interface Bearer {
  person: MastodonPerson;
  scopes: string[];
}

/**
 * Access tokens. One that was issued holds who it is for and is signed with that person's own, so
 * that it is still good after a restart; what was revoked is remembered until then.
 */
export interface Tokens {
  issue(person: MastodonPerson, scopes: string[]): string;
  find(people: readonly SandboxAccount[], token: string): Bearer | undefined;
  revoke(token: string): void;
}

export function createTokens(): Tokens {
  const revoked = new Set<string>();
  return {
    issue({ handle, token }, scopes) {
      const body = [handle, scopes.join(' '), randomBytes(9).toString('base64url')]
        .map((one) => Buffer.from(one).toString('base64url'))
        .join('.');
      return `${body}.${sign(body, token)}`;
    },
    find(people, token) {
      if (revoked.has(token)) return undefined;
      const all = people.filter((one): one is MastodonPerson => one.network === 'mastodon');
      const own = all.find((one) => one.token === token);
      if (own) return { person: own, scopes: ['read', 'write'] };
      const body = token.slice(0, token.lastIndexOf('.'));
      const [handle, scopes = ''] = body
        .split('.')
        .map((one) => Buffer.from(one, 'base64url').toString());
      const person = all.find((one) => one.handle === handle);
      const isIssued = person && isSame(token.slice(body.length + 1), sign(body, person.token));
      return isIssued ? { person, scopes: scopes.split(' ') } : undefined;
    },
    revoke: (token) => void revoked.add(token),
  };
}

const sign = (text: string, secret: string) =>
  createHmac('sha256', secret).update(text).digest('base64url');

function isSame(given: string, wanted: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(wanted)];
  return one.length === other.length && timingSafeEqual(one, other);
}

/** `write` stands for all that begins with it; `profile` is a part of `read:accounts`. */
export const covers = (scopes: readonly string[], wanted: string): boolean =>
  scopes.includes(wanted) ||
  scopes.includes(wanted.split(':')[0] ?? '') ||
  (wanted === 'profile' && covers(scopes, 'read:accounts'));
