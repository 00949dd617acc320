import { networks } from '../core/network/network.ts';
import { traitsOf } from '../core/network/traits-of.ts';

const page = 'http://127.0.0.1:4331';
const firstPort = 4332;

/**
 * What `npm start` runs without a configuration: the local networks, and a release every few
 * seconds. Only the sandbox knows the credentials.
 */
export const sandboxConfig = (zone: string): string => `
timezone: ${zone}
accounts:
${networks.map(accountLine).join('\n')}
cadence:
  perDay: 4320
  windows: ["00:00-24:00"]
  minGap: 12s
pacing: { mode: steady }
`;

function accountLine(network: (typeof networks)[number], i: number): string {
  const { server, site, login } = traitsOf(network).setup.sandbox;
  const shown = site === undefined ? {} : { [site]: page };
  const entry = { network, [server]: `http://127.0.0.1:${firstPort + i}`, ...shown, ...login };
  return `  ${network}: ${JSON.stringify(entry)}`;
}
