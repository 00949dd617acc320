import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { openNetworks } from '../app.ts';
import { systemClock } from '../app/open-parts.ts';
import { WrongUsage } from '../commands/command.ts';
import { networks } from '../core/network/network.ts';
import type { CliContext } from './cli-context.ts';

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
  const audienceSpeed = Number(options['speed'] ?? 1);
  if (!(audienceSpeed > 0 && audienceSpeed <= 100_000))
    throw new WrongUsage(
      '--speed takes a number, such as 60: one hour of the audience takes a minute',
    );
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
  const { page, baseUrls } = running;
  terminal.print(
    [
      `What the networks show: ${page}`,
      ...Object.entries(baseUrls).map(([network, url]) => `  ${network.padEnd(9)} baseUrl: ${url}`),
      `What they accepted is in ${file}. To stop: Ctrl-C.`,
    ].join('\n'),
    { page, baseUrls, file },
  );
  await stopped;
}
