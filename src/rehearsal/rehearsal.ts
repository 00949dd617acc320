import { defaultCadence } from '../core/schedule/cadence.ts';
import type { Delivery } from '../core/delivery/delivery.ts';
import { type Sample, scoreOf } from '../core/engagement.ts';
import { shareByAge } from '../core/pacing/age-curve.ts';
import type { AudiencePlace } from '../core/pacing/prior.ts';
import type { Settings } from '../core/settings.ts';
import { day, hour, type Instant, offsetOf } from '../core/time.ts';
import { type Context, defaultTiming } from '../flow/context.ts';
import { type AccountFact, readFact, accountKey } from '../flow/facts.ts';
import { type PeopleFact, peopleFact } from '../flow/measure/find-replies.ts';
import { rescan, problemsFact } from '../flow/ingest/scan.ts';
import { meetAccounts } from '../flow/service.ts';
import { openCostLedger } from '../flow/spend/spend.ts';
import type { FolderSource } from '../ports/source.ts';
import type { Store } from '../ports/store.ts';
import { defaultPeople } from '../sandbox/world/network-rows.ts';
import { openAudience } from './rehearsal-audience.ts';
import { openBareImages } from './virtual/bare-images.ts';
import { createCrowd, type Crowd } from './crowd.ts';
import { play } from './driver.ts';
import { type Earlier, openLocalPublisher } from './virtual/local-publisher.ts';
import {
  type Outcome,
  type PolicyName,
  readOutcome,
  type RehearsedFollowUp,
  type RehearsedRelease,
  type RehearsedWeek,
  sumEcho,
  toWeeks,
} from './outcome.ts';
import { toPlain } from './plain.ts';
import { fillStore, readSnapshot, resumeAll, type Snapshot } from './snapshot.ts';
import { openVirtualAlarms } from './virtual/virtual-alarms.ts';
import { openVirtualClock, type VirtualClock } from './virtual/virtual-clock.ts';

export interface RehearsalInput {
  settings: Settings;
  folder: FolderSource;
  /** Only read; absent: there is none yet. */
  own: Store | undefined;
  /** An empty store in memory. */
  openStore: () => Store;
  now: Instant;
  weeks: number;
  /** Another seed is another audience of the same make. */
  seed: number;
  /** How far it is, from 0 to 1. */
  onProgress?: (share: number) => Promise<void>;
}

export interface PolicyOutcome {
  name: PolicyName;
  releases: number;
  followUps: number;
  /** Expected score of all that goes out, were all of it middling posts. */
  echo: number;
  /**
   * The same until the first account of any policy runs dry: from then on it is the length of the
   * queue that is compared.
   */
  echoWhileFull: number;
  /**
   * By account: its last release before nothing was left to go out; absent: it never came to that.
   */
  dryAt: Record<string, Instant>;
}

export interface Rehearsal {
  from: Instant;
  until: Instant;
  seed: number;
  zone: string;
  /** As configured: the first of the policies is what would happen. */
  accounts: string[];
  /** Oldest first. */
  releases: RehearsedRelease[];
  followUps: RehearsedFollowUp[];
  weeks: RehearsedWeek[];
  policies: PolicyOutcome[];
  /** Until when `echoWhileFull` counts. */
  fullUntil: Instant;
  /** Of the policy that is configured. */
  dryAt: Record<string, Instant>;
  left: Outcome['left'];
  /** What was taken otherwise than it is, in sentences. */
  notes: string[];
}

/**
 * Plays the queue through networks and an audience in this process, in virtual time. The same input
 * gives the same rehearsal, and nothing outside is changed.
 */
export async function rehearseQueue(input: RehearsalInput): Promise<Rehearsal> {
  const { now, weeks, seed, onProgress = async () => undefined } = input;
  const { settings, notes } = toPlayable(input.settings);
  if (!input.own && !input.settings.isSandbox)
    notes.push('There is no store yet: played from the posts folder alone.');
  const start = await prepare({ ...input, settings }, notes);
  const crowds = createCrowds(settings, start, { seed, now });
  const until = now + weeks * 7 * day;
  const modes =
    settings.pacing.mode === 'steady'
      ? (['steady', 'adaptive'] as const)
      : (['adaptive', 'steady'] as const);
  const outcomes = new Map<PolicyName, Outcome>();
  for (const [i, mode] of modes.entries()) {
    const tell = (at: Instant) => onProgress((i + (at - now) / (until - now)) / modes.length);
    outcomes.set(
      mode,
      await playMode(
        { ...input, settings: { ...settings, pacing: { ...settings.pacing, mode } } },
        { start, crowds, until, tell, notes },
      ),
    );
  }
  const own = outcomes.get(modes[0]) ?? nothing;
  const steady = outcomes.get('steady') ?? nothing;
  outcomes.set('plain', { ...steady, releases: playPlain(crowds, steady, start.earlier) });
  const fullUntil = Math.min(
    until,
    ...[...outcomes.values()].flatMap(({ dryAt }) => [...dryAt.values()]),
  );
  return {
    from: now,
    until,
    seed,
    zone: settings.zone,
    accounts: settings.accounts.map(({ name }) => name),
    releases: own.releases,
    followUps: own.followUps,
    weeks: toWeeks(outcomes, own, { from: now, weeks }),
    policies: [...outcomes].map(([name, outcome]) => toPolicy(name, outcome, fullUntil)),
    fullUntil,
    dryAt: Object.fromEntries(own.dryAt),
    left: own.left,
    notes,
  };
}

