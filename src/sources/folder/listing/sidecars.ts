import { basename, dirname, join } from 'node:path/posix';
import { type Network, networks } from '../../../core/network/network.ts';
import { findNetwork, traitsOf } from '../../../core/network/traits-of.ts';
import { pickDefined } from '../../../core/pick-defined.ts';
import { suggest } from '../../../core/text/suggest.ts';

/** Whom a text is for, beside the text of its post: all accounts of a network, or one account. */
export type Audience = { network: Network } | { account: string };

const extension = /\.(md|markdown)$/i;

export const withoutExtension = (path: string): string => path.replace(extension, '');

/** `010-a.bsky.md` is `010-a` and `bsky`. */
function splitName(path: string): { base: string; name: string } | undefined {
  const [, base, name] = /^(.+)\.([^./\s]{1,60})$/u.exec(withoutExtension(basename(path))) ?? [];
  if (base === undefined || name === undefined) return undefined;
  return { base: join(dirname(path), base), name: name.toLowerCase() };
}

export interface Sidecar {
  path: string;
  /** The path of its post, without the extension. */
  base: string;
  audience: Audience;
}

/** By the name of an account, of a network, or a usual other name of one. */
export function readSidecar(path: string, accounts: readonly string[]): Sidecar | undefined {
  const split = splitName(path);
  if (!split) return undefined;
  const account = accounts.find((one) => one.toLowerCase() === split.name);
  const network = findNetwork(split.name);
  if (account !== undefined && account.toLowerCase() !== network)
    return { path, base: split.base, audience: { account } };
  return network && { path, base: split.base, audience: { network } };
}

/** Where Dripline does not publish to, and what its users have texts for. */
const elsewhere = /^(?:facebook|fb|instagram|insta|ig|linkedin|threads|tiktok|pinterest|telegram)$/;

/**
 * What stands in the place of a network or an account and is none: a text for other readers, or a
 * version of a post that some program kept. With the name that was probably meant, if there is one.
 */
export function findUnknownAudience(
  path: string,
  { accounts, bases }: { accounts: readonly string[]; bases: ReadonlySet<string> },
): { name: string; meant?: string } | undefined {
  const split = splitName(path);
  if (!split || !/\p{L}/u.test(split.name)) return undefined;
  if (elsewhere.test(split.name)) return { name: split.name };
  if (!bases.has(split.base)) return undefined;
  const names = networks.flatMap((one) => [one, ...traitsOf(one).aliases]);
  const meant = split.name.length < 4 ? undefined : suggest(split.name, [...names, ...accounts]);
  return pickDefined({ name: split.name, meant });
}
