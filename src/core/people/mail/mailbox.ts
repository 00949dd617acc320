import { domainToASCII } from 'node:url';

const longest = 254;
const atoms = /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/i;
const host =
  /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/i;

/**
 * One address as an envelope takes it, its domain in ASCII; undefined: no server could be told it.
 * A local part beyond ASCII is one of those, since servers that cannot deliver it take it anyway.
 */
export function toEnvelopeAddress(written: string): string | undefined {
  if (written.length > longest) return undefined;
  const at = written.lastIndexOf('@');
  const [local, domain] = [written.slice(0, at), domainToASCII(written.slice(at + 1))];
  const isFine = at > 0 && local.length <= 64 && atoms.test(local) && host.test(domain);
  return isFine && local.length + domain.length < longest ? `${local}@${domain}` : undefined;
}

const signs = /[\uE000-\uE003\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu;

/** One line, without the signs that this program or a mail program gives a meaning to. */
export const toOneLine = (text: string): string =>
  text.replaceAll(signs, ' ').replaceAll(/\s+/g, ' ').trim();

export interface Mailbox {
  name: string;
  address: string;
}

/** `Name <a@b>` or `a@b`; undefined: it is neither. */
export function parseMailbox(written: string): Mailbox | undefined {
  const [, name = '', inside] = /^([^<>]*)<([^<>]*)>$/.exec(written.trim()) ?? [];
  const address = toEnvelopeAddress((inside ?? written).trim());
  const quoted = /^"(.*)"$/.exec(name.trim())?.[1]?.replaceAll(/\\(.)/g, '$1');
  return address === undefined ? undefined : { name: toOneLine(quoted ?? name), address };
}