const toPolicy = (
  name: PolicyName,
  { releases, dryAt }: Outcome,
  fullUntil: Instant,
): PolicyOutcome => ({
  name,
  releases: releases.length,
  followUps: releases.filter(({ as }) => as !== undefined).length,
  echo: sumEcho(releases),
  echoWhileFull: sumEcho(releases.filter(({ at }) => at <= fullUntil)),
  dryAt: Object.fromEntries(dryAt),
});

const nothing: Outcome = { releases: [], followUps: [], repliedAt: [], dryAt: new Map(), left: [] };

/**
 * A release every few seconds has no hours to choose from: the sandbox's accounts are played with a
 * cadence that people have.
 */
function toPlayable(settings: Settings): { settings: Settings; notes: string[] } {
  if (!settings.isSandbox) return { settings, notes: [] };
  const cadence = {
    ...defaultCadence,
    zone: settings.zone,
    perDay: { min: 1, max: 2 },
    windows: [{ from: 8 * 60, to: 20 * 60 }],
  };
  return {
    settings: {
      ...settings,
      isSandbox: false,
      pacing: { ...settings.pacing, mode: 'adaptive' },
      cadences: Object.fromEntries(settings.accounts.map(({ name }) => [name, cadence])),
    },
    notes: [
      'The sandbox releases every few seconds: its sample posts are played from the start with 1-2 a day, 08:00-20:00, adaptive.',
    ],
  };
}

interface Start extends Snapshot {
  /** Releases of the last weeks, by account, oldest first. */
  earlier: Map<string, Earlier[]>;
}

/**
 * The store as a service would have it after its start: its own posts and history, and the folder
 * as it is now.
 */
async function prepare(input: RehearsalInput, notes: string[]): Promise<Start> {
  const { own, openStore, now, settings } = input;
  await using store = openStore();
  if (own) {
    const snapshot = await readSnapshot(own, now);
    const resumed = resumeAll(snapshot.facts, now);
    notes.push(...resumed.notes);
    await fillStore(store, { ...snapshot, facts: resumed.facts });
  }
  const context = openContext(input, { store, clock: openVirtualClock(now), notes });
  await meetAccounts(context);
  await rescan(context);
  const snapshot = await readSnapshot(store, now);
  const problems = await readFact(store, problemsFact);
  const broken = Object.values(problems).filter((some) =>
    some.some(({ severity }) => severity === 'error'),
  ).length;
  if (broken)
    notes.push(
      `${broken} ${broken === 1 ? 'file' : 'files'} of the posts folder cannot be used: \`dripline check\` says why.`,
    );
  return { ...snapshot, earlier: findEarlier(snapshot, settings, now) };
}

/** What went out longer ago has its numbers, and tires nobody. */
const earlierFor = 30 * day;

function findEarlier(
  { deliveries, samples }: Snapshot,
  { accounts }: Settings,
  now: Instant,
): Start['earlier'] {
  const newest = new Map(samples.map((sample) => [sample.delivery, sample.counts]));
  const isEarlier = ({ state, startedAt = 0, goneAt, measureAt }: Delivery) =>
    state === 'released' &&
    goneAt === undefined &&
    (startedAt > now - earlierFor || measureAt !== undefined);
  return new Map(
    accounts.map(({ name }) => [
      name,
      deliveries
        .filter((one) => one.account === name && isEarlier(one))
        .map(({ id, post, receipts, terms, startedAt = 0 }): Earlier => {
          return {
            delivery: id,
            post,
            at: startedAt,
            receipts,
            counts: newest.get(id) ?? {},
            isRepost: terms.followUp?.as === 'repost',
          };
        })
        .sort((a, b) => a.at - b.at),
    ]),
  );
}

