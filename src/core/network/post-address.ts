import type { Account } from './account.ts';
import type { Identity } from './network.ts';

/** Whose post the address should be. `identity` is absent until the account has logged in. */
export interface AddressOwner extends Pick<Account, 'baseUrl'> {
  identity?: Identity | undefined;
  /** Where people look at its posts, if that is elsewhere than on the network's own site. */
  site?: string | undefined;
}

/** A post as its receipt names it. */
export interface PostAddress {
  id: string;
  url: string;
}

export interface WrongAddress {
  code: 'not-an-address' | 'other-site' | 'not-a-post' | 'other-account' | 'not-logged-in';
  /** A sentence without a full stop, for people. */
  reason: string;
}

/** Reads the address of a post as a person pastes it. */
export type ReadAddress = (address: string, owner: AddressOwner) => PostAddress | WrongAddress;

/** People paste addresses without their scheme too. */
export function parseWebAddress(address: string): URL | undefined {
  const [, scheme = 'https', rest = ''] = /^(?:(https?):\/\/)?(.*)$/is.exec(address.trim()) ?? [];
  const host = /^(?:[^/?#:\s]+\.[^/?#:\s]+|[^/?#:\s]+(?=:\d))(?::\d+)?(?=[/?#]|$)/;
  const whole = `${scheme}://${rest}`;
  return host.test(rest) && URL.canParse(whole) ? new URL(whole) : undefined;
}

export const hostOf = (address: string | undefined): string =>
  address !== undefined && URL.canParse(address) ? new URL(address).host : '';

export const isSameName = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

/** `%40me` as `@me`; what cannot be decoded stays. */
export function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

export const notAnAddress = (address: string): WrongAddress => ({
  code: 'not-an-address',
  reason: `"${address}" is not a web address`,
});

export const otherSite = (host: string, expected: string): WrongAddress => ({
  code: 'other-site',
  reason: `${host} is not ${expected}`,
});

export const notAPost = (url: URL, example: string): WrongAddress => ({
  code: 'not-a-post',
  reason: `${url.host}${url.pathname} is not the address of a post: it looks like ${example}`,
});

export const otherAccount = (found: string, expected: string): WrongAddress => ({
  code: 'other-account',
  reason: `the post belongs to ${found}, and the account is ${expected}`,
});
