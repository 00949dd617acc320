import { lookup } from 'node:dns/promises';
import { BlockList, isIP, isIPv6 } from 'node:net';

const loopback: [string, number][] = [
  ['127.0.0.0', 8],
  ['::1', 128],
];
const privateNetworks: [string, number][] = [
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['100.64.0.0', 10],
  ['fc00::', 7],
];
/** Where a cloud hands out its machine's credentials. */
const credentials = ['fd00:ec2::254', 'fd00:ec2::23', 'fd20:ce::254', '100.100.100.200'];

const familyOf = (address: string) => (isIPv6(address) ? 'ipv6' : 'ipv4');

function toList(subnets: [string, number][]): BlockList {
  const list = new BlockList();
  for (const [net, prefix] of subnets) list.addSubnet(net, prefix, familyOf(net));
  return list;
}

const ownMachine = toList(loopback);
const ownNetworks = toList([...loopback, ...privateNetworks]);
const never = new BlockList();
for (const address of credentials) never.addAddress(address, familyOf(address));

export interface Leave {
  /** For networks on this machine: 127.0.0.0/8 and ::1, nothing else. */
  allowLoopback?: boolean;
  /** For what the user runs at home: this machine and private networks, never link-local. */
  allowPrivate?: boolean;
}

/** The private addresses of this host that may be asked: none without leave. */
export async function allowedAddresses(
  { hostname }: URL,
  { allowLoopback, allowPrivate }: Leave,
): Promise<string[]> {
  if (!allowLoopback && !allowPrivate) return [];
  const allowed = allowPrivate ? ownNetworks : ownMachine;
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  const found = isIP(host) ? [{ address: host }] : await lookup(host, { all: true });
  return found
    .map(({ address }) => address)
    .filter((one) => allowed.check(one, familyOf(one)) && !never.check(one, familyOf(one)));
}
