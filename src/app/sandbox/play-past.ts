import { join } from 'node:path';
import type { Config } from '../../config/config.ts';
import { pickDefined } from '../../core/pick-defined.ts';
import { addDays, atLocal, day, type Instant, localDate } from '../../core/time.ts';
import { networks } from '../../core/network/network.ts';
import { traitsOf } from '../../core/network/traits-of.ts';
import type { Log } from '../../flow/context.ts';
import { reallyFor } from '../../ports/clock.ts';
import type { FolderSource } from '../../ports/source.ts';
import { play } from '../../rehearsal/driver.ts';
import { openVirtualAlarms } from '../../rehearsal/virtual/virtual-alarms.ts';
import { openVirtualClock } from '../../rehearsal/virtual/virtual-clock.ts';
import { openSandbox, type Sandbox } from '../../sandbox/open-sandbox.ts';
import { openMemoryStore } from '../../store/memory-store.ts';
import { openContext } from '../open-context.ts';
import { openPastPeople } from './people/past-people.ts';
import { withPastClicks } from './past-clicks.ts';
import { setFastClock, speed } from './fast-clock.ts';
import { pastTiming } from './sandbox-timing.ts';

const days = 21;

/** When the sandbox's first day begins, a little before its first post. */
const beginsAt = 10 * 60;

/**
 * Three weeks before the first start, as the service would have lived them: the same flow on the
 * same local networks, without any waiting. So the store, its journal and the networks' file agree.
 */
export async function playPast(
  config: Config,
  { folder, port, now = Date.now() }: { folder: string; port?: number; now?: Instant },
): Promise<void> {
  const today = localDate(now, config.zone);
  const until = atLocal(today, beginsAt, config.zone);
  const from = atLocal(addDays(today, -days), beginsAt, config.zone);
  await playDays(
    { ...config, folders: { ...config.folders, data: folder } },
    pickDefined({ from, until, port }),
  );
  setFastClock(folder, until);
}

interface Days {
  from: Instant;
  until: Instant;
  /** Of the networks' page, where it is not their own. */
  port?: number;
}

async function playDays(config: Config, { from, until, port }: Days) {
  const virtual = openVirtualClock(from);
  const monotonic = () => reallyFor({ speed }, virtual.monotonic());
  const clock = { ...virtual, monotonic, speed };
  const { data } = config.folders;
  const file = join(data, 'networks.jsonl');
  await using sandbox = await openSandbox(pickDefined({ file, clock, port }));
  await using kept = openMemoryStore();
  const store = withPastClicks({ store: kept, sandbox, clock });
  const alarms = openVirtualAlarms();
  const parts = { store, log: silent, clock, alarms, timing: pastTiming, settleFor: 0 };
  // In virtual time nothing waits, so nothing is done aside.
  const { aside: _aside, ...opened } = await openContext(atHome(config, sandbox), {
    ...parts,
    guardedGet: undefined,
  });
  const context = { ...opened, folder: onlySamples(opened.folder) };
  const { rescan } = await import('../../flow/ingest/scan.ts');
  const { meetAccounts } = await import('../../flow/service.ts');
  await meetAccounts(context);
  await rescan(context);
  for (const { url } of context.feeds) await alarms.set('feed', url, from);
  const onDay = async (at: Instant) => loseOnePost(sandbox, until - at);
  const { worker, timing } = context;
  const here = { store, clock, worker, timing, log: silent };
  await using people = await openPastPeople(atHome(config, sandbox), { ...here, from, until });
  const { beside } = people;
  await play({ context, clock, alarms, until, onDay, hasFeeds: true, ...pickDefined({ beside }) });
  await store.backup(join(data, 'dripline.db'));
}

/** On the ports that the networks have. */
const atHome = (config: Config, { page, baseUrls, mail }: Sandbox): Config => ({
  ...config,
  ...pickDefined({ mail: config.mail && { ...config.mail, ...mail } }),
  accounts: config.accounts.map((one) => ({
    ...one,
    baseUrl: baseUrls[one.network],
    ...('site' in one ? { site: page } : {}),
  })),
  feeds: config.feeds.map((one) => ({
    ...one,
    address: new URL(new URL(one.address).pathname, page).href,
  })),
});

/** A post of the person who tries it out has its turn when they are there. */
const onlySamples = (folder: FolderSource): FolderSource => ({
  ...folder,
  async scan(known, now) {
    const scan = await folder.scan(known, now);
    const files = scan.files.filter(({ path }) => path.startsWith('samples/'));
    // People have a past of their own.
    return { ...scan, files, sequences: [] };
  },
});

/** On the day before the last, X loses a post and does not tell: a person has to look. */
function loseOnePost(sandbox: Sandbox, left: number): void {
  if (left < 2 * day || left > 3 * day) return;
  const network = networks.find((one) => traitsOf(one).refusesRepeats);
  if (network)
    sandbox.misbehave({ network, route: / \/2\/tweets$/, how: 'reset-before', times: 1 });
}

const silent: Log = { info: () => undefined, warn: () => undefined };
