/** What private feeds and services call the secret in an address. */
const secretNames =
  '(?:[a-z]+[_-])?(?:token|key|secret|auth|pass(?:word|wd|phrase)?|pwd|sig(?:nature)?|jwt|session)';
const secretName = new RegExp(`^(?:${secretNames}|tlsCertificateKeyFilePassword)$`, 'i');
const secretPair = new RegExp(
  `([?&;](?:${secretNames}|tlsCertificateKeyFilePassword)=)[^&;#\\s"']+`,
  'gi',
);

/** The address without a login and without what its parameters name as a secret. */
export function withoutCredentials(address: string): string {
  if (!URL.canParse(address)) return address;
  const url = new URL(address);
  const names = [...new Set(url.searchParams.keys())].filter((name) => secretName.test(name));
  if (url.username === '' && url.password === '' && !names.length) return address;
  url.username = '';
  url.password = '';
  const kept = url.search
    .slice(1)
    .split('&')
    .filter((pair) => !secretName.test(decode(pair.split('=')[0] ?? '')));
  url.search = kept.join('&');
  return url.href;
}

const anAddress = /[a-z][a-z0-9+.-]*:\/\/[^\s"]+/gi;

/** The same for people: dots where a secret was, in a text with any number of addresses. */
export const hideCredentials = (text: string): string =>
  text.replaceAll(anAddress, (address) => {
    const login = loginOf(address);
    const shown = login === undefined ? address : address.replace(`//${login}@`, '//…@');
    return shown.replaceAll(secretPair, '$1…');
  });

/** The secrets in the addresses of a text, as they are written and as they are meant. */
export const credentialsIn = (text: string): string[] => [
  ...new Set([...text.matchAll(anAddress)].flatMap(([address]) => secretsIn(address))),
];

function secretsIn(address: string): string[] {
  const login = loginOf(address) ?? '';
  const colon = login.indexOf(':');
  // A login without a password is a token.
  const found = [login.slice(colon + 1)];
  for (const [pair] of address.matchAll(secretPair)) found.push(pair.slice(pair.indexOf('=') + 1));
  return found.flatMap((one) => [one, decode(one)]).filter((one) => one !== '');
}

/**
 * As it is written. A password may hold an `@`, and one for MongoDB also what should have been
 * encoded, so that the address is none.
 */
function loginOf(address: string): string | undefined {
  const isBroken = /^mongodb/i.test(address) && !URL.canParse(address);
  const rest = address.slice(address.indexOf('://') + 3);
  const authority = isBroken ? rest : rest.slice(0, rest.search(/[/?#]|$/));
  const end = authority.lastIndexOf('@');
  return end < 0 ? undefined : authority.slice(0, end);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
