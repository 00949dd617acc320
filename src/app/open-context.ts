import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Config } from '../config/config.ts';
import { type Context, defaultTiming, type Log, type Timing } from '../flow/context.ts';
import { startAgain } from '../flow/start-again.ts';
import type { GuardedGet } from '../io/guarded-get.ts';
import { inWorker } from '../io/worker/in-worker.ts';
import type { Alarms } from '../ports/alarms.ts';
import type { Clock } from '../ports/clock.ts';
import type { FolderSource } from '../ports/source.ts';
import type { Store } from '../ports/store.ts';
import { workerName } from './data-folder.ts';
import { sandboxTiming } from './sandbox/sandbox-timing.ts';
import { feedMediaOf, openFeeds, openFolderOf, openPublishers } from './open-parts.ts';

export const timingFor = ({ isSandbox }: Pick<Config, 'isSandbox'>): Timing =>
  isSandbox ? sandboxTiming : defaultTiming;

export interface ContextParts {
  store: Store;
  log: Log;
  clock: Clock;
  timing: Timing;
  settleFor: number;
  guardedGet: GuardedGet | undefined;
  /** Absent: on Agenda, as the configuration says. */
  alarms?: Alarms;
}

/** What the flow works with. */
export async function openContext(
  config: Config,
  { store, log, clock, timing, settleFor, guardedGet, ...given }: ContextParts,
): Promise<Context> {
  const { data } = config.folders;
  const { openCostLedger } = await import('../flow/spend/spend.ts');
  const [alarms, { openImages }, { openFeedPictures }, publishers, folder, feeds] =
    await Promise.all([
      given.alarms ?? startAgain(() => openAlarmsFor(config, clock, log), { log, tries: 10 }),
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
    folder: onRealTime(folder),
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

/** Files have the machine's time, whatever the clock of the posts is. */
const onRealTime = (folder: FolderSource): FolderSource => ({
  ...folder,
  scan: (known) => folder.scan(known, Date.now()),
});

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
