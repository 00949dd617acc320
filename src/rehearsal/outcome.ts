import type { State } from '../core/delivery/delivery.ts';
import type { FollowUp } from '../core/post/post.ts';
import type { Settings } from '../core/settings.ts';
import { day, type Instant, localDate } from '../core/time.ts';
import type { Store } from '../ports/store.ts';
import type { Audience } from './rehearsal-audience.ts';
import type { Dry } from './driver.ts';

/**
 * How times are chosen: as engagement has taught, evenly within the windows, or at the same three
 * hours every day.
 */
export type PolicyName = Settings['pacing']['mode'] | 'plain';

export interface RehearsedRelease {
  delivery: string;
  post: string;
  account: string;
  at: Instant;
  /** It followed another post. */
  as?: FollowUp['as'];
  /** Its expected score, were it a middling post. */
  echo: number;
}

export interface RehearsedFollowUp {
  delivery: string;
  /** The delivery that it follows. */
  of: string;
  account: string;
  /** When its rule held. */
  at: Instant;
  why: string;
}

/** What came of one policy. */
export interface Outcome {
  /** Oldest first. */
  releases: RehearsedRelease[];
  followUps: RehearsedFollowUp[];
  /** When people answered, as far as it was seen. */
  repliedAt: Instant[];
  dryAt: Dry;
  /** What did not go out and will not by itself. */
  left: { delivery: string; state: State; reason: string }[];
}

const lost: readonly State[] = ['waiting', 'failed', 'missed', 'expired', 'skipped'];

/** `known`: what was settled before the rehearsal began. */
export async function readOutcome(
  store: Store,
  {
    audience,
    from,
    known,
    dryAt,
  }: { audience: Audience; from: Instant; known: ReadonlySet<string>; dryAt: Dry },
): Promise<Outcome> {
  const [released, entries, others] = await Promise.all([
    store.listDeliveries({ states: ['released'], startedSince: from, order: '-startedAt' }),
    store.listJournal({ since: from, types: ['followed', 'reply'] }),
    store.listDeliveries({ states: lost }),
  ]);
  const releases = released
    .filter(({ id }) => !known.has(id))
    .map(({ id, post, account, startedAt = from, terms }): RehearsedRelease => {
      const as = terms.followUp?.as;
      return {
        delivery: id,
        post,
        account,
        at: startedAt,
        ...(as ? { as } : {}),
        echo: audience.expectedOf(id) ?? 0,
      };
    })
    .sort((a, b) => a.at - b.at || (a.delivery < b.delivery ? -1 : 1));
  const followUps = entries.flatMap(
    ({ type, at, delivery: of = '', account = '', data }): RehearsedFollowUp[] => {
      const decided = type === 'followed' && data && !('why' in data) ? data : undefined;
      const { delivery, text: why = '' } = decided ?? {};
      return delivery === undefined ? [] : [{ delivery, of, account, at, why }];
    },
  );
  return {
    releases,
    followUps,
    repliedAt: entries.flatMap(({ type, at }) => (type === 'reply' ? [at] : [])),
    dryAt,
    // What waits for another post, or for its day, needs nobody.
    left: others
      .filter(
        ({ id, state, terms }) =>
          !known.has(id) &&
          !(state === 'waiting' && (terms.after || terms.notBefore !== undefined)),
      )
      .map(({ id, state, reason = '' }) => ({ delivery: id, state, reason })),
  };
}

export interface RehearsedWeek {
  from: Instant;
  releases: number;
  followUps: number;
  replies: number;
  /** Expected echo of what goes out in it. */
  echo: Partial<Record<PolicyName, number>>;
}

const weekFor = 7 * day;

/** By weeks from the beginning; releases, follow-ups and replies are those of the first outcome. */
export function toWeeks(
  outcomes: ReadonlyMap<PolicyName, Pick<Outcome, 'releases'>>,
  own: Outcome,
  { from, weeks }: { from: Instant; weeks: number },
): RehearsedWeek[] {
  return Array.from({ length: weeks }, (_, i): RehearsedWeek => {
    const isIn = (at: Instant) => Math.floor((at - from) / weekFor) === i;
    const echo = [...outcomes].map(([name, { releases }]) => [
      name,
      sumEcho(releases.filter(({ at }) => isIn(at))),
    ]);
    return {
      from: from + i * weekFor,
      releases: own.releases.filter(({ at }) => isIn(at)).length,
      followUps: own.releases.filter(({ at, as }) => as !== undefined && isIn(at)).length,
      replies: own.repliedAt.filter(isIn).length,
      echo: Object.fromEntries(echo) as RehearsedWeek['echo'],
    };
  });
}

export const sumEcho = (releases: readonly RehearsedRelease[]): number =>
  releases.reduce((sum, { echo }) => sum + echo, 0);

/** The releases of one account, by its local date. */
export const byDate = (
  releases: readonly RehearsedRelease[],
  zone: string,
): Map<string, RehearsedRelease[]> => Map.groupBy(releases, ({ at }) => localDate(at, zone));
