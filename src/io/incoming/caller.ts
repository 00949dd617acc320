import { BlockList, isIP, isIPv6 } from 'node:net';
import type { IncomingMessage } from 'node:http';

/** The sender of a request, as far as it is known. */
export interface Caller {
  /** The address. For IPv6 its network, since one customer has a whole network. */
  address: string;
  /** The browser uses HTTPS, here or at a trusted proxy. */
  isSecure: boolean;
  /** A proxy forwarded it. */
  isForwarded: boolean;
  /** A proxy that is not trusted forwarded it: the address is that proxy's. */
  isHidden: boolean;
}

const octet = String.raw`(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)`;
const loopback = new RegExp(
  String.raw`^(?:localhost|127(?:\.${octet}){3}|\[?::1\]?)(?::\d{1,5})?$`,
  'i',
);

/** Whether a host of a URL or of a Host header is this machine and no other. */
export const isLoopback = (host: string): boolean => loopback.test(host);

/** No browser sends them. */
const signsOfProxy = [
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-forwarded-port',
  'x-forwarded-server',
  'forwarded',
  'via',
  'x-real-ip',
  'x-client-ip',
  'true-client-ip',
  'cf-connecting-ip',
  'cf-ray',
  'fly-client-ip',
];

/**
 * Reads callers. X-Forwarded-For and X-Forwarded-Proto count only if the connection comes from one
 * of `trusted` (addresses, or networks such as 10.0.0.0/8).
 */
export function openCallers(
  trusted: readonly string[],
): (request: IncomingMessage | undefined) => Caller {
  const proxies = new BlockList();
  for (const one of trusted) addNetwork(proxies, one);
  const isTrusted = (address: string) =>
    isIP(address) !== 0 && proxies.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
  return (request) => {
    const headers = request?.headers ?? {};
    const peer = withoutMapping(request?.socket.remoteAddress ?? '');
    const forwarded = headerOf(headers['x-forwarded-for']);
    const isForwarded = signsOfProxy.some((name) => headers[name] !== undefined);
    if (!isTrusted(peer))
      return { address: toGroup(peer), isSecure: false, isForwarded, isHidden: isForwarded };
    // From the right: entries of our own proxies are true, and whatever is left of the first
    // foreign address may be forged.
    const address = forwarded.map(withoutMapping).findLast((one) => !isTrusted(one)) ?? peer;
    return {
      address: toGroup(address),
      isSecure: headerOf(headers['x-forwarded-proto']).at(-1) === 'https',
      isForwarded,
      isHidden: false,
    };
  };
}

const headerOf = (value: string | string[] | undefined): string[] =>
  [value ?? []]
    .flat()
    .join(',')
    .split(',')
    .map((one) => one.trim().toLowerCase())
    .filter(Boolean);

const withoutMapping = (address: string) =>
  address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');

function addNetwork(list: BlockList, text: string) {
  const [address = '', bits] = text.split('/');
  const kind = isIPv6(address) ? 'ipv6' : 'ipv4';
  if (bits === undefined) list.addAddress(address, kind);
  else list.addSubnet(address, Number(bits), kind);
}

function toGroup(address: string): string {
  if (!isIPv6(address)) return address;
  const [head = '', tail] = address.split('::');
  const [left, right] = [head, tail ?? ''].map((half) => half.split(':').filter(Boolean));
  const missing = tail === undefined ? 0 : 8 - (left?.length ?? 0) - (right?.length ?? 0);
  return [...(left ?? []), ...Array<string>(Math.max(0, missing)).fill('0'), ...(right ?? [])]
    .slice(0, 4)
    .join(':');
}
