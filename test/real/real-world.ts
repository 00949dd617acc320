import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { inject, test } from 'vitest';
import { openServed, type Served } from '../../src/app.ts';
import { systemClock } from '../../src/app/system-clock.ts';
import { commands } from '../../src/commands/all-commands.ts';
import { openEnvironment } from '../../src/config/environment.ts';
import { loadConfig } from '../../src/config/load.ts';
import type { Delivery } from '../../src/core/delivery/delivery.ts';
import type { Timing } from '../../src/flow/context.ts';
import { getOnLoopback } from '../faults/fault-world.ts';
import { until } from '../flow/world.ts';
import { databaseUri } from '../peers/mongo.ts';

export interface RealWorldOptions {
  /** A line of YAML below `accounts:`. */
  account: string;
  /** Below the folder: `posts/a.md`. */
  files: Record<string, string | Buffer>;
  mongoUri: string | undefined;
  timing?: Partial<Timing>;
}

// snac2 leaves a connection unanswered now and then, while it tries to reach other servers.
const patient: Partial<Timing> = {
  claimFor: 5000,
  publishFor: 1200,
  lookGapFor: 200,
  retryAfter: 200,
  sweepEvery: 100,
  listenEvery: 20,
};

/** Serves the posts to one account of a real server until all are out; the deliveries, by post. */
export function releaseAll(options: RealWorldOptions): Promise<Record<string, Delivery>> {
  const count = Object.keys(options.files).filter((path) => path.endsWith('.md')).length;
  return serveAll(options, (served) => outcomes(served, count));
}

/** Serves the posts to one account of a real server while something is done. */
export async function serveAll<T>(
  { account, files, mongoUri, timing = {} }: RealWorldOptions,
  work: (served: Served) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'dripline-real-'));
  try {
    writeAll(folder, {
      'config/dripline.yaml': `timezone: UTC\naccounts:\n  me: ${account}\ncadence: { perDay: 400000, windows: ["00:00-24:00"], minGap: 0s }\n`,
      ...files,
    });
    const config = loadConfig(
      folder,
      openEnvironment(folder, mongoUri === undefined ? {} : { MONGODB_URI: mongoUri }),
    );
    const options = {
      log: { info() {}, warn() {} },
      timing: { ...patient, ...timing },
      settleFor: 0,
      hasWeb: false,
      guardedGet: getOnLoopback,
    };
    await using served = await openServed(config, options);
    await commands
      .find(({ name }) => name === 'resume')
      ?.run(
        {
          store: served.context.store,
          clock: systemClock,
          settings: config,
          by: 'cli',
          version: 'test',
        },
        { args: [], options: {} },
      );
    return await work(served);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function outcomes(
  { context: { store } }: Served,
  count: number,
): Promise<Record<string, Delivery>> {
  const isOver = (deliveries: Delivery[]) =>
    deliveries.length === count &&
    deliveries.every(({ state }) => ['released', 'failed', 'uncertain'].includes(state));
  await until(
    'every post has an outcome',
    async () => isOver(await store.listDeliveries({})),
    25_000,
  );
  return Object.fromEntries((await store.listDeliveries({})).map((one) => [one.post, one]));
}

function writeAll(folder: string, files: Record<string, string | Buffer>) {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
}

/**
 * A photograph taken with the camera held upright: shown, it is 20 wide, 40 high, and red on top.
 * It knows who took it.
 */
export async function takePhoto(): Promise<Buffer> {
  const blue = { create: { width: 20, height: 20, channels: 3 as const, background: 'blue' } };
  return sharp({ create: { width: 40, height: 20, channels: 3, background: 'red' } })
    .composite([{ input: blue, left: 20, top: 0 }])
    .withExif({ IFD0: { Artist: 'me' } })
    .withMetadata({ orientation: 6 })
    .jpeg()
    .toBuffer();
}

let databases = 0;

/** Both stores; MongoDB where there is one, else a skip that says so. */
export function listStores() {
  const mongo = inject('mongoUri');
  return [
    { store: 'SQLite', uri: () => undefined, test },
    {
      store: mongo ? 'MongoDB' : 'MongoDB (none here: needs mongod, or Java 17 and Maven)',
      uri: () => databaseUri(mongo ?? '', `real-${process.pid}-${databases++}`),
      test: mongo ? test : (test.skip as typeof test),
    },
  ];
}
