import { type Sample, scoreOf } from '../../core/engagement.ts';
import { shareByAge } from '../../core/pacing/age-curve.ts';
import type { AudiencePlace } from '../../core/pacing/prior.ts';
import type { Settings } from '../../core/settings.ts';
import { day, hour, type Instant, offsetOf } from '../../core/time.ts';
import { type PeopleFact, peopleFact } from '../../flow/measure/find-replies.ts';
import { defaultPeople } from '../../sandbox/world/network-rows.ts';
import type { Snapshot } from '../snapshot.ts';
import { createCrowd, type Crowd } from './crowd.ts';

/** A crowd for each account, as large and as lively as its own numbers show. */
export function createCrowds(
  settings: Settings,
  { facts, samples }: Snapshot,
  { seed, now }: { seed: number; now: Instant },
): Crowd[] {
  return settings.accounts.map(({ name, network }) => {
    const zone = settings.cadences[name]?.zone ?? settings.zone;
    const people = facts.find(({ key }) => key === peopleFact(name).key)?.value as
      | PeopleFact
      | undefined;
    const usual = defaultPeople.find((one) => one.network === network)?.followers ?? 500;
    return createCrowd({
      seed,
      account: name,
      network,
      zone,
      place: placeOf(settings, zone, now),
      followers: people?.followers.at(-1)?.count ?? usual,
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
