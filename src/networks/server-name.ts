import { Refusal } from '../core/problem.ts';
import { type ConnectDeps, toUnreachable } from './connect-deps.ts';

/** An address as people type it, which is another than the network's usual one. */
export async function readOtherServer(
  deps: Pick<ConnectDeps, 'call' | 'leaveFor' | 'timeoutFor'>,
  { given = '', usual }: { given: string | undefined; usual: string },
  signal: AbortSignal,
): Promise<string | undefined> {
  if (given.trim() === '') return undefined;
  const origin = readServer(given, deps.leaveFor, usual);
  if (origin === usual) return undefined;
  const { call, timeoutFor } = deps;
  // Only whether it may be asked, and is there: what it says does not matter.
  const asked = call(origin, { method: 'GET', ...deps.leaveFor(origin), signal, timeoutFor });
  await asked.catch((error: unknown) => {
    throw toUnreachable(error, new URL(origin).host);
  });
  return origin;
}

/** The origin of a server, from its name, an address on it, or somebody's handle there. */
export function readServer(
  given: string,
  leaveFor: ConnectDeps['leaveFor'],
  usual: string,
): string {
  const example = `enter a name such as ${new URL(usual).host}`;
  const text = given.trim().slice(0, 300);
  const host = /^@?[^\s/@:]+@([^\s/@]+)$/.exec(text)?.[1];
  const address = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `https://${host ?? text}`;
  if (/\s/.test(text) || text === '' || !URL.canParse(address))
    throw new Refusal(`"${text}" is not the address of a server: ${example}`);
  const url = new URL(address);
  if (!['http:', 'https:'].includes(url.protocol))
    throw new Refusal(`A server is not reached by ${url.protocol}: ${example}`);
  if (url.username || url.password)
    throw new Refusal(`An address with a name or password before its @ is not taken: ${example}`);
  const { allowLoopback, allowPrivate } = leaveFor(url.origin);
  const isHome = allowPrivate || (allowLoopback && isOwnMachine(url.hostname));
  if (url.protocol === 'http:' && !isHome)
    throw new Refusal(`${url.host} would be asked without encryption: use https://${url.host}`);
  return url.origin;
}

const isOwnMachine = (hostname: string) => /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
