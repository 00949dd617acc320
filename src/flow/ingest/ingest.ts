import {
  type Delivery,
  deliveryId,
  isOpen,
  isRankedByPerson,
  keepOverruled,
  openStates,
  rankOf,
  type Terms,
  withoutSlot,
} from '../../core/delivery/delivery.ts';
import type { JournalEntry } from '../../core/journal.ts';
import type { Post } from '../../core/post/post.ts';
import { formatProblem, type Problem } from '../../core/problem.ts';
import { followUpIds } from '../../core/post/series.ts';
import type { Settings } from '../../core/settings.ts';
import type { Change, StoredPost } from '../../ports/store.ts';
import { type Context, makeDeliveryEntry, makeEntry } from '../context.ts';

type Ingesting = Pick<Context, 'store' | 'clock' | 'settings'>;

/** The accounts that a post goes to. */
export function accountsFor(post: Post, { accounts, queues }: Settings) {
  const queueAccounts = post.queue === undefined ? undefined : queues[post.queue]?.accounts;
  return accounts.filter(
    ({ name, network }) =>
      (post.networks === undefined ||
        post.networks.includes(network) ||
        post.networks.includes(name)) &&
      !post.overrides[network]?.skip &&
      (queueAccounts === undefined || queueAccounts.includes(name)),
  );
}

export function termsOf(post: Post): Terms {
  return {
    hash: post.hash,
    ...(post.pin ? { pin: post.pin } : {}),
    ...(post.notBefore === undefined ? {} : { notBefore: post.notBefore }),
    ...(post.expires === undefined ? {} : { expires: post.expires }),
    ...(post.after ? { after: post.after } : {}),
    ...(post.feedPerDay === undefined
      ? {}
      : { feed: { url: post.source, perDay: post.feedPerDay } }),
    ...(post.approval ? { approval: true } : {}),
    ...(post.campaign === undefined ? {} : { campaign: post.campaign }),
    ...(post.evergreen ? { isEvergreen: true } : {}),
    ...(post.draft ? { heldBecause: 'is a draft' } : {}),
  };
}

/**
 * Keeps the posts, makes a delivery for each account that is new to them, and brings those that are
 * not out up to date.
 */
export async function ingestPosts(context: Ingesting, posts: StoredPost[]): Promise<void> {
  if (!posts.length) return;
  const { store, clock } = context;
  const before = new Map(
    (await store.findPosts(posts.map(({ id }) => id))).map((one) => [one.id, one]),
  );
  const deliveries = await deliveriesOf(
    context,
    posts.filter(({ id }) => before.has(id)).map(({ id }) => id),
  );
  const fresh: Delivery[] = [];
  const changes: Change[] = [];
  const entries: JournalEntry[] = [];
  for (const stored of posts) {
    const own = deliveries.get(stored.id) ?? [];
    fresh.push(...newDeliveries(stored.post, own, context.settings, clock.now()));
    changes.push(...changedDeliveries(stored.post, own, context.settings));
    const known = before.get(stored.id);
    if (known?.post.followUps.length)
      await withdrawUnruled(context, known.post, stored.post, withdrawnByRule);
    const entry = tell(context, stored, known);
    if (entry) entries.push(entry);
  }
  if (fresh.length) await store.addDeliveries(fresh);
  if (changes.length) await store.changeDeliveries(changes);
  if (entries.length) await store.appendJournal(entries);
  // Last: what was interrupted before is done again, since the file still looks new.
  await store.savePosts(posts);
}

async function deliveriesOf({ store }: Ingesting, ids: string[]): Promise<Map<string, Delivery[]>> {
  const found = new Map<string, Delivery[]>();
  if (ids.length > 50) {
    const wanted = new Set(ids);
    for (const one of await store.listDeliveries({}))
      if (wanted.has(one.post)) found.set(one.post, [...(found.get(one.post) ?? []), one]);
    return found;
  }
  for (const id of ids) found.set(id, await store.listDeliveries({ post: id }));
  return found;
}

function tell(
  context: Ingesting,
  stored: StoredPost,
  before: StoredPost | undefined,
): JournalEntry | undefined {
  const about = { post: stored.id };
  if (!before)
    return makeEntry(context, 'ingested', {
      ...about,
      id: `ingested:${stored.id}`,
      text: `${stored.post.file} is in the queue as ${stored.id}`,
    });
  if (before.goneAt !== undefined)
    return makeEntry(context, 'restored', { ...about, text: `${stored.post.file} is back` });
  if (before.path !== stored.path)
    return makeEntry(context, 'renamed', {
      ...about,
      text: `${before.post.file} is now ${stored.post.file}, and still ${stored.id}`,
    });
  if (before.hash !== stored.hash)
    return makeEntry(context, 'edited', { ...about, text: `${stored.post.file} was changed` });
  return undefined;
}

function newDeliveries(post: Post, known: Delivery[], settings: Settings, now: number): Delivery[] {
  // A new account does not get posts that were settled everywhere else before it came.
  if (known.length && known.every(({ state }) => !isOpen(state) && state !== 'releasing'))
    return [];
  const has = new Set(known.map(({ account }) => account));
  return accountsFor(post, settings)
    .filter(({ name }) => !has.has(name))
    .map(({ name, network }): Delivery => ({
      id: deliveryId(post.id, name),
      post: post.id,
      run: 1,
      account: name,
      network,
      state: 'queued',
      ...(post.queue === undefined ? {} : { queue: post.queue }),
      rank: rankOf(post.weight, post.order),
      terms: termsOf(post),
      attempts: 0,
      fence: 0,
      receipts: [],
      looks: 0,
      createdAt: now,
      revision: 0,
    }));
}

