import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Config } from '../config/config.ts';
import { type Context, defaultTiming, type Log, type Timing } from '../flow/context.ts';
import { startAgain } from '../flow/start-again.ts';
import type { GuardedGet } from '../io/guarded-get.ts';
import { inWorker } from '../io/worker/in-worker.ts';
import type { Clock } from '../ports/clock.ts';
import type { Store } from '../ports/store.ts';
import { workerName } from './data-folder.ts';
import { feedMediaOf, openFeeds, openFolderOf, openPublishers } from './open-parts.ts';

/**
 * Where the audience is in a hurry, so are the looks at it: who tries the sandbox out sees in
 * minutes what comes of a post in days.
 */
export const timingFor = ({ audienceSpeed }: Pick<Config, 'audienceSpeed'>): Timing => ({
  ...defaultTiming,
  measureAges: defaultTiming.measureAges.map((age) => age / audienceSpeed),
  repliesEvery: defaultTiming.repliesEvery / Math.min(30, audienceSpeed),
});

export interface ContextParts {
  store: Store;
  log: Log;
  clock: Clock;
  timing: Timing;
  settleFor: number;
  guardedGet: GuardedGet | undefined;
}

/** What the flow works with. */
export async function openContext(
  config: Config,
  { store, log, clock, timing, settleFor, guardedGet }: ContextParts,
): Promise<Context> {
  const { data } = config.folders;
  const { openCostLedger } = await import('../flow/spend/spend.ts');
  const [alarms, { openImages }, { openFeedPictures }, publishers, folder, feeds] =
    await Promise.all([
      startAgain(() => openAlarmsFor(config, clock, log), { log, tries: 10 }),
      import('../media/images.ts'),
      import('../media/tidy.ts'),
      openPublishers(config, clock, {
        timeoutFor: timing.publishFor,
        guardedGet,
        ledger: openCostLedger({ store, clock, settings: config }),
      }),
      openFolderOf(config, settleFor),
      openFeeds(config),
    ]);
  return {
    store,
    clock,
    alarms,
    images: openImages({ dataFolder: data, keepFor: config.keep.picturesFor }),
    feedPictures: openFeedPictures(feedMediaOf(config)),
    publishers,
    folder,
    feeds,
    settings: config,
    timing,
    worker: randomUUID(),
    hold: {},
    met: new Set(),
    unsent: new Map(),
    log,
    aside: inWorker,
  };
}

async function openAlarmsFor({ mongoUri, folders }: Config, clock: Clock, log: Log) {
  const { openAlarms } = await import('../jobs/open-alarms.ts');
  return openAlarms({
    store: mongoUri
      ? { kind: 'mongodb', uri: mongoUri }
      : { kind: 'sqlite', file: join(folders.data, 'alarms.db') },
    worker: workerName(folders.data),
    clock,
    report: (error) => log.warn(`an alarm did not work: ${error.message}`),
  });
}