function createCrowds(
  settings: Settings,
  { facts, samples }: Snapshot,
  { seed, now }: { seed: number; now: Instant },
): Crowd[] {
  return settings.accounts.map(({ name, network }) => {
    const zone = settings.cadences[name]?.zone ?? settings.zone;
    const people = facts.find(({ key }) => key === peopleFact(name).key)?.value as
      | PeopleFact
      | undefined;
    const followers =
      people?.followers.at(-1)?.count ??
      defaultPeople.find((one) => one.network === network)?.followers ??
      500;
    return createCrowd({
      seed,
      account: name,
      network,
      zone,
      place: placeOf(settings, zone, now),
      followers,
      level: levelOf(samples, name, now),
    });
  });
}

function placeOf({ pacing: { audience } }: Settings, zone: string, now: Instant): AudiencePlace {
  if (audience === 'mostly-here' || audience === 'worldwide') return audience;
  return (offsetOf(now, audience) - offsetOf(now, zone)) / hour;
}

const fewestPosts = 10;

/**
 * What the account's posts of the last weeks came to on average; a few that went far beyond the
 * others do not make it.
 */
function levelOf(samples: readonly Sample[], account: string, now: Instant): number | undefined {
  const newest = new Map(
    samples
      .filter(
        (one) =>
          one.account === account &&
          one.releasedAt > now - 8 * 7 * day &&
          one.at - one.releasedAt >= day,
      )
      .map((one) => [one.delivery, one]),
  );
  const scores = [...newest.values()]
    .map(
      ({ counts, network, at, releasedAt }) =>
        scoreOf(counts) / shareByAge(network, at - releasedAt),
    )
    .sort((a, b) => a - b);
  if (scores.length < fewestPosts) return undefined;
  const most = 5 * Math.max(1, scores[Math.floor(scores.length / 2)] ?? 1);
  return scores.reduce((sum, score) => sum + Math.min(score, most), 0) / scores.length;
}

interface Stage {
  start: Start;
  crowds: readonly Crowd[];
  until: Instant;
  tell: (at: Instant) => Promise<void>;
  notes: string[];
}

async function playMode(
  input: RehearsalInput,
  { start, crowds, until, tell, notes }: Stage,
): Promise<Outcome> {
  const { settings, openStore, now, seed } = input;
  await using store = openStore();
  await fillStore(store, start);
  const clock = openVirtualClock(now);
  const audience = openAudience(seed, crowds);
  const context = openContext(input, { store, clock, notes });
  const ledger = openCostLedger({ store, clock, settings });
  const publishers = new Map(
    settings.accounts.map((account) => {
      const earlier = start.earlier.get(account.name) ?? [];
      for (const one of earlier) audience.hear(account.name, one);
      const { identity, limits } = (start.facts.find(({ key }) => key === accountKey(account.name))
        ?.value ?? {}) as Partial<AccountFact>;
      return [
        account.name,
        openLocalPublisher({ account, clock, audience, earlier, ledger, identity, limits }),
      ];
    }),
  );
  const dryAt = await play({
    context: { ...context, publishers },
    clock,
    alarms: context.alarms,
    until,
    onDay: tell,
  });
  const known = new Set(
    start.deliveries
      .filter(({ state }) => !['waiting', 'queued', 'planned'].includes(state))
      .map(({ id }) => id),
  );
  return readOutcome(store, { audience, from: now, known, dryAt });
}

/**
 * Nobody waits for an answer here, and nobody looks: numbers and replies are asked for less often.
 * Follow-ups have looks of their own.
 */
const timing = {
  ...defaultTiming,
  repliesEvery: 12 * hour,
  measureAges: [hour, 4 * hour, day, 2 * day, 7 * day],
};

function openContext(
  { settings, folder }: RehearsalInput,
  { store, clock, notes }: { store: Store; clock: VirtualClock; notes: string[] },
) {
  const warn = (text: string) => void (notes.includes(text) || notes.push(text));
  return {
    store,
    clock,
    alarms: openVirtualAlarms(),
    images: openBareImages(),
    publishers: new Map(),
    folder,
    feeds: [],
    settings,
    timing,
    worker: 'rehearsal',
    hold: {},
    met: new Set(settings.accounts.map(({ name }) => name)),
    unsent: new Map(),
    log: { info: () => undefined, warn },
  } satisfies Context;
}

function playPlain(
  crowds: readonly Crowd[],
  { releases }: Outcome,
  earlier: Start['earlier'],
): RehearsedRelease[] {
  return crowds.flatMap((crowd) => {
    const before = (earlier.get(crowd.account) ?? []).map(({ at }) => at);
    return toPlain(
      crowd,
      releases.filter(({ account }) => account === crowd.account),
      before,
    );
  });
}