export const withdrawnByFile = 'its file was deleted';
const withdrawnByNetworks = 'its front matter no longer names this account';

function changedDeliveries(post: Post, known: Delivery[], settings: Settings): Change[] {
  const names = new Set(accountsFor(post, settings).map(({ name }) => name));
  const terms = termsOf(post);
  return known.flatMap((before) => {
    const after = changedDelivery(before, post, terms, {
      isWanted: names.has(before.account),
      isConfigured: settings.accounts.some(({ name }) => name === before.account),
    });
    return after && JSON.stringify(after) !== JSON.stringify(before) ? [{ before, after }] : [];
  });
}

function changedDelivery(
  before: Delivery,
  post: Post,
  terms: Terms,
  { isWanted, isConfigured }: { isWanted: boolean; isConfigured: boolean },
): Delivery | undefined {
  const { queue: _queue, ...rest } = before;
  const isLaterRun = before.run > 1;
  const { followUp } = before.terms;
  const updated: Delivery = {
    ...rest,
    ...(post.queue === undefined ? {} : { queue: post.queue }),
    terms: editTerms(before, terms),
    rank:
      isLaterRun || followUp || isRankedByPerson(before.rank)
        ? before.rank
        : rankOf(post.weight, post.order),
  };
  if (isOpen(before.state))
    return isWanted || !isConfigured
      ? updated
      : withoutSlot(updated, 'withdrawn', withdrawnByNetworks);
  const isBack = before.state === 'withdrawn' && !before.byPerson && isWanted;
  const isMended =
    before.state === 'failed' &&
    before.isRefused === true &&
    before.receipts.length === 0 &&
    before.terms.hash !== terms.hash;
  if (!isBack && !isMended) return undefined;
  const {
    retryAt: _retryAt,
    isRefused: _refused,
    startedAt: _startedAt,
    ...again
  } = withoutSlot(updated, 'queued');
  return { ...again, attempts: 0 };
}

/**
 * A later run of an evergreen has a time of its own; what was sent as a follow-up stays one, of its
 * parent's campaign where the file names none.
 */
function editTerms({ run, terms: before }: Delivery, terms: Terms): Terms {
  const { followUp, campaign: inherited, ...rest } = before;
  const campaign = terms.campaign ?? (followUp ? inherited : undefined);
  const own = {
    ...(followUp ? { followUp } : {}),
    ...(campaign === undefined ? {} : { campaign }),
  };
  return run > 1
    ? { ...rest, hash: terms.hash, ...own }
    : { ...keepOverruled(terms, before), ...own };
}

const withdrawnByRule = 'its rule was taken out of the file';

/** Follow-ups on their way whose rule is gone from the file. */
async function withdrawUnruled(
  context: Ingesting,
  before: Post,
  after: Post | undefined,
  reason: string,
): Promise<void> {
  const kept = new Set(after ? followUpIds(after) : []);
  for (const id of followUpIds(before).filter((one) => !kept.has(one)))
    await withdrawPost(context, id, reason);
}

async function withdrawPost(context: Ingesting, id: string, reason: string): Promise<void> {
  for (const before of await context.store.listDeliveries({ post: id, states: openStates })) {
    await context.store.changeDelivery(before, withoutSlot(before, 'withdrawn', reason), [
      makeDeliveryEntry(context, 'withdrawn', before, {
        text: `${before.id} is withdrawn: ${reason}`,
      }),
    ]);
  }
}

/** Files that are gone: what is not out of them is withdrawn. */
export async function withdrawGone(context: Ingesting, gone: StoredPost[]): Promise<void> {
  const { store, clock } = context;
  for (const stored of gone) {
    await withdrawPost(context, stored.id, withdrawnByFile);
    await withdrawUnruled(context, stored.post, undefined, withdrawnByFile);
  }
  await store.savePosts(gone.map((stored) => ({ ...stored, goneAt: clock.now() })));
}

/**
 * Posts whose file cannot be read, or that vanished with many others: they stay where they are
 * until that is mended.
 */
export async function holdPosts(
  context: Ingesting,
  ids: string[],
  because: string | undefined,
): Promise<void> {
  const changes: Change[] = [];
  const following = (await context.store.findPosts(ids)).flatMap(({ post }) => followUpIds(post));
  for (const [, deliveries] of await deliveriesOf(context, [...ids, ...following])) {
    for (const before of deliveries) {
      if (!isOpen(before.state) || before.terms.heldBecause === because) continue;
      const { heldBecause: _held, ...terms } = before.terms;
      changes.push({
        before,
        after: {
          ...before,
          terms: because === undefined ? terms : { ...terms, heldBecause: because },
        },
      });
    }
  }
  if (changes.length) await context.store.changeDeliveries(changes);
}

/** Each problem is told once, until it changes. */
export async function tellProblems(
  context: Ingesting,
  path: string,
  problems: Problem[],
): Promise<void> {
  const errors = problems.filter(({ severity }) => severity === 'error');
  await context.store.appendJournal(
    errors.map((problem) =>
      makeEntry(context, 'problem', {
        id: `problem:${path}:${formatProblem(problem)}`.slice(0, 400),
        text: formatProblem(problem),
      }),
    ),
  );
}
