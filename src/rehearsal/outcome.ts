import type { Delivery, State } from '../core/delivery/delivery.ts';
import type { JournalEntry } from '../core/journal.ts';
import { pickDefined } from '../core/pick-defined.ts';
import type { FollowUp } from '../core/post/post.ts';
import type { Settings } from '../core/settings.ts';
import { day, type Instant, localDate } from '../core/time.ts';
import type { Store } from '../ports/store.ts';
import type { Audience } from './audience/rehearsal-audience.ts';
import type { Dry } from './driver.ts';

/** How times are chosen: learned from engagement, evenly within the windows, or at fixed hours. */
export type PolicyName = Settings['pacing']['mode'] | 'plain';

export interface RehearsedRelease {
  delivery: string;
  post: string;
  account: string;
  at: Instant;
  /** For a follow-up. */
  as?: FollowUp['as'];
  /** Its expected score, if the post were of average quality. */
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

/** The result of one policy. */
export interface Outcome {
  /** Oldest first. */
  releases: RehearsedRelease[];
  followUps: RehearsedFollowUp[];
  /** Instants of replies. */
  repliedAt: Instant[];
  dryAt: Dry;
  /** What was not released, and needs a person. */
  left: { delivery: string; state: State; reason: string }[];
}

const lost: readonly State[] = ['waiting', 'failed', 'missed', 'expired', 'skipped'];

interface Played {
  audience: Audience;
  from: Instant;
  /** Deliveries that were settled before the rehearsal began. */
  known: ReadonlySet<string>;
  dryAt: Dry;
}

export async function readOutcome(store: Store, played: Played): Promise<Outcome> {
  const { from, known, dryAt } = played;
  const [released, entries, others] = await Promise.all([
    store.listDeliveries({ states: ['released'], startedSince: from, order: '-startedAt' }),
    store.listJournal({ since: from, types: ['followed', 'reply'] }),
    store.listDeliveries({ states: lost }),
  ]);
  return {
    releases: released
      .filter(({ id }) => !known.has(id))
      .map((one) => toRelease(one, played))
      .sort((a, b) => a.at - b.at || (a.delivery < b.delivery ? -1 : 1)),
    followUps: entries.flatMap(toFollowUp),
    repliedAt: entries.flatMap(({ type, at }) => (type === 'reply' ? [at] : [])),
    dryAt,
    left: others
      .filter((one) => !known.has(one.id) && !isPatient(one))
      .map(({ id, state, reason = '' }) => ({ delivery: id, state, reason })),
  };
}

const toRelease = (
  { id, post, account, startedAt, terms }: Delivery,
  { audience, from }: Played,
): RehearsedRelease =>
  pickDefined({
    delivery: id,
    post,
    account,
    at: startedAt ?? from,
    as: terms.followUp?.as,
    echo: audience.expectedOf(id) ?? 0,
  });

function toFollowUp(entry: JournalEntry): RehearsedFollowUp[] {
  if (entry.type !== 'followed' || !entry.data || 'why' in entry.data) return [];
  const { delivery, text: why } = entry.data;
  const { at, delivery: of = '', account = '' } = entry;
  return delivery === undefined ? [] : [{ delivery, of, account, at, why }];
}

/** It waits for another post or for its day, and needs no one. */
const isPatient = ({ state, terms }: Delivery): boolean =>
  state === 'waiting' && (terms.after !== undefined || terms.notBefore !== undefined);

export interface RehearsedWeek {
  from: Instant;
  releases: number;
  followUps: number;
  replies: number;
  /** Expected echo of the week's releases. */
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
