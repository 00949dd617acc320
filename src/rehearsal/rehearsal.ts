import { day, type Instant } from '../core/time.ts';
import { createCrowds } from './audience/create-crowds.ts';
import type { Crowd } from './audience/crowd.ts';
import {
  type Outcome,
  type PolicyName,
  type RehearsedFollowUp,
  type RehearsedRelease,
  type RehearsedWeek,
  sumEcho,
  toWeeks,
} from './outcome.ts';
import { toPlain } from './plain.ts';
import { playMode, type Stage } from './play-mode.ts';
import { prepareStart, type Start, type StartInput } from './rehearsal-start.ts';

export interface RehearsalInput extends StartInput {
  weeks: number;
  /** Another seed is another audience of the same make. */
  seed: number;
  /** The progress, from 0 to 1. */
  onProgress?: (share: number) => Promise<void>;
}

export interface PolicyOutcome {
  name: PolicyName;
  releases: number;
  followUps: number;
  /** Expected score of all releases, if all posts were of average quality. */
  echo: number;
  /**
   * The same until the first account of any policy has an empty queue: after that, the comparison
   * would only be of the length of the queue.
   */
  echoWhileFull: number;
  /** By account: its last release before the queue was empty; absent: it never was. */
  dryAt: Record<string, Instant>;
}

export interface Rehearsal {
  from: Instant;
  until: Instant;
  seed: number;
  zone: string;
  accounts: string[];
  /** Oldest first. */
  releases: RehearsedRelease[];
  followUps: RehearsedFollowUp[];
  weeks: RehearsedWeek[];
  /** The configured policy first. */
  policies: PolicyOutcome[];
  /** Until when `echoWhileFull` counts. */
  fullUntil: Instant;
  /** Of the policy that is configured. */
  dryAt: Record<string, Instant>;
  left: Outcome['left'];
  /** Where the rehearsal differs from reality, in sentences. */
  notes: string[];
}

/**
 * Plays the queue through networks and an audience in this process, in virtual time. The same input
 * gives the same rehearsal, and nothing outside is changed.
 */
export async function rehearseQueue(given: RehearsalInput): Promise<Rehearsal> {
  const { now, weeks, seed } = given;
  const notes: string[] = [];
  const input = { ...given, settings: { ...given.settings, isSandbox: false } };
  const { settings } = input;
  if (!input.own) notes.push('There is no store yet: only the posts folder is played.');
  const start = await prepareStart(input, notes);
  const crowds = createCrowds(settings, start, { seed, now });
  const until = now + weeks * 7 * day;
  const outcomes = await playModes(input, { start, crowds, seed, until, notes });
  const own = outcomes.get(settings.pacing.mode) ?? nothing;
  const steady = outcomes.get('steady') ?? nothing;
  outcomes.set('plain', { ...steady, releases: playPlain(crowds, steady, start.earlier) });
  const allDryAt = [...outcomes.values()].flatMap(({ dryAt }) => [...dryAt.values()]);
  const fullUntil = Math.min(until, ...allDryAt);
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

/** Adaptive and steady, the configured one first. */
async function playModes(
  input: RehearsalInput,
  stage: Omit<Stage, 'tell'>,
): Promise<Map<PolicyName, Outcome>> {
  const { settings, now, onProgress = async () => undefined } = input;
  const { until } = stage;
  const own = settings.pacing.mode;
  const modes = [own, own === 'steady' ? 'adaptive' : 'steady'] as const;
  const outcomes = new Map<PolicyName, Outcome>();
  for (const [i, mode] of modes.entries()) {
    const tell = (at: Instant) => onProgress((i + (at - now) / (until - now)) / modes.length);
    const pacing = { ...settings.pacing, mode };
    const played = { ...input, settings: { ...settings, pacing } };
    outcomes.set(mode, await playMode(played, { ...stage, tell }));
  }
  return outcomes;
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

function playPlain(
  crowds: readonly Crowd[],
  { releases }: Outcome,
  earlier: Start['earlier'],
): RehearsedRelease[] {
  return crowds.flatMap((crowd) => {
    const mine = releases.filter(({ account }) => account === crowd.account);
    const before = (earlier.get(crowd.account) ?? []).map(({ at }) => at);
    return toPlain(crowd, mine, before);
  });
}
