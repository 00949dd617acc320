import { networks } from '../core/network/network.ts';
import { traitsOf } from '../core/network/traits-of.ts';

const page = 'http://127.0.0.1:4331';
const firstPort = 4332;
/** Where its mail server listens, if nothing else does. */
const mailPort = 4336;
const door = 'http://127.0.0.1:4335';

/**
 * What `npm start` runs without a configuration: the account of a small company on the local
 * networks. Only the sandbox knows the credentials.
 */
export const sandboxConfig = (zone: string): string => `
timezone: ${zone}
accounts:
${networks.map(accountLine).join('\n')}
cadence:
  perDay: 1-3
  windows: ["07:00-22:00"]
  minGap: 2h
queues:
  tips: { perDay: 1, windows: ["11:30-14:00"] }
  blog: { perDay: 1, windows: ["17:00-19:00"] }
campaigns:
  launch: { touches: 12, utm: { source: "{{network}}", campaign: launch } }
  workshop: { touches: 10, utm: { source: "{{network}}", campaign: workshop } }
public: { url: "${door}" }
links: counted
letters:
  sender: "Acme, 1 Example Street, Springfield, IL 62701"
  country: US
events: { token: sandbox-events-token }
mail:
  from: "Acme <hello@acme.example>"
  postalAddress: "Acme, 1 Example Street, Springfield"
  host: 127.0.0.1
  port: ${mailPort}
  tls: "off"
feeds:
  - url: ${page}/blog/feed.xml
    queue: blog
    template: "New on the blog: {{title}} {{link}}"
    perDay: 1
    allowPrivate: true
`;

function accountLine(network: (typeof networks)[number], i: number): string {
  const { server, site, login } = traitsOf(network).setup.sandbox;
  const shown = site === undefined ? {} : { [site]: page };
  const entry = { network, [server]: `http://127.0.0.1:${firstPort + i}`, ...shown, ...login };
  return `  ${network}: ${JSON.stringify(entry)}`;
}
