import type { Delivery, State } from '../../core/delivery/delivery.ts';
import { entryTypes, type JournalEntry } from '../../core/journal.ts';
import { pickDefined } from '../../core/pick-defined.ts';
import type { Moves } from '../../core/post/post.ts';
import { pauseOf } from '../../core/pause-state.ts';
import { day, type Instant } from '../../core/time.ts';
import { problemsFact, readAccount, readFact, readPause } from '../../flow/facts.ts';
import { findPostsOf } from '../../flow/ingest/find-post.ts';
import type { StoredPost } from '../../ports/store.ts';
import type { CommandContext } from '../command.ts';
import { readResting } from '../people/resting.ts';
import { isRunning, listServices, readConfigChange } from './service-facts.ts';
import { withUploads } from './rows.ts';
import { readAccountStatus } from './status-read.ts';
import { shorten } from '../table.ts';

// What pages show beyond the verbs' own answers. Every query has a limit: a page must load at once,
// however long the queue.

const mostTroubles = 30;
const mostNext = 8;
const mostEntries = 10;
const mostReplies = 5;
const repliesFor = 14 * day;
/**
 * Technical entries are only on the journal's page, and replies have a card of their own.
 */
const toldHere = entryTypes.filter((type) => !['intent', 'part', 'now', 'reply'].includes(type));
const troubleStates: readonly State[] = ['uncertain', 'failed', 'missed'];

/** Whether posts are published, and if not, why. */
export async function readServiceState(context: CommandContext) {
  const { store, clock, settings } = context;
  const [running, services, pauses] = await Promise.all([
    isRunning(context),
    listServices(context),
    readPause(store),
  ]);
  const now = clock.now();
  const pause = pauseOf(pauses, '', now);
  return pickDefined({
    running,
    pause,
    isFirstStart: pause !== undefined && pauses.isFirstStart === true,
    heldBecause: services.flatMap(({ heldBecause }) => heldBecause ?? []),
    configChange: services
      .map((one) => readConfigChange(one, context))
      .find((change) => change !== undefined),
    pausedAccounts: settings.accounts.flatMap(({ name }) => {
      const own = pauses.paused[name];
      return own && (own.until === undefined || own.until > now)
        ? [pickDefined({ name, until: own.until })]
        : [];
    }),
  });
}

export type ServiceState = Awaited<ReturnType<typeof readServiceState>>;

export async function readOverview(context: CommandContext) {
  const { store, clock, settings } = context;
  const [state, pauses, problems] = await Promise.all([
    readServiceState(context),
    readPause(store),
    readFact(store, problemsFact),
  ]);
  const [troubles, troubleCount, approvals, upcoming, replies, entries, accounts, resting] =
    await Promise.all([
      store.listDeliveries({ states: troubleStates, order: 'rank', limit: mostTroubles }),
      store.countDeliveries({ states: troubleStates }),
      store.listDeliveries({ states: ['waiting'], wantsApproval: true, limit: mostTroubles }),
      store.listDeliveries({ states: ['planned'], order: 'at', limit: mostNext }),
      store.listJournal({ types: ['reply'], since: clock.now() - repliesFor, limit: mostReplies }),
      store.listJournal({ types: toldHere, limit: mostEntries }),
      Promise.all(settings.accounts.map((account) => readAccountStatus(context, account, pauses))),
      readResting(context),
    ]);
  const unapproved = approvals.filter(({ terms, approvedHash }) => approvedHash !== terms.hash);
  return {
    state,
    troubles,
    troubleCount,
    approvals: unapproved,
    upcoming: await withUploads(context, upcoming),
    replies: replies.toReversed(),
    entries: entries.toReversed(),
    accounts,
    resting,
    problems: Object.values(problems)
      .flat()
      .filter(({ severity }) => severity === 'error'),
    titles: await readTitles(context, [...troubles, ...unapproved, ...upcoming]),
  };
}

export type Overview = Awaited<ReturnType<typeof readOverview>>;

export interface Titled {
  title: string;
  /** The beginning of the text; absent if the title is that already. */
  excerpt?: string;
  /** Of its file below the posts folder; absent: it has none there. */
  path?: string;
  /** Absent: it has no video and no animation. */
  moves?: Moves;
}

/** The titles of the posts of these deliveries, by the post's ID. */
export async function readTitles(
  { store }: Pick<CommandContext, 'store'>,
  deliveries: readonly Pick<Delivery, 'post'>[],
): Promise<Map<string, Titled>> {
  const ids = [...new Set(deliveries.map(({ post }) => post))];
  const found = ids.length ? await findPostsOf(store, ids) : [];
  return new Map(found.map((stored) => [stored.id, toTitled(stored)]));
}

function toTitled({ id, source, path: at, post: { title, parts, media } }: StoredPost): Titled {
  const path = source === 'folder' ? at : undefined;
  const moves = media.find((one) => one.moves)?.moves;
  const text = (parts[0] ?? '').replaceAll(/\s+/g, ' ').trim();
  if (!title) return pickDefined({ title: shorten(text, 64) || id, path, moves });
  return pickDefined({ title, path, moves, excerpt: text === '' ? undefined : shorten(text, 120) });
}

/** The handle of each account, by the account's name. */
export async function readHandles({
  store,
  settings,
}: CommandContext): Promise<Map<string, string>> {
  const facts = await Promise.all(
    settings.accounts.map(
      async ({ name }) => [name, (await readAccount(store, name)).identity?.handle] as const,
    ),
  );
  return new Map(
    facts.flatMap(([name, handle]) => (handle === undefined ? [] : [[name, handle] as const])),
  );
}

/**
 * The slots of the same account before and after a delivery's own, which it may swap with.
 */
export function neighboursOf(
  rows: readonly Delivery[],
  one: Delivery,
): { earlier?: Instant; later?: Instant } {
  const isFree = ({ pinnedAt, terms }: Delivery) =>
    pinnedAt === undefined && !(terms.pin && 'at' in terms.pin);
  const own = rows.filter(
    (other) =>
      other.account === one.account &&
      other.state === 'planned' &&
      other.at !== undefined &&
      isFree(other) &&
      other.id !== one.id,
  );
  return pickDefined({
    earlier: own.findLast(({ at = 0 }) => at < (one.at ?? 0))?.at,
    later: own.find(({ at = 0 }) => at > (one.at ?? 0))?.at,
  });
}

export interface JournalPage {
  /** Newest first. */
  entries: JournalEntry[];
  /** Where the next page begins; absent: this is the last one. */
  older?: { until: Instant; skip: number };
}

interface JournalWanted {
  type?: JournalEntry['type'];
  post?: string;
  until?: Instant;
  /** So many of the entries of exactly `until` are on the page before. */
  skip?: number;
  limit: number;
}

export async function readJournalPage(
  { store }: Pick<CommandContext, 'store'>,
  { type, post, until, skip = 0, limit }: JournalWanted,
): Promise<JournalPage> {
  const types = type === undefined ? undefined : [type];
  const found = await store.listJournal(
    pickDefined({ types, post, until, limit: limit + skip + 1 }),
  );
  const ahead = found.toReversed().slice(skip);
  const entries = ahead.slice(0, limit);
  const last = entries.at(-1);
  if (ahead.length <= limit || !last) return { entries };
  const shown = entries.filter(({ at }) => at === last.at).length;
  return { entries, older: { until: last.at, skip: shown + (last.at === until ? skip : 0) } };
}
