import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { openNetworks } from '../app.ts';
import { systemClock } from '../app/system-clock.ts';
import { WrongUsage } from '../commands/command.ts';
import { type Network, networks } from '../core/network/network.ts';
import { traitsOf } from '../core/network/traits-of.ts';
import type { CliContext } from './cli-context.ts';
import { openTerminal } from './terminal.ts';

/** The account that a network knows, as the configuration has it. */
function accountLines(network: Network, url: string, page: string): string[] {
  const { server, site, login } = traitsOf(network).setup.sandbox;
  const shown = site === undefined ? {} : { [site]: page };
  const entry = Object.entries({ network, [server]: url, ...shown, ...login });
  const first = network === networks[0] ? ['accounts:'] : [];
  const rows = entry.map(([key, value]) => `    ${key}: ${JSON.stringify(value)}`);
  return [...first, `  ${network}:`, ...rows];
}

function toSpeed(given: unknown): number {
  const speed = Number(given ?? 1);
  if (speed > 0 && speed <= 100_000) return speed;
  throw new WrongUsage(
    '--speed takes a number, such as 60: one hour of the audience takes a minute',
  );
}

/** The networks use the ports after it. */
const highest = 65_535 - networks.length;

/** Runs only the three local networks, for tests and to try out a configuration. */
export async function sandbox({ config, options, terminal }: CliContext): Promise<void> {
  const file =
    typeof options['file'] === 'string'
      ? options['file']
      : join(config.folders.data, config.isSandbox ? 'networks.jsonl' : 'sandbox/networks.jsonl');
  const port = Number(options['port'] ?? 4331);
  if (!(Number.isInteger(port) && port >= 0 && port <= highest))
    throw new WrongUsage(`--port takes a number up to ${highest}, or 0 for free ports`);
  const audienceSpeed = toSpeed(options['speed']);
  mkdirSync(dirname(file), { recursive: true });
  // Listens before they open, so that a signal during the start stops them in order too.
  const stopped = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
      process.on(signal, () => resolve());
  });
  await using running = await openNetworks({
    file,
    clock: systemClock,
    audienceSpeed,
    port,
  });
  const { page, baseUrls, mail } = running;
  // Without a configuration the only secrets are the sandbox's, which everybody knows.
  const open = config.isSandbox
    ? openTerminal({ isJson: options['json'] === true, secrets: [] })
    : terminal;
  open.print(
    [
      `What the networks show: ${page}`,
      ...Object.entries(baseUrls).map(([network, url]) => `  ${network.padEnd(9)} baseUrl: ${url}`),
      `  ${'mail'.padEnd(9)} host: ${mail.host}, port: ${mail.port}, tls: "off"`,
      `What they accepted is in ${file}. To stop: Ctrl-C.`,
      '',
      'To publish to them, paste this into config/dripline.yaml:',
      `timezone: ${JSON.stringify(config.zone)}`,
      ...networks.flatMap((network) => accountLines(network, baseUrls[network], page)),
    ].join('\n'),
    { page, baseUrls, mail, file },
  );
  await stopped;
}
