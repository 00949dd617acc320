import { setImmediate } from 'node:timers/promises';
import { loadConfig } from '../../src/config/load.ts';
import { openEnvironment } from '../../src/config/environment.ts';
import { limitsFor, traitsOf } from '../../src/core/network/traits-of.ts';
import type { Settings } from '../../src/core/settings.ts';
import { day, hour, type Instant } from '../../src/core/time.ts';
import { ingestPosts } from '../../src/flow/ingest/ingest.ts';
import { openRounds, type Rounds } from '../../src/flow/rounds.ts';
import { meetAccounts, ringAlarm } from '../../src/flow/service.ts';
import { openCostLedger } from '../../src/flow/spend/spend.ts';
import { openSqlite } from '../../src/io/sqlite.ts';
import type { FolderSource } from '../../src/ports/source.ts';
import { openContext } from '../../src/rehearsal/rehearsal-context.ts';
import type { VirtualAlarms } from '../../src/rehearsal/virtual/virtual-alarms.ts';
import { openVirtualClock, type VirtualClock } from '../../src/rehearsal/virtual/virtual-clock.ts';
import { migrateSqlite } from '../../src/store/sqlite/migrations.ts';
import { storeOn } from '../../src/store/sqlite/sqlite-store.ts';
import { accountsYaml } from '../../test/sandbox/accounts-yaml.ts';
import { makeFolder, makePost } from '../../test/store/kit.ts';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openForgetfulPublisher } from './forgetful-publisher.ts';

/** Releases of one account in a day. */
const perDay = 500;
const postsOf = (settings: Settings) => perDay * settings.accounts.length;

const folderYaml = (baseUrls: Record<string, string>) => `timezone: UTC
${accountsYaml(baseUrls)}cadence: { perDay: ${perDay}, windows: ["00:00-24:00"], minGap: 1m }
pacing: { mode: steady }
`;

export interface Soaked {
  releases: number;
  /** Days of virtual time. */
  days: number;
}

/** What stands in the folder is not what is tried: posts are taken in as a feed's are. */
const emptyFolder: FolderSource = {
  scan: async () => ({
    folder: 'there',
    files: [],
    remarks: new Map(),
    closed: [],
    vanished: [],
    sequences: [],
  }),
};

/**
 * Plays so many releases with their looks in virtual time: the flow's own rounds on the store's own
 * file, without its fsync, against networks that remember little. Old entries and numbers go after
 * weeks. `tell` is called at each tenth of the way.
 */
export async function soakInVirtualTime(
  releases: number,
  tell: (soaked: Soaked) => Promise<void>,
): Promise<void> {
  await using place = await makeFolder();
  const soak = await openSoak(place.path);
  await using _store = soak.context.store;
  const { context, clock, rounds } = soak;
  const from = clock.now();
  let [released, told] = [0, 0];
  for (let n = 1; released < releases; n += 1) {
    await takeIn(soak, n);
    await playUntil(soak, from + n * day);
    await rounds.idle();
    // All but what is still planned is out.
    const open = await context.store.countDeliveries({ states: ['planned', 'queued'] });
    released = n * postsOf(context.settings) - open;
    if (released * 10 < releases * (told + 1)) continue;
    told = Math.floor((released * 10) / releases);
    await tell({ releases: released, days: n });
  }
}

interface Soak {
  context: ReturnType<typeof openContext>;
  clock: VirtualClock;
  alarms: VirtualAlarms;
  rounds: Rounds;
}

async function openSoak(folder: string): Promise<Soak> {
  mkdirSync(join(folder, 'config'), { recursive: true });
  const here = 'http://127.0.0.1:1';
  const yaml = folderYaml({ x: here, bluesky: here, mastodon: here });
  writeFileSync(join(folder, 'config/dripline.yaml'), yaml);
  const config = loadConfig(folder, openEnvironment(folder, {}));
  const keep = { picturesFor: 14 * day, journalFor: 14 * day, samplesFor: 14 * day };
  const settings: Settings = { ...config, keep };
  const sqlite = openSqlite(join(folder, 'dripline.db'), { synchronous: 'NORMAL' });
  migrateSqlite(sqlite);
  const store = storeOn(sqlite);
  const clock = openVirtualClock(Date.parse('2026-11-24T00:00:00Z'));
  const ledger = openCostLedger({ store, clock, settings });
  const publishers = settings.accounts.map((account) => {
    const { billing } = traitsOf(account.network);
    const options = { account, clock, limits: limitsFor(account), billing, ledger };
    return [account.name, openForgetfulPublisher(options)] as const;
  });
  const opened = openContext({ settings, folder: emptyFolder }, { store, clock, notes: [] });
  const context = { ...opened, publishers: new Map(publishers) };
  const never = new AbortController().signal;
  const rounds = openRounds(context, { stopping: never, cutOff: never }, true);
  await meetAccounts(context);
  const { alarms } = opened;
  await alarms.start(async (alarm) => {
    if (alarm.kind !== 'rescan') await ringAlarm(rounds, alarm);
  });
  return { context, clock, alarms, rounds };
}

/** What is published on one day. */
async function takeIn({ context, rounds }: Soak, n: number): Promise<void> {
  const posts = Array.from({ length: perDay }, (_, i) => {
    const id = `d${n}-${i}`;
    const parts = [`Day ${n}, post ${i}: small amounts, steadily, for a long time.`];
    return makePost(id, { parts, hash: id, source: 'https://soak.example/feed' });
  });
  await ingestPosts(context, posts);
  await rounds.planAll();
}

/** Rings what is due, and sweeps each hour as a service does more often. */
async function playUntil({ clock, alarms, rounds }: Soak, until: Instant): Promise<void> {
  for (let sweepAt = clock.now() + hour; clock.now() < until;) {
    const next = Math.min(alarms.nextAt() ?? Infinity, sweepAt, until);
    // What is set again for this very instant rings a second later, as in a service.
    clock.moveTo(next === clock.now() ? next + 1000 : next);
    if (next === sweepAt) {
      sweepAt += hour;
      await rounds.sweep();
      await rounds.idle();
    } else if (next < until) await alarms.ringNext();
    await setImmediate();
  }
}
